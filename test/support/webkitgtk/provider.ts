/** Browser provider of vitest for WebKitGTK. It has neither locators nor screenshots. Its pages share one window. */
import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProvider, BrowserProviderOption } from 'vitest/node';
import type { WebKitGtk } from '../engines.mjs';
import { startWebKitGtk } from './start.ts';

class WebKitGtkProvider implements BrowserProvider {
  readonly name = 'webkitgtk';
  readonly supportsParallelism = false;
  readonly #programs: WebKitGtk;
  #starting: ReturnType<typeof startWebKitGtk> | null = null;

  constructor(programs: WebKitGtk) {
    this.#programs = programs;
  }

  getCommandsContext(): Record<string, unknown> {
    return {};
  }

  async openPage(_session: string, url: string): Promise<void> {
    const { driver } = await (this.#starting ??= startWebKitGtk(this.#programs));
    await driver.open(url);
  }

  async close(): Promise<void> {
    // A failed start has already been reported by the call that opens a page.
    const started = await this.#starting?.catch(() => null);
    await started?.close();
  }
}

/** The provider. Its only browser uses vitest's name `webkit`. */
export function webKitGtkProvider(programs: WebKitGtk): BrowserProviderOption {
  return defineBrowserProvider({
    name: 'webkitgtk',
    supportedBrowser: ['webkit'],
    providerFactory: () => new WebKitGtkProvider(programs),
  });
}

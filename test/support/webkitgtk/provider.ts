/** Tells vitest how to open a page in WebKitGTK. It has neither locators nor screenshots; pages share one window. */
import process from 'node:process';
import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProvider, BrowserProviderOption } from 'vitest/node';
import type { WebKitGtk } from '../engines.mjs';
import { Driver } from './driver.ts';
import type { Screen } from './screen.ts';
import { openScreen } from './screen.ts';

/** Off by default there. */
const FEATURES = '--features=+MediaStreamTrackProcessing';

const ENVIRONMENT = {
  // Without it there is no SharedArrayBuffer, isolated or not.
  JSC_useSharedArrayBuffer: '1',
  // No GPU is wanted, nor a Wayland session that may be there.
  WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  LIBGL_ALWAYS_SOFTWARE: '1',
  GDK_BACKEND: 'x11',
};

class WebKitGtkProvider implements BrowserProvider {
  readonly name = 'webkitgtk';
  readonly supportsParallelism = false;
  readonly #programs: WebKitGtk;
  #starting: Promise<Driver> | null = null;
  #screen: Screen | null = null;
  #driver: Driver | null = null;

  constructor(programs: WebKitGtk) {
    this.#programs = programs;
    // Whatever ends this process ends those that it started.
    process.once('exit', this.#killAll);
  }

  getCommandsContext(): Record<string, unknown> {
    return {};
  }

  async openPage(_session: string, url: string): Promise<void> {
    const driver = await (this.#starting ??= this.#start());
    await driver.open(url);
  }

  async close(): Promise<void> {
    process.removeListener('exit', this.#killAll);
    try {
      await this.#driver?.close();
    } finally {
      this.#screen?.process.kill();
    }
  }

  readonly #killAll = (): void => {
    this.#driver?.kill();
    this.#screen?.process.kill();
  };

  async #start(): Promise<Driver> {
    const { driver, browser, screen } = this.#programs;
    const environment: NodeJS.ProcessEnv = { ...process.env, ...ENVIRONMENT };
    if (screen !== null) {
      this.#screen = await openScreen(screen);
      environment['DISPLAY'] = this.#screen.display;
    }
    this.#driver = await Driver.start({ driver, browser, browserArguments: [FEATURES], environment });
    return this.#driver;
  }
}

/** The provider. Its one browser goes by vitest's name `webkit`. */
export function webKitGtkProvider(programs: WebKitGtk): BrowserProviderOption {
  return defineBrowserProvider({
    name: 'webkitgtk',
    supportedBrowser: ['webkit'],
    providerFactory: () => new WebKitGtkProvider(programs),
  });
}

/** Starts an engine to drive a page in, with what all of them can be asked alike. */
import { firefox } from 'playwright';
import type { EngineName } from '../support/engine-facts.mjs';
import { firefoxOptions, webKitGtk } from '../support/engines.mjs';
import { startWebKitGtk } from '../support/webkitgtk/start.ts';
import { launch } from '../demo/page.ts';

/** An engine with one page. */
export interface Driven {
  /** Shows the page of an address, from the beginning. */
  open(url: string): Promise<void>;
  /** Runs a function in the page. What it is given and returns is made of what JSON can say. */
  run<P extends readonly unknown[], T>(deed: (...parameters: P) => T, ...parameters: P): Promise<T>;
  /** Clicks as a mouse does. */
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts it. */
export function drive(engine: EngineName): Promise<Driven> {
  return engine === 'webkitgtk' ? driveWebKitGtk() : drivePlaywright(engine);
}

async function drivePlaywright(engine: 'chromium' | 'firefox'): Promise<Driven> {
  const browser = await (engine === 'chromium' ? launch() : firefox.launch(firefoxOptions()));
  const page = await browser.newPage();
  return {
    open: async (url) => void (await page.goto(url)),
    run: (deed, ...parameters) => page.evaluate(`(${String(deed)})(...${JSON.stringify(parameters)})`),
    click: (selector) => page.click(selector),
    close: () => browser.close(),
  };
}

async function driveWebKitGtk(): Promise<Driven> {
  const programs = webKitGtk();
  if (programs === undefined) throw new Error('there is no WebKitGTK');
  const { driver, close } = await startWebKitGtk(programs);
  return {
    open: (url) => driver.open(url),
    // The page gives back what the function returns.
    run: <P extends readonly unknown[], T>(deed: (...parameters: P) => T, ...parameters: P) =>
      driver.run(`return (${String(deed)})(...arguments)`, parameters) as Promise<T>,
    click: (selector) => driver.click(selector),
    close,
  };
}

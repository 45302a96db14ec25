/** Start of WebKitGTK for tests: with a screen, and with features that are off by default. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import process from 'node:process';
import type { Readable } from 'node:stream';
import type { WebKitGtk } from '../engines.mjs';
import { Driver } from './driver.ts';

/** Off by default in WebKitGTK. */
const FEATURES = '--features=+MediaStreamTrackProcessing';

const ENVIRONMENT = {
  // Without it there is no SharedArrayBuffer, even with cross-origin isolation.
  JSC_useSharedArrayBuffer: '1',
  // Disables the GPU, and a Wayland session if there is one.
  WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  LIBGL_ALWAYS_SOFTWARE: '1',
  GDK_BACKEND: 'x11',
};

/** Starts the browser. Every end of this process ends the started processes. `close()` ends browser, driver and screen. */
export async function startWebKitGtk({ driver, browser, screen }: WebKitGtk) {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...ENVIRONMENT };
  const killers: (() => unknown)[] = [];
  const killAll = (): void => {
    for (const kill of killers) kill();
  };
  process.once('exit', killAll);
  const end = (): void => {
    process.removeListener('exit', killAll);
    killAll();
  };
  try {
    if (screen !== null) {
      const shown = await openScreen(screen);
      killers.push(() => shown.process.kill());
      environment['DISPLAY'] = shown.display;
    }
    const started = await Driver.start(driver, browser, [FEATURES], environment);
    // Ends before the screen, because the browser would report errors without a screen.
    killers.unshift(() => started.kill());
    return { driver: started, close: () => started.close().finally(end) };
  } catch (error) {
    end();
    throw error;
  }
}

/**
 * Starts Xvfb, a screen in memory, on the first free number. The browser has no other headless mode.
 *
 * @returns Its process, and its name for the environment variable DISPLAY.
 */
async function openScreen(program: string): Promise<{ display: string; process: ChildProcess }> {
  const options = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const xvfb = spawn(program, options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  // The fourth entry of `stdio` is a readable pipe.
  const numbers = xvfb.stdio[3] as Readable;
  numbers.setEncoding('utf8');
  const number = await new Promise<string>((resolve, reject) => {
    let text = '';
    xvfb.once('error', reject);
    xvfb.once('exit', (code) => reject(new Error(`${program} ended with ${code} before it had a screen`)));
    numbers.on('data', (piece: string) => {
      text += piece;
      if (text.includes('\n')) resolve(text.trim());
    });
  });
  return { display: `:${number}`, process: xvfb };
}

/** WebKitGTK, started with what it needs to be tested: a screen, and what is off by default there. */
import process from 'node:process';
import type { WebKitGtk } from '../engines.mjs';
import { Driver } from './driver.ts';
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

/** One that runs. */
export interface StartedWebKitGtk {
  readonly driver: Driver;
  /** Ends browser, driver and screen. */
  close(): Promise<void>;
}

/** Starts it. Whatever ends this process ends what was started. */
export async function startWebKitGtk({ driver, browser, screen }: WebKitGtk): Promise<StartedWebKitGtk> {
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
    const started = await Driver.start({ driver, browser, browserArguments: [FEATURES], environment });
    // Before the screen, without which the browser would complain.
    killers.unshift(() => started.kill());
    return { driver: started, close: () => started.close().finally(end) };
  } catch (error) {
    end();
    throw error;
  }
}

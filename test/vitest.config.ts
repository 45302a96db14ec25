/**
 * What `npm test` runs: Node with fakes, a real browser, and apps of the package and the built demo driven from outside. What
 * holds in all engines has a configuration of its own, in `test/engines`.
 */
import { defineConfig } from 'vitest/config';
import { faultyServer } from './support/faulty-server.ts';
import { hostileSettings } from './support/hostile/settings.mjs';
import { chromium, inBrowser } from './support/in-browser.ts';
import { probeCommands } from './support/probe-commands.ts';
import { realClips } from './support/real-clips.mjs';
import { chosenSample } from './support/suite.mjs';

const clips = realClips();

declare module 'vitest' {
  interface ProvidedContext {
    /** Real clips beside the project; none where there are none, and then their tests are not among the suites. */
    realClips: typeof clips;
  }
}

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default', './test/support/closing-line.mjs'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['./test/support/fake-platform.ts'],
          execArgv: ['--expose-gc'],
        },
      },
      {
        ...inBrowser,
        plugins: [faultyServer()],
        test: {
          ...inBrowser.test,
          name: 'browser',
          include: ['test/browser/**/*.test.ts', ...(clips.length > 0 ? ['test/real/**/*.test.ts'] : [])],
          provide: { realClips: clips, hostile: hostileSettings(), sample: chosenSample() },
          setupFiles: ['./test/support/browser-setup.ts'],
          browser: {
            ...inBrowser.test.browser,
            commands: probeCommands,
            provider: chromium,
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['./test/package/packed.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'demo',
          include: ['test/demo/**/*.test.ts'],
          globalSetup: ['./test/demo/serve.ts'],
          // Pages under load: a second is too short for eight thumbnails.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

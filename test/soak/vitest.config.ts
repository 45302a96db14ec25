/** Tests that take too long for daily use: `npm run test:soak`. */
import process from 'node:process';
import { defineConfig } from 'vitest/config';
import { probeCommands } from '../support/probe-commands.ts';
import { chromium, inBrowser } from '../support/in-browser.ts';
import { reporting } from '../support/reporting.mjs';
import { sampledFiles } from '../support/suite.mjs';
import { hostileSettings } from '../support/hostile/settings.mjs';
import { realClips } from '../support/real-clips.mjs';
import { heapCommands } from './long/heap-commands.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Number of frames of the long run. */
    soakFrames: number;
  }
}

/** The first seed. A failure can be repeated by its own seed. */
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1e6);

/**
 * Real codecs in Chromium, with the setup of the daily browser tests. Made for each project: vitest names the
 * instances in it.
 */
const withCodecs = () => ({
  ...inBrowser.test,
  // Each test sets its own, by its duration.
  testTimeout: 0,
  browser: {
    ...inBrowser.test.browser,
    provider: chromium,
    commands: { ...probeCommands, ...heapCommands },
    instances: [{ browser: 'chromium' as const }],
  },
  setupFiles: ['./test/support/browser-setup.ts'],
});

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    ...reporting,
    projects: [
      {
        test: {
          name: 'demo',
          include: ['test/soak/demo.test.ts'],
          globalSetup: ['./test/demo/serve.ts'],
          expect: { poll: { timeout: 30_000 } },
          // Each test sets its own, by its duration.
          testTimeout: 0,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'model',
          include: ['test/soak/model.test.ts'],
          testTimeout: 0,
        },
      },
      {
        ...inBrowser,
        test: {
          ...withCodecs(),
          // The programs of the daily tests, a hundred times as many.
          name: 'programs',
          include: ['test/browser/random-*.test.ts'],
          provide: { programs: { times: Number(process.env['SOAK_TIMES'] ?? 100), seed: SEED } },
        },
      },
      {
        ...inBrowser,
        test: {
          ...withCodecs(),
          // Matrices of which the daily suites take samples.
          name: 'matrices',
          include: [...sampledFiles, ...(realClips().length > 0 ? ['test/real/*.test.ts'] : [])],
          provide: {
            realClips: realClips(),
            hostile: hostileSettings(),
            sample: { from: 0, to: 1, seed: SEED },
          },
        },
      },
      {
        ...inBrowser,
        test: {
          ...withCodecs(),
          name: 'long',
          include: ['test/soak/long/*.test.ts'],
          provide: { soakFrames: Number(process.env['SOAK_FRAMES'] ?? 1e6) },
        },
      },
    ],
  },
});

/**
 * Suites of one machine: Node with fakes, Chromium, and apps of the package and the built demo driven from outside. `VFP_SUITE`
 * chooses a part of them. The other engines have a configuration of their own, in `test/engines`.
 */
import { defineConfig } from 'vitest/config';
import { projectsIn } from './support/engine-projects.ts';
import { faultyServer } from './support/faulty-server.ts';
import { hostileSettings } from './support/hostile/settings.mjs';
import { chromium, inBrowser } from './support/in-browser.ts';
import { probeCommands } from './support/probe-commands.ts';
import { realClips } from './support/real-clips.mjs';
import { reporting } from './support/reporting.mjs';
import { chosenSample, chosenSuite, filesOf } from './support/suite.mjs';

const suite = chosenSuite();
const isFull = suite !== 'quick';
const isQuick = suite !== 'full';
const clips = realClips();

declare module 'vitest' {
  interface ProvidedContext {
    /** Real clips in a folder beside the project; none if there is no such folder, and then no test asks for them. */
    realClips: typeof clips;
  }
}

const unit = {
  test: {
    name: 'unit',
    include: ['test/unit/**/*.test.ts'],
    setupFiles: ['./test/support/fake-platform.ts'],
    execArgv: ['--expose-gc'],
  },
};

const browser = {
  ...inBrowser,
  plugins: [faultyServer()],
  test: {
    ...inBrowser.test,
    name: 'browser',
    include: [...filesOf('browser'), ...(clips.length > 0 ? filesOf('real') : [])],
    provide: { realClips: clips, hostile: hostileSettings(), sample: chosenSample(), suite },
    setupFiles: ['./test/support/browser-setup.ts'],
    browser: {
      ...inBrowser.test.browser,
      commands: probeCommands,
      provider: chromium,
      instances: [{ browser: 'chromium' as const }],
    },
  },
};

const packed = {
  test: {
    name: 'package',
    include: filesOf('package'),
    globalSetup: ['./test/package/packed.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
};

const demo = {
  test: {
    name: 'demo',
    include: filesOf('demo'),
    globalSetup: ['./test/demo/serve.ts'],
    // Pages under load: a second is too short for eight thumbnails.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The tests wait for playing videos more than they work.
    maxWorkers: 3,
    sequence: { groupOrder: 1 },
  },
};

/** A sample of the files that `npm run test:variants` reads. */
const variants = {
  test: {
    name: 'variants',
    include: ['test/variants/*.test.ts'],
    provide: { sample: chosenSample() },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
};

const engine = projectsIn('chromium');

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    ...reporting,
    projects: [
      ...(isQuick ? [unit] : []),
      engine.inside,
      browser,
      packed,
      demo,
      ...(isFull ? [engine.driven, variants] : []),
    ],
  },
});

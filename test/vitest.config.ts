/**
 * All suites in one run: Node with fakes, a real browser, all engines that are here, and apps of the package and the built demo
 * driven from outside.
 */
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { defineConfig } from 'vitest/config';
import { browserArguments, browserPath, fakeCamera } from './support/browser.mjs';
import { engineProjects } from './support/engine-projects.ts';
import { probeCommands } from './support/probe-commands.ts';
import { realClips } from './support/real-clips.mjs';

const clips = realClips();

declare module 'vitest' {
  interface ProvidedContext {
    /** Real clips beside the project; none where there are none, and then their tests are not among the suites. */
    realClips: typeof clips;
  }
}

// Cross-origin isolation gives tests the full-resolution clock, and the storages shared memory.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  // What the server gives to other origins, the tests of tainted canvases may show, though not read.
  'Cross-Origin-Resource-Policy': 'cross-origin',
  // A sandboxed frame, whose origin is none, loads modules too.
  'Access-Control-Allow-Origin': '*',
};

const chromium = playwright({
  launchOptions: {
    ...(browserPath() === undefined ? {} : { executablePath: browserPath() }),
    args: [
      ...browserArguments,
      ...fakeCamera,
      '--js-flags=--expose-gc',
      // Textures without a GPU.
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
    ],
  },
});

/** What all suites in browsers have in common. */
const inBrowser = {
  server: { headers, fs: { strict: false } },
  // The tests' own dependencies, all known beforehand: one that is found on the way reloads the page under a test.
  optimizeDeps: {
    include: ['mediabunny'],
    entries: ['test/browser/**/*.test.ts', 'test/engines/**/*.test.ts', 'test/real/**/*.test.ts'],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores and software codecs: files one after the other, or they take each other's time.
    fileParallelism: false,
    browser: { enabled: true, headless: true, ui: false, screenshotFailures: false },
  },
} satisfies TestProjectInlineConfiguration;

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
        test: {
          ...inBrowser.test,
          name: 'browser',
          include: ['test/browser/**/*.test.ts', ...(clips.length > 0 ? ['test/real/**/*.test.ts'] : [])],
          provide: { realClips: clips },
          setupFiles: ['./test/support/browser-setup.ts'],
          browser: {
            ...inBrowser.test.browser,
            commands: probeCommands,
            provider: chromium,
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      ...engineProjects(chromium, inBrowser),
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

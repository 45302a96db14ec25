/** Common configuration of all browser suites, and the Chromium that they run in. */
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { browserArguments, browserPath, fakeCamera } from './browser.mjs';

// Cross-origin isolation gives tests the full-resolution clock, and gives the storages shared memory.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  // The tests of tainted canvases can show resources that the server provides to other origins, but cannot read them.
  'Cross-Origin-Resource-Policy': 'cross-origin',
  // A sandboxed frame, which has an opaque origin, also loads modules.
  'Access-Control-Allow-Origin': '*',
};

/** Chromium with a fake camera, forced collection, and textures. */
export const chromium = playwright({
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

/** The common part of all projects. */
export const inBrowser = {
  server: { headers, fs: { strict: false } },
  // The tests' dependencies, listed in advance, because a dependency that is discovered during a run reloads the page under a
  // test.
  optimizeDeps: {
    include: ['mediabunny', 'fast-check'],
    entries: ['test/browser/**/*.test.ts', 'test/engines/**/*.test.ts', 'test/real/**/*.test.ts'],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The default of one second is too short for a worker's start on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    // The machine has two cores and uses software codecs. Parallel files would slow each other down.
    fileParallelism: false,
    // A browser starts slowly on a busy machine.
    browser: {
      enabled: true,
      headless: true,
      ui: false,
      screenshotFailures: false,
      connectTimeout: 180_000,
    },
  },
} satisfies TestProjectInlineConfiguration;

/** What all suites in browsers have in common, and the Chromium that they run in. */
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import { browserArguments, browserPath, fakeCamera } from './browser.mjs';

// Cross-origin isolation gives tests the full-resolution clock, and the storages shared memory.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  // What the server gives to other origins, the tests of tainted canvases may show, though not read.
  'Cross-Origin-Resource-Policy': 'cross-origin',
  // A sandboxed frame, whose origin is none, loads modules too.
  'Access-Control-Allow-Origin': '*',
};

/** Chromium with a camera, a forced collection, and textures. */
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

/** The part of a project that they share. */
export const inBrowser = {
  server: { headers, fs: { strict: false } },
  // The tests' own dependencies, all known beforehand: one that is found on the way reloads the page under a test.
  optimizeDeps: {
    include: ['mediabunny', 'fast-check'],
    entries: ['test/browser/**/*.test.ts', 'test/engines/**/*.test.ts', 'test/real/**/*.test.ts'],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second is too short for a worker's start on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    // Two cores and software codecs: files one after the other, or they take each other's time.
    fileParallelism: false,
    // A browser on a busy machine takes its time to start.
    browser: {
      enabled: true,
      headless: true,
      ui: false,
      screenshotFailures: false,
      connectTimeout: 180_000,
    },
  },
} satisfies TestProjectInlineConfiguration;

/** What takes too long for every day: `npm run test:soak`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    reporters: ['default', './test/support/closing-line.mjs'],
    include: ['test/soak/**/*.test.ts'],
    globalSetup: ['./test/demo/serve.ts'],
    expect: { poll: { timeout: 30_000 } },
    // Each test sets its own, by how long it is to run.
    testTimeout: 0,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});

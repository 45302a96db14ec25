/** The tests of `npm run test:engines`: the same ones in each installed engine, and the built demo driven in each. */
import { defineConfig } from 'vitest/config';
import { engineProjects } from '../support/engine-projects.ts';
import { reporting } from '../support/reporting.mjs';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    ...reporting,
    projects: engineProjects(),
  },
});

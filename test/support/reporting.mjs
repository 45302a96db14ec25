// @ts-check
/** Reporting that all configurations share: a line a file, the output of failed tests alone, and a summary by suite. */

/** @typedef {{ files: number, passed: number, failed: number, skipped: number, ms: number }} Counts */

/** @returns {Counts} */
const none = () => ({ files: 0, passed: 0, failed: 0, skipped: 0, ms: 0 });

/**
 * Prints counts and time of each suite, then the totals in one plain line that any CI can read.
 */
class Summary {
  /** @param {ReadonlyArray<import('vitest/node').TestModule>} modules */
  onTestRunEnd(modules) {
    /** @type {Map<string, Counts>} */
    const suites = new Map();
    const total = none();
    for (const module of modules) {
      const suite = suites.get(module.project.name) ?? none();
      suites.set(module.project.name, suite);
      for (const counts of [suite, total]) {
        counts.files++;
        counts.ms += module.diagnostic().duration;
        for (const test of module.children.allTests()) {
          const { state } = test.result();
          if (state !== 'pending') counts[state]++;
        }
      }
    }
    for (const [name, counts] of [...suites].sort()) {
      const time = `${(counts.ms / 1000).toFixed(0)} s`.padStart(6);
      const failed = counts.failed > 0 ? `, ${counts.failed} FAILED` : '';
      console.log(`  ${name.padEnd(24)} ${time}  ${counts.passed} passed in ${counts.files} files${failed}`);
    }
    const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
    console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  }
}

/** What every run prints. */
export const reporting = {
  reporters: [/** @type {const} */ ('default'), new Summary()],
  // Tests that provoke errors make engines and libraries print alarming lines.
  silent: /** @type {const} */ ('passed-only'),
  // No line for a test unless it takes this long, in ms: a line a file is progress enough.
  slowTestThreshold: 20_000,
};

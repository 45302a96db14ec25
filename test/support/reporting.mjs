// @ts-check
/**
 * Common reporting of all configurations: a line for each file, the output of failed tests alone, and a summary by
 * suite.
 */
import process from 'node:process';

/** A suite's files and the results of its tests. Times are in ms. */
class Suite {
  files = 0;
  ms = 0;
  passed = 0;
  failed = 0;
  skipped = 0;
  /** @type {{ title: string, ms: number }[]} */
  tests = [];

  /** @param {import('vitest/node').TestModule} module */
  add(module) {
    this.files++;
    this.ms += module.diagnostic().duration;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'pending') continue;
      this[state]++;
      const title = `${module.relativeModuleId} > ${test.fullName}`;
      this.tests.push({ title, ms: test.diagnostic()?.duration ?? 0 });
    }
  }
}

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`.padStart(8);

/** Number of the slowest tests of each suite that are named: the environment variable VFP_SLOWEST. */
const slowest = Number(process.env['VFP_SLOWEST'] ?? 0);

/** Prints counts and time of each suite, then the totals in one plain line that any CI can read. */
class Summary {
  /** @param {ReadonlyArray<import('vitest/node').TestModule>} modules */
  onTestRunEnd(modules) {
    /** @type {Map<string, Suite>} */
    const suites = new Map();
    const total = new Suite();
    for (const module of modules) {
      const { name } = module.project;
      const suite = suites.get(name) ?? new Suite();
      suites.set(name, suite);
      suite.add(module);
      total.add(module);
    }
    for (const [name, { files, ms, passed, failed, tests }] of [...suites].sort()) {
      const outcome = failed > 0 ? `${failed} FAILED, ${passed} passed` : `${passed} passed`;
      console.log(`  ${name.padEnd(20)} ${seconds(ms)}  ${outcome} in ${files} files`);
      for (const test of tests.sort((one, other) => other.ms - one.ms).slice(0, slowest))
        console.log(`    ${seconds(test.ms)}  ${test.title}`);
    }
    const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
    console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  }
}

/** Reporters of every run. */
export const reporting = {
  reporters: [/** @type {const} */ ('default'), new Summary()],
  // Tests that provoke errors make engines and libraries print alarming lines.
  silent: /** @type {const} */ ('passed-only'),
  // No line for a test unless it takes this long, in ms: a line a file is progress enough.
  slowTestThreshold: 20_000,
};

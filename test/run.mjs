// @ts-check
/**
 * Runs a suite: finds the browsers and ffmpeg, builds the package and the demo, then starts vitest. `quick` is `npm test`, `full`
 * everything that `quick` leaves out, `engines` the other engines, `soak` what takes too long for every day. Other arguments go to
 * vitest; the tests that they choose then run whole.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { requireBrowser } from './support/browser.mjs';
import { requireEngines } from './support/engines.mjs';
import { requireFfmpeg } from './support/probe.mjs';

/**
 * The configuration of each suite, and the projects that run together. Projects that would disturb each other run one after the other.
 * @type {Record<string, { config: string, rounds: string[][] }>}
 */
const SUITES = {
  quick: { config: 'test/vitest.config.ts', rounds: [[]] },
  full: { config: 'test/vitest.config.ts', rounds: [[]] },
  engines: {
    config: 'test/engines/vitest.config.ts',
    rounds: [
      ['engines-firefox', 'engines-webkitgtk'],
      ['demo-firefox', 'demo-webkitgtk'],
    ],
  },
  soak: {
    config: 'test/soak/vitest.config.ts',
    rounds: [
      ['demo', 'model'],
      ['programs', 'long', 'matrices'],
    ],
  },
};

/** @param {string} command @param {string[]} options */
function run(command, options) {
  const { status } = spawnSync(command, options, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Builds without output, unless it fails. @param {string} script */
function build(script) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(stdout, stderr);
  process.exit(status ?? 1);
}

const begun = Date.now();
const [name = '', ...options] = process.argv.slice(2);
const suite = SUITES[name];
if (suite === undefined) throw new Error(`no suite "${name}": there are ${Object.keys(SUITES).join(', ')}`);
const engines = name === 'engines' ? requireEngines() : [requireBrowser()];
console.log(`Testing in ${engines.join(', ')}`);
requireFfmpeg();
if (engines.length === 0) process.exit(0);
if (options.length === 0 && (name === 'quick' || name === 'full')) {
  process.env['VFP_SUITE'] = name;
  process.env['VFP_SEED'] ??= String(Date.now() % 1e6);
  console.log(`Samples of matrices are taken by VFP_SEED=${process.env['VFP_SEED']}`);
}
console.log('Building the package and the demo');
build('build');
build('build:demo');
for (const projects of options.length === 0 ? suite.rounds : [[]]) {
  const round = projects.flatMap((project) => ['--project', project]);
  run('npx', ['vitest', 'run', '--config', suite.config, ...round, ...options]);
}
console.log(`${((Date.now() - begun) / 60_000).toFixed(1)} minutes`);

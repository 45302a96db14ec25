// @ts-check
/**
 * `npm test`: finds the browser and ffmpeg, builds the package and the demo, then runs the suites. With `--engines`, as
 * `npm run test:engines` has it: what holds in all engines, in each that is here. With `--soak`, as `npm run test:soak` has
 * it: what takes too long for every day. Other arguments go to vitest.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { requireBrowser } from './support/browser.mjs';
import { requireEngines } from './support/engines.mjs';
import { requireFfmpeg } from './support/probe.mjs';

/** @param {string} command @param {string[]} options */
function run(command, options) {
  const { status } = spawnSync(command, options, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

const CONFIGURATIONS = new Map([
  ['--engines', 'test/engines/vitest.config.ts'],
  ['--soak', 'test/soak/vitest.config.ts'],
]);

const given = process.argv.slice(2);
const suite = given.find((option) => CONFIGURATIONS.has(option)) ?? '';
const engines = suite === '--engines' ? requireEngines() : [];
console.log(`Testing in ${[requireBrowser(), ...engines].join(', ')}`);
requireFfmpeg();
run('npm', ['run', '--silent', 'build']);
run('npm', ['run', '--silent', 'build:demo']);
const config = CONFIGURATIONS.get(suite) ?? 'test/vitest.config.ts';
const options = given.filter((option) => option !== suite);
// One after the other where one would disturb the next: WebKitGTK is driven by one at a time, and the demo's use goes by time.
const ROUNDS = new Map([
  ['--engines', [['engines-*'], ['demo-*']]],
  [
    '--soak',
    [
      ['demo', 'model'],
      ['programs', 'long'],
    ],
  ],
]);
const rounds = (options.length === 0 ? ROUNDS.get(suite) : undefined) ?? [[]];
for (const projects of rounds) {
  const round = projects.flatMap((project) => ['--project', project]);
  run('npx', ['vitest', 'run', '--config', config, ...round, ...options]);
}

// @ts-check
/**
 * `npm test`: finds the browsers and ffmpeg, builds the package and the demo, then runs all suites. With `--soak`, as
 * `npm run test:soak` has it: those that take too long for every day instead. Other arguments go to vitest.
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

console.log(`Testing in ${[requireBrowser(), ...requireEngines()].join(', ')}`);
requireFfmpeg();
run('npm', ['run', '--silent', 'build']);
run('npm', ['run', '--silent', 'build:demo']);
const given = process.argv.slice(2);
const config = given.includes('--soak') ? 'test/soak/vitest.config.ts' : 'test/vitest.config.ts';
run('npx', ['vitest', 'run', '--config', config, ...given.filter((option) => option !== '--soak')]);

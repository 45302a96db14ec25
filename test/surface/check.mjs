// @ts-check
/** `npm run check`: everything that can be verified without running the tests. One line for each check. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @type {readonly (readonly [name: string, command: string, options: readonly string[]])[]} */
const CHECKS = [
  ['types', 'npx', ['tsc', '-p', 'tsconfig.json']],
  ['lint', 'npx', ['oxlint', '--deny-warnings', 'src', 'demo', 'test']],
  ['format', 'npx', ['prettier', '--check', '.']],
  ['docs', process.execPath, ['test/surface/docs.mjs']],
  ['links', process.execPath, ['test/surface/links.mjs']],
  ['imports', process.execPath, ['test/surface/imports.mjs']],
  ['circles', 'npx', ['oxlint', '-c', 'test/surface/circles.json', 'src']],
  ['language', process.execPath, ['test/surface/language.mjs']],
  ['titles', process.execPath, ['test/surface/titles.mjs']],
  ['no text becomes code', process.execPath, ['test/surface/unsafe.mjs']],
  ['dependencies', process.execPath, ['test/surface/dependencies.mjs']],
  ['contract', process.execPath, ['test/surface/contract.mjs']],
  ['engines', process.execPath, ['test/surface/engines-table.mjs']],
  ['variants', process.execPath, ['test/variants/table.mjs']],
  ['api', process.execPath, ['test/surface/api.mjs']],
];

let failed = 0;
for (const [name, command, options] of CHECKS) {
  const { status, stdout, stderr, error } = spawnSync(command, options, {
    cwd: root,
    encoding: 'utf8',
    // On Windows npx is a script, which only a shell starts.
    shell: process.platform === 'win32' && command === 'npx',
  });
  const passed = status === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}`);
  if (passed) continue;
  failed++;
  console.log(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trimEnd().replaceAll(/^/gmu, '  '));
}
process.exitCode = failed === 0 ? 0 : 1;

/** Command that reads all variants three ways and prints the differences. Started by run.mjs. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { requireFfmpeg } from '../support/probe.mjs';
import { acceptedDifferences, covers, judge } from './accepted.mjs';
import type { Difference } from './difference.ts';
import type { Result } from './session.ts';
import { VariantSession } from './session.ts';
import { writeTable } from './table.mjs';
import { VARIANTS } from './variants.ts';

/** Variants that are read at the same time. */
const READ_AT_ONCE = 2;

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const chosen = VARIANTS.filter(({ name }) => name.includes(options.only));
if (chosen.length === 0) throw new Error(`no variant has "${options.only}" in its name`);
if (options.write) writeTable();
requireFfmpeg();
const begun = performance.now();
const results = await readAll();
const differences = chosen.flatMap(({ name }) => results.get(name)?.differences ?? []);
report(differences);
if (options.json !== undefined) {
  const lines = chosen.map(({ name }) => ({ name, ...results.get(name) }));
  writeFileSync(options.json, `${JSON.stringify(lines, null, 1)}\n`);
}

async function readAll(): Promise<Map<string, Result>> {
  const session = await VariantSession.start();
  const found = new Map<string, Result>();
  const queue = [...chosen];
  const readNext = async (): Promise<void> => {
    for (let variant = queue.shift(); variant !== undefined; variant = queue.shift()) {
      try {
        found.set(variant.name, await session.read(variant));
      } catch (error) {
        // The other variants are read nevertheless.
        console.error(`${variant.name}: ${String(error)}`);
        process.exitCode = 1;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: READ_AT_ONCE }, readNext));
  } finally {
    await session.close();
  }
  return found;
}

function titleOf({ aspect, odd }: Difference): string {
  return `${aspect}: ${odd === 'all' ? 'all differ' : `${odd} differs`}`;
}

/** Prints the differences in groups by aspect and odd reader, accepted ones in a line for each entry. */
function report(all: readonly Difference[]): void {
  const entries = acceptedDifferences();
  const { unknown, unused } = judge(entries, all);
  const titles = new Set(unknown.map(titleOf));
  for (const title of [...titles].sort()) {
    const group = unknown.filter((difference) => titleOf(difference) === title);
    console.log(`\n${title} (${group.length})`);
    for (const { variant, text } of group) console.log(`  ${variant}: ${text}`);
  }
  console.log('\nAccepted');
  for (const entry of entries) {
    const count = all.filter((difference) => covers(entry, difference)).length;
    if (count > 0) console.log(`  ${String(count).padStart(3)}  ${entry.files}: ${entry.reason}`);
  }
  // A part of the variants does not have all differences.
  const stale = options.only === '' ? unused : [];
  for (const { files, reason } of stale) console.log(`\nAccepted, and no longer there: ${files}: ${reason}`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `\n${chosen.length} variants, ${all.length - unknown.length} accepted differences, ${unknown.length} others, ${seconds} s`,
  );
  if (unknown.length > 0 || stale.length > 0) process.exitCode = 1;
}

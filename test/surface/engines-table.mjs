// @ts-check
/** README's part about the engines is what the tests ask of them. With `--write`, it is written; without, compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { FACTS, VERSIONS } from '../support/engine-facts.mjs';
import { markdownTable, repository, runDirectly, withPart } from './source.mjs';

const BEGIN = '<!-- engines: written by `node test/surface/engines-table.mjs --write` -->';
const END = '<!-- engines end -->';

/** @typedef {import('../support/engine-facts.mjs').Answer} Answer */
/** @typedef {import('../support/engine-facts.mjs').EngineName} EngineName */

// The names of an object are strings to TypeScript.
const ENGINES = /** @type {EngineName[]} */ (Object.keys(VERSIONS));

/** @param {Answer} answer */
const shown = (answer) => (typeof answer === 'string' ? answer : answer ? 'yes' : 'no');

/** What all engines do, in a sentence, and where they differ, in a table as prettier formats it. */
function enginesText() {
  const facts = Object.values(FACTS).map(({ says, answers }) => ({
    says,
    answers: ENGINES.map((engine) => answers[engine]),
  }));
  const common = facts.filter(({ answers }) => answers.every((answer) => answer === true));
  const rows = facts
    .filter((fact) => !common.includes(fact))
    .map(({ says, answers }) => [says, ...answers.map(shown)]);
  const head = ['what', ...ENGINES.map((engine) => VERSIONS[engine])];
  const sentence = `All three: ${common.map(({ says }) => says).join(', ')}.`;
  return `${wrapped(sentence)}\n\n${markdownTable([head, ...rows])}`;
}

/** Where lines of README end, at the latest. */
const LINE_LENGTH = 130;

/** @param {string} text */
const wrapped = (text) => text.replaceAll(new RegExp(`(.{1,${LINE_LENGTH}})(?: |$)`, 'gu'), '$1\n').trimEnd();

runDirectly(import.meta.url, () => {
  const path = `${repository}/README.md`;
  const readme = readFileSync(path, 'utf8');
  const wanted = withPart(readme, BEGIN, END, enginesText());
  if (wanted === readme) return [];
  if (!process.argv.includes('--write'))
    return ['README’s table of engines is not that of engine-facts.mjs: add --write to write it'];
  writeFileSync(path, wanted);
  return [];
});

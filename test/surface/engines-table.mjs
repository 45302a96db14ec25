// @ts-check
/** Table of engines in guides/engines.md, made of the facts that the tests check. Compares it; with `--write`, writes it. */
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

/** A sentence with the features of all engines, and a table of the differences as prettier formats it. */
function enginesText() {
  const facts = Object.values(FACTS).map(({ feature, answers }) => ({
    feature,
    answers: ENGINES.map((engine) => answers[engine]),
  }));
  const common = facts.filter(({ answers }) => answers.every((answer) => answer === true));
  const rows = facts
    .filter((fact) => !common.includes(fact))
    .map(({ feature, answers }) => [feature, ...answers.map(shown)]);
  const head = ['feature', ...ENGINES.map((engine) => VERSIONS[engine])];
  const sentence = `All three: ${common.map(({ feature }) => feature).join(', ')}.`;
  return `${wrapped(sentence)}\n\n${markdownTable([head, ...rows])}`;
}

/** Longest line of the guide, in characters. */
const LINE_LENGTH = 130;

/** @param {string} text */
const wrapped = (text) => text.replaceAll(new RegExp(`(.{1,${LINE_LENGTH}})(?: |$)`, 'gu'), '$1\n').trimEnd();

runDirectly(import.meta.url, () => {
  const path = `${repository}/guides/engines.md`;
  const guide = readFileSync(path, 'utf8');
  const wanted = withPart(guide, BEGIN, END, enginesText());
  if (wanted === guide) return [];
  if (!process.argv.includes('--write'))
    return ['the table of guides/engines.md differs from engine-facts.mjs: add --write to write it'];
  writeFileSync(path, wanted);
  return [];
});

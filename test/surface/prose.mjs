// @ts-check
/** Extracts the prose of a file: its comments, its strings of at least three words, or the paragraphs of a document. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseText, textOfTemplate, walk } from './source.mjs';

/**
 * @typedef {'comments' | 'strings' | 'documents'} Kind
 * @typedef {{ kind: Kind, line: number, text: string }} Prose One comment, string or paragraph, and the line where it begins.
 */

/** Files with prose. Those of the API reports repeat the comments of the source. */
export const WITH_PROSE = /(?<!\.api)\.(?:[cm]?[jt]s|md|html|txt|json)$/u;

/** The JSON that people write: promises by tag. */
const PROMISES = 'contract.json';

/** Replaces code by spaces, so that lines keep their numbers. @param {string} text @param {RegExp} code */
const without = (text, code) => text.replace(code, (found) => found.replace(/[^\n]/gu, ' '));

const MARKDOWN_CODE = /^(```|~~~)[\s\S]*?^\1|`[^`\n]*`|^>.*$|\]\([^)]*\)/gmu;
const HTML_CODE = /<(script|style|svg)[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]*>/gu;
const HTML_TEXTS = /\s(?:title|alt|placeholder|aria-label)="([^"]*)"/gu;

/** @param {string} text @param {number} index */
const lineAt = (text, index) => text.slice(0, index).split('\n').length;

/** @param {string} text */
const isPhrase = (text) => (text.match(/[A-Za-z]{2,}(?=[\s.,:;!?]|$)/gu) ?? []).length >= 3;

/** @param {string} text Markdown or HTML without its code. @returns {Prose[]} */
function paragraphs(text) {
  let line = 1;
  return text.split(/(\n\s*\n)/u).flatMap((part) => {
    const begin = line;
    line += part.split('\n').length - 1;
    return part.trim() === '' ? [] : [{ kind: 'documents', line: begin, text: part.replaceAll('\n', ' ') }];
  });
}

/** A comment without its stars, with one line for each of its paragraphs, tags and list items. @param {string} comment */
const unwrapped = (comment) =>
  comment
    .replace(/^\*/u, '')
    .replaceAll(/^\s*\*\s?/gmu, '')
    .replaceAll(/\n(?!\s*\n|@|-)/gu, ' ');

/** @param {string} path @param {string} text @returns {Prose[]} */
function proseOfCode(path, text) {
  const { program, comments } = parseText(path, text);
  /** @type {Prose[]} */
  const prose = [];
  /** @param {Kind} kind @param {number} start @param {string} words */
  const add = (kind, start, words) => prose.push({ kind, line: lineAt(text, start), text: words });

  // The lines of a comment that consists of several `//` are one text.
  let end = -1;
  for (const { value, start, end: own } of comments) {
    const last = prose.at(-1);
    const continues =
      text.startsWith('//', start) && last !== undefined && /^\n\s*$/u.test(text.slice(end, start));
    if (continues) last.text += ` ${value}`;
    else add('comments', start, unwrapped(value));
    end = text.startsWith('//', start) ? own : -1;
  }
  const tagged = new Set();
  walk(program, (node) => {
    if (node.type === 'Literal' && typeof node['value'] === 'string' && isPhrase(node['value']))
      add('strings', node.start, node['value']);
    // The template of a tag such as `String.raw` is code.
    if (node.type === 'TaggedTemplateExpression') tagged.add(node['quasi']);
    if (node.type !== 'TemplateLiteral' || tagged.has(node)) return;
    const words = textOfTemplate(node);
    if (isPhrase(words)) add('strings', node.start, words);
  });
  return prose;
}

/** The names of planted faults, one above the symbol of each. @param {string} text @returns {Prose[]} */
const namesOfFaults = (text) =>
  [...text.matchAll(/^(?!==|#)(\S.*?)(?: \[[^\]]*\])?\n {2}\S/gmu)].map(({ index, 1: name = '' }) => ({
    kind: 'strings',
    line: lineAt(text, index),
    text: name,
  }));

/** @param {string} path @returns {Prose[]} */
export function proseOf(path) {
  const text = readFileSync(path, 'utf8');
  if (path.endsWith('.md')) return paragraphs(without(text, MARKDOWN_CODE));
  if (path.endsWith('.txt')) return namesOfFaults(text);
  if (path.endsWith('.json')) {
    if (basename(path) !== PROMISES) return [];
    return Object.values(JSON.parse(text)).map((promise) => ({
      kind: 'strings',
      line: lineAt(text, text.indexOf(promise)),
      text: promise,
    }));
  }
  if (!path.endsWith('.html')) return proseOfCode(path, text);
  const titles = [...text.matchAll(HTML_TEXTS)].map(({ index, 1: title = '' }) => ({ index, title }));
  return [
    ...paragraphs(without(text, HTML_CODE)),
    ...titles.map(({ index, title }) => ({
      kind: /** @type {const} */ ('strings'),
      line: lineAt(text, index),
      text: title,
    })),
  ];
}

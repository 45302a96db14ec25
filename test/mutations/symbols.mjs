// @ts-check
/** Symbols of a source file, and texts in them that are found in any formatting. */
import { nameOf, nodeOf, nodesOf, parseText } from '../surface/source.mjs';

/**
 * A stretch of a file, in characters.
 * @typedef {{ start: number, end: number }} Range
 */

/** @typedef {import('../surface/source.mjs').Node} Node */

/** @param {unknown} key */
const keyOf = (key) => (nodeOf(key)?.type === 'PrivateIdentifier' ? `#${nameOf(key)}` : nameOf(key));

/**
 * The symbols that a statement declares: functions, classes, members of classes as `Class.member`, and constants.
 * @param {Node} statement @returns {[name: string, range: Range][]}
 */
function declaredBy(statement) {
  const node = nodeOf(statement['declaration']) ?? statement;
  const { start, end } = statement;
  if (node.type === 'VariableDeclaration')
    return nodesOf(node['declarations']).map((each) => [nameOf(each['id']) ?? '', { start, end }]);
  const name = nameOf(node['id']) ?? '';
  const members = node.type === 'ClassDeclaration' ? nodesOf(nodeOf(node['body'])?.['body']) : [];
  return [[name, { start, end }], ...members.map(memberOf(name))];
}

/** @param {string} owner @returns {(member: Node) => [name: string, range: Range]} */
const memberOf = (owner) => (member) => [`${owner}.${keyOf(member['key']) ?? 'static'}`, member];

/** Text without white space, comments and trailing commas. `places` has the position of each of its characters in the original. */
class Squeezed {
  text = '';
  /** @type {number[]} */
  places = [];

  /** @param {string} original @param {readonly Range[]} comments @param {Range} [range] */
  constructor(original, comments, { start, end } = { start: 0, end: original.length }) {
    for (let at = start; at < end; at++) {
      const comment = comments.find((each) => each.start === at);
      if (comment !== undefined) at = comment.end - 1;
      else if (!/\s/u.test(original[at] ?? '')) this.#push(original[at] ?? '', at);
    }
  }

  /** @param {string} character @param {number} at */
  #push(character, at) {
    if (/[)\]}]/u.test(character) && this.text.endsWith(',')) {
      this.text = this.text.slice(0, -1);
      this.places.pop();
    }
    this.text += character;
    this.places.push(at);
  }
}

/** A source file, and the ranges of its symbols. */
export class SourceText {
  #text;
  /** @type {readonly Range[]} */
  #comments;
  /** @type {Map<string, Range[]>} A getter and its setter are one symbol of two ranges. */
  #symbols = new Map();

  /** @param {string} text */
  constructor(text) {
    const { program, comments } = parseText('source.ts', text);
    this.#text = text;
    this.#comments = comments;
    for (const [name, range] of nodesOf(program['body']).flatMap(declaredBy))
      this.#symbols.set(name, [...(this.#symbols.get(name) ?? []), range]);
  }

  /** @param {string} symbol */
  has(symbol) {
    return this.#symbols.has(symbol);
  }

  /** The innermost symbols first. */
  symbols() {
    return [...this.#symbols];
  }

  /**
   * The ranges of a text in a symbol, compared without formatting and comments.
   * @param {string} symbol @param {string} wanted @returns {Range[]}
   */
  find(symbol, wanted) {
    const { text: needle } = new Squeezed(wanted, []);
    return (this.#symbols.get(symbol) ?? []).flatMap((range) => {
      const { text, places } = new Squeezed(this.#text, this.#comments, range);
      /** @type {Range[]} */
      const found = [];
      for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1))
        found.push({ start: places[at] ?? 0, end: (places[at + needle.length - 1] ?? 0) + 1 });
      return found;
    });
  }

  /** @param {Range} range @param {string} put @returns {string} The file's text with another in that range. */
  replaced({ start, end }, put) {
    return this.#text.slice(0, start) + put + this.#text.slice(end);
  }
}

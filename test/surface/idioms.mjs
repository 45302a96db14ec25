// @ts-check
/**
 * The idioms that the project's prose avoids, and the plain form of each. The subject of a sentence is a noun (caller, waiter, holder),
 * a call returns or reports, and a frame is released.
 */

/** A clause begins here: at the start of the text, after punctuation or after a dash. */
const CLAUSE = String.raw`(?:^|[.;:,(]\s*|\s[-–—]\s)`;

/** The sentence does not end with a question mark. */
const NO_QUESTION = String.raw`(?![^.]*\?)`;

/** @param {...string} patterns */
const any = (...patterns) => new RegExp(patterns.join('|'), 'giu');

/** @type {readonly { name: string, pattern: RegExp }[]} */
export const IDIOMS = [
  {
    // Not the relative clause of a noun ("callers who wait"), and not a question ("Who owns it?").
    name: 'a pronoun as the subject or the object; name the caller, waiter or holder',
    pattern: any(
      String.raw`${CLAUSE}(?:whoever|whom|who)\b${NO_QUESTION}`,
      String.raw`\b(?:to|of|by|from|for|and|or|that|than|with|as|in)\s(?:whoever|whom|who)\b`,
      String.raw`\b(?:those|ones|he) (?:who|that)\b`,
    ),
  },
  {
    name: 'a clause with "what" as a noun; name the object',
    pattern: any(
      String.raw`(?<!\b(?:know|knows|see|exactly|decides?|determines?|matter|matters|like|about) )\bwhat(?:ever)? (?:is|was|are|were|has|had|came|comes|goes|waits|stands|lies|they|he|no|a pool|the app|becomes|there)\b${NO_QUESTION}`,
      String.raw`\b(?:that|this) which\b`,
      String.raw`\bthe (?:thing|party|ones?) (?:that|which|who)\b`,
    ),
  },
  {
    // Before the name of a place it is right.
    name: '"where" in place of if or when',
    pattern: any(
      String.raw`(?:^|[,;(]\s?|\b(?:but|and|or|false|true|null|fails?|rejects?|throws?|only|except) )where (?!(?:the )?(?:file|page|folder|documentation|address)\b)`,
    ),
  },
  {
    name: 'a person for an object; name the holder, caller or thread',
    // A profile of AAC has the name HE-AAC.
    pattern: any(
      String.raw`\b(?:somebody|nobody|whoever)\b`,
      String.raw`(?<![-\w])(?:he|his|him)(?![-\w])(?!-AAC)`,
    ),
  },
  {
    // A reader can tell two things apart.
    name: 'a call that speaks; it returns, reports or throws',
    pattern: any(
      String.raw`(?<!(?:not|n't|to|can|could|cannot) )\b(?:tells?|told|says|said|hears? (?:of|about)|learns? of)\b(?! (?:apart|from)\b)`,
      String.raw`\bis (?:believed|asked of)\b`,
    ),
  },
  {
    name: 'a frame on a journey; it is returned, released or closed',
    pattern: any(
      String.raw`\b(?:comes?|came|goes|go|is|are|sent|sends?(?: \w+){0,4}) home\b`,
      String.raw`\blet(?:s|ting)? (?:\w+ ){0,2}go\b(?! of)`,
    ),
  },
  {
    name: 'a dated form; again, must, should, many, rarely',
    pattern: any(
      String.raw`\b(?:anew|seldom|to and fro|whence|thereof)\b`,
      String.raw`\b(?:is|are|was|were) to (?:be|have|go|come|wait|hold|stand)\b`,
      String.raw`\bso (?:many|much) (?!that|as|more|less|faster)\b`,
    ),
  },
];

/** @typedef {{ index: number, name: string }} Finding */

/** @param {string} text A paragraph of prose. @returns {Finding[]} */
export const idiomsIn = (text) =>
  IDIOMS.flatMap(({ name, pattern }) => [...text.matchAll(pattern)].map(({ index }) => ({ index, name })));

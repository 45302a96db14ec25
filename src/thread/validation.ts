/** Validation of untrusted messages from another thread: checks of types, ranges and lengths. */

/**
 * Maximum length of a name in UTF-16 units, and maximum number of names in a message. Names are only for people to
 * read.
 */
export const MAX_TEXT = 256;

/** Whether the value is an object or an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Whether the value has exactly these own fields. Further fields could carry objects that are never closed. */
export function isMadeOf<K extends string>(value: unknown, ...fields: K[]): value is Record<K, unknown> {
  if (!isObject(value) || Array.isArray(value)) return false;
  return Object.keys(value).length === fields.length && fields.every((field) => Object.hasOwn(value, field));
}

/** Whether the value is a whole number from 0 to `most`. */
export const isWhole = (value: unknown, most = Number.MAX_SAFE_INTEGER): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

/** Whether the value is a string of at most `most` UTF-16 units. */
export const isText = (value: unknown, most = MAX_TEXT): value is string =>
  typeof value === 'string' && value.length <= most;

/**
 * Whether the value is an array of names. A sparse array can have a large length at no cost, so each place is checked.
 */
export const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length <= MAX_TEXT &&
  Array.from<unknown>(value).every((name) => isText(name));

/** A name, truncated to the maximum length. */
export const cut = (name: string): string =>
  name.length <= MAX_TEXT ? name : `${name.slice(0, MAX_TEXT - 1)}…`;

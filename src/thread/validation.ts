/** What a message of another thread may be made of. Nothing in it is believed before it was looked at. */

/** Names that go over are cut to so many UTF-16 units, and so many of them go in one message: they are for people to read. */
export const MAX_TEXT = 256;

/** Whether it is an object or a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Whether it has these fields of its own and no others, in which something could be carried in that nobody closes. */
export function isMadeOf<K extends string>(value: unknown, ...fields: K[]): value is Record<K, unknown> {
  if (!isObject(value) || Array.isArray(value)) return false;
  return Object.keys(value).length === fields.length && fields.every((field) => Object.hasOwn(value, field));
}

/** Whether it is a whole number from 0. */
export const isWhole = (value: unknown, most = Number.MAX_SAFE_INTEGER): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

/** Whether it is a text that is not too long to be kept. */
export const isText = (value: unknown, most = MAX_TEXT): value is string =>
  typeof value === 'string' && value.length <= most;

/** Whether it is a list of names. Lists can say that they are long without being large, so each place is looked at. */
export const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length <= MAX_TEXT &&
  Array.from<unknown>(value).every((name) => isText(name));

/** A name as it goes over. */
export const cut = (name: string): string =>
  name.length <= MAX_TEXT ? name : `${name.slice(0, MAX_TEXT - 1)}…`;

/** Generator of forged messages: valid messages with one wrong part, or messages of arbitrary content. */
import fc from 'fast-check';
import { colourFrame } from '../frames.ts';

/** Placeholder for a frame in a forged message; the frame is created when the message is sent. */
export const FRAME = '@frame';

/** Bytes of a small picture in RGBA. */
const BYTES = 64 * 48 * 4;

/** Wrong values, created for each message separately. */
const WRONG: Record<string, () => unknown> = {
  nothing: () => undefined,
  null: () => null,
  'no number': () => NaN,
  'below zero': () => -1,
  'a half': () => 0.5,
  'beyond whole numbers': () => 2 ** 53,
  'an endless number': () => Infinity,
  'a large whole number': () => 2n ** 64n,
  true: () => true,
  'a text': () => 'released',
  'a name of the prototype': () => '__proto__',
  'a huge text': () => 'x'.repeat(50_000),
  'an empty object': () => ({}),
  'an object that cannot become a text': () => ({ toString: 1, valueOf: 1 }),
  'a prototype of its own': () => JSON.parse('{ "__proto__": { "polluted": true }, "kind": "pool" }'),
  'an endless array': () => Object.assign([], { length: 2 ** 32 - 1 }),
  'a long list': () => Array.from({ length: 5000 }, (_, at) => at),
  'a map': () => new Map([['kind', 'pool']]),
  'an error': () => new RangeError('forged'),
  'a blob': () => new Blob(['forged']),
  bytes: () => new Uint8Array(8),
  memory: () => new ArrayBuffer(BYTES),
  'memory that can grow': () => Reflect.construct(ArrayBuffer, [BYTES, { maxByteLength: 2 ** 20 }]),
  'shared memory': () => new SharedArrayBuffer(BYTES),
  'a frame': () => FRAME,
  'a deep object': () => Array.from({ length: 200 }).reduce<object>((cause) => ({ cause }), {}),
};

const types = { withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true };

/**
 * Parameters of a forged message: the place of the wrong value, and the value. `base` chooses the valid message, if the forged
 * one is made from one. `inTurn`: whether its number is the next in order. Seeded by fast-check, which prints the seed of a
 * failure.
 */
export const forgeries = fc.record({
  base: fc.nat({ max: 50 }),
  place: fc.nat({ max: 200 }),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'repeat', 'unchanged'),
  wrong: fc.constantFrom(...Object.keys(WRONG)),
  inTurn: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  anything: fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.record({ body: fc.anything(types) }) },
  ),
});

export type Forgery = typeof forgeries extends fc.Arbitrary<infer T> ? T : never;

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree =>
  Array.isArray(value) || (value instanceof Object && Object.getPrototypeOf(value) === Object.prototype);

/** Lists every object with each of its keys. */
function placesIn(value: unknown, found: [Tree, string][] = []): [Tree, string][] {
  if (!isTree(value) || found.length > 500) return found;
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    placesIn(value[key], found);
  }
  return found;
}

/** Forges one of the valid bodies. */
export function forge(forgery: Forgery, bodies: readonly (() => unknown)[]): unknown {
  const { base, place, how, wrong, anything } = forgery;
  if (anything !== null) return anything.body;
  const body = bodies[base % bodies.length]?.();
  const made = WRONG[wrong]?.();
  const places = placesIn(body);
  const [tree, key] = places[place % Math.max(1, places.length)] ?? [];
  if (how === 'unchanged') return body;
  if (tree === undefined || key === undefined) return made;
  if (how === 'replace') tree[key] = made;
  else if (how === 'remove') delete tree[key];
  else if (how === 'add' && Array.isArray(tree)) tree.push(made);
  else if (how === 'add')
    Object.defineProperty(tree, '__proto__', { value: made, enumerable: true, configurable: true });
  else if (Array.isArray(tree)) tree.push(tree[key]);
  else tree['copy'] = tree[key];
  return body;
}

/** Replaces placeholders by frames, which must be transferred with the message. */
export function withFrames(body: unknown): { body: unknown; frames: VideoFrame[] } {
  const frames: VideoFrame[] = [];
  const made = (): VideoFrame => {
    frames.push(colourFrame([1, 2, 3], { timestamp: 7 }));
    return frames.at(-1) as VideoFrame;
  };
  for (const [tree, key] of placesIn(body)) {
    if (tree[key] === FRAME)
      Object.defineProperty(tree, key, { value: made(), enumerable: true, configurable: true });
  }
  return { body: body === FRAME ? made() : body, frames };
}

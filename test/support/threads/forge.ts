/** Makes messages that no honest side says: of true ones, by putting something wrong in one place, or of anything. */
import fc from 'fast-check';
import { colourFrame } from '../frames.ts';

/** Stands for a frame in what is forged; it is made when the message is sent. */
export const FRAME = '@frame';

/** `maxByteLength` is not known to TypeScript's ES2022. */
const Resizable = ArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => ArrayBuffer;

/** What is put where it does not belong. Made anew for each message. */
const WRONG: Record<string, () => unknown> = {
  nothing: () => undefined,
  null: () => null,
  'no number': () => NaN,
  'less than nothing': () => -1,
  'a half': () => 0.5,
  'beyond whole numbers': () => 2 ** 53,
  'an endless number': () => Infinity,
  'a great whole number': () => 2n ** 64n,
  true: () => true,
  'a text': () => 'released',
  'a name of the prototype': () => '__proto__',
  'a huge text': () => 'x'.repeat(50_000),
  'an empty object': () => ({}),
  'an object that cannot become a text': () => ({ toString: 1, valueOf: 1 }),
  'a prototype of its own': () =>
    JSON.parse('{ "__proto__": { "polluted": true }, "kind": "pool" }') as unknown,
  'a list that says it is endless': () => {
    const list: unknown[] = [];
    list.length = 2 ** 32 - 1;
    return list;
  },
  'a long list': () => Array.from({ length: 5000 }, (_, at) => at),
  'a map': () => new Map([['kind', 'pool']]),
  'an error': () => new RangeError('forged'),
  'a blob': () => new Blob(['forged']),
  bytes: () => new Uint8Array(8),
  memory: () => new ArrayBuffer(64 * 48 * 4),
  'memory that can grow': () => new Resizable(64 * 48 * 4, { maxByteLength: 2 ** 20 }),
  'shared memory': () => new SharedArrayBuffer(64 * 48 * 4),
  'a frame': () => FRAME,
  'a deep object': () => {
    let deep: object = {};
    for (let level = 0; level < 200; level++) deep = { cause: deep };
    return deep;
  },
};

/** How a message is forged: where, and by what. `base` says which true message it is made of; null for none. */
export interface Forgery {
  readonly base: number;
  readonly place: number;
  readonly how: 'replace' | 'remove' | 'add' | 'repeat' | 'as it is';
  readonly wrong: string;
  /** Whether its number is the one that is due. */
  readonly inTurn: boolean;
  readonly anything: { readonly body: unknown } | null;
}

/** Seeded by fast-check, which prints the seed of what fails. */
export const forgeries: fc.Arbitrary<Forgery> = fc.record({
  base: fc.nat({ max: 50 }),
  place: fc.nat({ max: 200 }),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'repeat', 'as it is'),
  wrong: fc.constantFrom(...Object.keys(WRONG)),
  inTurn: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  anything: fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        body: fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withSparseArray: true,
        }),
      }),
    },
  ),
});

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);

/** Every object and every place in it. */
function placesIn(value: unknown, found: (readonly [Tree, string])[] = []): (readonly [Tree, string])[] {
  if (!isTree(value) || found.length > 500) return found;
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    placesIn(value[key], found);
  }
  return found;
}

/** Forges one of the true bodies. */
export function forge(
  { base, place, how, wrong, anything }: Forgery,
  bodies: readonly (() => unknown)[],
): unknown {
  if (anything !== null) return anything.body;
  const body = bodies[base % bodies.length]?.();
  const made = WRONG[wrong]?.();
  const places = placesIn(body);
  const [tree, key] = places[place % Math.max(1, places.length)] ?? [];
  if (how === 'as it is') return body;
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

/** Puts frames where they are to be. They are to be transferred with the message. */
export function withFrames(body: unknown): { body: unknown; frames: VideoFrame[] } {
  const frames: VideoFrame[] = [];
  const put = (value: unknown): unknown => {
    if (value !== FRAME) return value;
    const frame = colourFrame([1, 2, 3], { timestamp: 7 });
    frames.push(frame);
    return frame;
  };
  for (const [tree, key] of placesIn(body)) {
    if (tree[key] === FRAME)
      Object.defineProperty(tree, key, { value: put(FRAME), enumerable: true, configurable: true });
  }
  return { body: put(body), frames };
}

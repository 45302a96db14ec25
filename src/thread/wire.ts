/** What the two sides of a link between a pool and a holder elsewhere say to each other, and the checks of it. */
import { isVideoFrame } from '../pool/frames.ts';
import type { Parcel } from '../pool/storage.ts';

/** From the pool: its name, a frame, that no more frames come, that all are home and the link is over. */
export type PoolSays =
  | { readonly kind: 'pool'; readonly name: string }
  | ({ readonly kind: 'frame' } & SentFrame)
  | { readonly kind: 'end' }
  | { readonly kind: 'over' };

/** A frame on its way; times in µs. */
export interface SentFrame extends Omit<Parcel, 'transfer'> {
  readonly timestamp: number;
  readonly duration: number | null;
  readonly holder: string | undefined;
  readonly data: unknown;
}

/** From the holder: how many frames more may come, which are home (by the numbers they came with), that none is wanted. */
export interface HolderSays {
  readonly credit: number;
  readonly home: readonly Return[];
  readonly bye: boolean;
}

/** One frame that is home. `'unreadable'`: it never arrived. */
export interface Return {
  readonly id: number;
  readonly how: 'released' | 'recovered' | 'unreadable';
  readonly holders: readonly string[];
  readonly memory: ArrayBuffer | null;
}

/** More than any pool has slots; a number that is larger was made up. */
export const MAX_CREDIT = 2 ** 20;

const WAYS: readonly unknown[] = ['released', 'recovered', 'unreadable'];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isWhole = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

/** What is said most often goes as a list: names of fields cost more than what stands in them. */
export const frameMessage = ({
  timestamp,
  duration,
  frame,
  memory,
  isSnapshot,
  holder,
  data,
}: SentFrame): unknown[] => [timestamp, duration, frame ?? memory, isSnapshot, holder, data];

/** As above. What was released, with nothing to say or to give back, is a number. */
export const holderMessage = ({ credit, home, bye }: HolderSays): unknown[] => [
  credit,
  bye,
  home.map(returnMessage),
];

const returnMessage = (one: Return): unknown =>
  one.how === 'released' && one.memory === null ? one.id : one;

/** Reads what a pool says; null for what makes no sense. */
export function readPool(body: unknown): PoolSays | null {
  if (Array.isArray(body)) return readFrame(body);
  if (!isObject(body)) return null;
  const { kind, name } = body;
  if (kind === 'end' || kind === 'over') return { kind };
  return kind === 'pool' && typeof name === 'string' ? { kind, name } : null;
}

function readFrame([
  timestamp,
  duration,
  content,
  isSnapshot,
  holder,
  data,
]: readonly unknown[]): PoolSays | null {
  if (typeof timestamp !== 'number') return null;
  if (duration !== null && typeof duration !== 'number') return null;
  if (holder !== undefined && typeof holder !== 'string') return null;
  const sent = { kind: 'frame', timestamp, duration, holder, data, isSnapshot: isSnapshot === true } as const;
  if (isVideoFrame(content)) return { ...sent, frame: content };
  return isObject(content) ? { ...sent, memory: content } : null;
}

/** Reads what a holder says; null for what makes no sense, or speaks of frames that are not out there. */
export function readHolder(body: unknown, isOut: (id: number) => boolean): HolderSays | null {
  if (!Array.isArray(body)) return null;
  const [credit, bye, entries]: readonly unknown[] = body;
  if (!Array.isArray(entries)) return null;
  if (!isWhole(credit, MAX_CREDIT) || typeof bye !== 'boolean') return null;
  const home: Return[] = [];
  const seen = new Set<number>();
  for (const entry of entries) {
    const said: unknown = typeof entry === 'number' ? { id: entry, how: 'released' } : entry;
    if (!isObject(said)) return null;
    const { id, how, holders = [], memory = null } = said;
    if (typeof id !== 'number' || !isOut(id) || seen.has(id) || !WAYS.includes(how)) return null;
    if (!Array.isArray(holders) || !holders.every((name) => typeof name === 'string')) return null;
    if (memory !== null && !(memory instanceof ArrayBuffer)) return null;
    seen.add(id);
    home.push({ id, how: how as Return['how'], holders, memory });
  }
  return { credit, home, bye };
}

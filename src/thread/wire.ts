/** What the two sides of a link between a pool and a holder elsewhere say to each other, and the checks of it. */
import { isVideoFrame } from '../pool/frames.ts';
import { NOBODY } from '../pool/holders.ts';
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

/**
 * What is said most often goes as a list: names of fields cost more than what stands in them. The first place is the
 * channel's, for the number.
 */
export const frameMessage = (
  timestamp: number,
  duration: number | null,
  { frame, memory, isSnapshot }: Parcel,
  holder: string | undefined,
  data: unknown,
): unknown[] => [0, timestamp, duration, frame ?? memory, isSnapshot, holder, data];

/** As above. */
export const holderMessage = (credit: number, bye: boolean, home: readonly ReturnEntry[]): unknown[] => [
  0,
  credit,
  bye,
  ...home,
];

/** One frame that is home, on its way. What was released, with nothing to say or to give back, is its number. */
export type ReturnEntry = number | Return;

/** Reads what a pool says; null for what makes no sense. */
export function readPool(body: unknown): PoolSays | null {
  if (Array.isArray(body)) return readFrame(body);
  if (!isObject(body)) return null;
  const { kind, name } = body;
  if (kind === 'end' || kind === 'over') return { kind };
  return kind === 'pool' && typeof name === 'string' ? { kind, name } : null;
}

function readFrame(said: readonly unknown[]): PoolSays | null {
  const [, timestamp, duration, content, isSnapshot, holder, data] = said;
  if (typeof timestamp !== 'number') return null;
  if (duration !== null && typeof duration !== 'number') return null;
  if (holder !== undefined && typeof holder !== 'string') return null;
  const frame = isVideoFrame(content) ? content : undefined;
  const memory = frame === undefined && isObject(content) ? content : undefined;
  if (frame === undefined && memory === undefined) return null;
  return {
    kind: 'frame',
    timestamp,
    duration,
    holder,
    data,
    frame,
    memory,
    isSnapshot: isSnapshot === true,
  };
}

/** Reads what a holder says; null for what makes no sense, or speaks of frames that are not out there. */
export function readHolder(body: unknown, isOut: (id: number) => boolean): HolderSays | null {
  if (!Array.isArray(body)) return null;
  const [, credit, bye, ...entries]: readonly unknown[] = body;
  if (!isWhole(credit, MAX_CREDIT) || typeof bye !== 'boolean') return null;
  const home: Return[] = [];
  const seen = new Set<unknown>();
  for (const entry of entries) {
    const one = readReturn(entry);
    if (one === null || !isOut(one.id) || seen.has(one.id)) return null;
    if (entries.length > 1) seen.add(one.id);
    home.push(one);
  }
  return { credit, home, bye };
}

function readReturn(entry: unknown): Return | null {
  if (typeof entry === 'number') return { id: entry, how: 'released', holders: NOBODY, memory: null };
  if (!isObject(entry)) return null;
  const { id, how, holders, memory } = entry;
  if (typeof id !== 'number' || !WAYS.includes(how)) return null;
  if (!Array.isArray(holders) || !holders.every((name) => typeof name === 'string')) return null;
  if (memory !== null && !(memory instanceof ArrayBuffer)) return null;
  return { id, how: how as Return['how'], holders, memory };
}

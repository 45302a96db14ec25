/** Messages between a pool and a holder in another thread, and their validation. */
import { isVideoFrame } from '../pool/frames.ts';
import { NO_HOLDERS } from '../pool/holders.ts';
import type { SerializedContent } from '../pool/storage.ts';
import { cut, isMadeOf, isNames, isObject, isText, isWhole, MAX_TEXT } from './validation.ts';

/** Messages of the pool: its name, a frame, the end of sending, the end of the link after all frames have returned. */
export type PoolMessage =
  | { readonly kind: 'pool'; readonly name: string }
  | ({ readonly kind: 'frame' } & SentFrame)
  | { readonly kind: 'end' }
  | { readonly kind: 'over' };

/** A frame in transit; times in µs. */
export interface SentFrame extends Omit<SerializedContent, 'transfer'> {
  readonly timestamp: number;
  readonly duration: number | null;
  readonly holder: string | undefined;
  readonly data: unknown;
}

/**
 * Message of the holder: credit for more frames, the returned frames by their numbers, and whether it has stopped
 * receiving.
 */
export interface HolderMessage {
  readonly credit: number;
  readonly returns: readonly Return[];
  readonly hasStopped: boolean;
}

/** One returned frame. `'unreadable'`: it could not be deserialized. */
export interface Return {
  readonly id: number;
  readonly how: 'released' | 'recovered' | 'unreadable';
  readonly holders: readonly string[];
  readonly memory: ArrayBuffer | null;
}

/** More than the number of slots in any pool; a larger number is forged. */
export const MAX_CREDIT = 2 ** 20;

const OUTCOMES: readonly unknown[] = ['released', 'recovered', 'unreadable'];

/**
 * The most frequent messages are arrays, because field names cost more than the values. The first place is for the
 * channel's number.
 */
export const frameMessage = (
  timestamp: number,
  duration: number | null,
  { frame, memory, isSnapshot }: SerializedContent,
  holder: string | undefined,
  data: unknown,
): unknown[] => [
  0,
  timestamp,
  duration,
  frame ?? memory,
  isSnapshot,
  holder === undefined ? undefined : cut(holder),
  data,
];

/** Length of that array. */
const FRAME_PLACES = 7;

/** Message of the holder, as an array. */
export const holderMessage = (
  credit: number,
  hasStopped: boolean,
  returns: readonly ReturnEntry[],
): unknown[] => [0, credit, hasStopped, ...returns];

/** One returned frame in a message. A released frame without holders or memory to return is just its number. */
export type ReturnEntry = number | Return;

/** Entry of one returned frame. */
export const returnEntry = (
  id: number,
  how: Return['how'],
  holders: readonly string[],
  memory: ArrayBuffer | null,
): ReturnEntry =>
  how === 'released' && memory === null
    ? id
    : { id, how, holders: holders.slice(0, MAX_TEXT).map(cut), memory };

/** Parses a message of a pool; null if it is invalid. */
export function readPoolMessage(body: unknown): PoolMessage | null {
  if (Array.isArray(body)) return readFrame(body);
  if (isMadeOf(body, 'kind') && (body.kind === 'end' || body.kind === 'over')) return { kind: body.kind };
  if (!isMadeOf(body, 'kind', 'name') || body.kind !== 'pool' || !isText(body.name)) return null;
  return { kind: 'pool', name: body.name };
}

function readFrame(message: readonly unknown[]): PoolMessage | null {
  if (message.length !== FRAME_PLACES) return null;
  const [, timestamp, duration, content, isSnapshot, holder, data] = message;
  if (!Number.isFinite(timestamp)) return null;
  if (duration !== null && !(Number.isFinite(duration) && (duration as number) >= 0)) return null;
  if (holder !== undefined && !isText(holder)) return null;
  if (isSnapshot !== undefined && typeof isSnapshot !== 'boolean') return null;
  const frame = isVideoFrame(content) ? content : undefined;
  const memory = frame === undefined && isObject(content) ? content : undefined;
  if (frame === undefined && memory === undefined) return null;
  return {
    kind: 'frame',
    // Finite, so both are numbers.
    timestamp: timestamp as number,
    duration: duration as number | null,
    holder,
    data,
    frame,
    memory,
    isSnapshot: isSnapshot === true,
  };
}

/** The pool's record of the other side. */
export interface HolderAccount {
  /** Frames on the other side, by number. */
  readonly out: ReadonlyMap<number, unknown>;
  /** Number of frames that may still be sent. */
  readonly credit: number;
}

/** Parses a message of a holder; null if it is invalid, names a frame that is not lent, or grants too much credit. */
export function readHolderMessage(
  body: unknown,
  { out, credit: before }: HolderAccount,
): HolderMessage | null {
  // Checked before any iteration, because a message of a few bytes can carry an array of length 2^32.
  if (!Array.isArray(body) || body.length < 3 || body.length - 3 > out.size) return null;
  const [, credit, hasStopped, ...entries]: readonly unknown[] = body;
  if (!isWhole(credit, MAX_CREDIT - before) || typeof hasStopped !== 'boolean') return null;
  const returns: Return[] = [];
  const seen = new Set<unknown>();
  for (const entry of entries) {
    const one = readReturn(entry);
    if (one === null || !out.has(one.id) || seen.has(one.id)) return null;
    if (entries.length > 1) seen.add(one.id);
    returns.push(one);
  }
  return { credit, returns, hasStopped };
}

function readReturn(entry: unknown): Return | null {
  if (typeof entry === 'number') return { id: entry, how: 'released', holders: NO_HOLDERS, memory: null };
  if (!isMadeOf(entry, 'id', 'how', 'holders', 'memory')) return null;
  const { id, how, holders, memory } = entry;
  if (typeof id !== 'number' || !OUTCOMES.includes(how) || !isNames(holders)) return null;
  if (memory !== null && !(memory instanceof ArrayBuffer)) return null;
  return { id, how: how as Return['how'], holders, memory };
}

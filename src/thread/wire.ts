/** What the two sides of a link between a pool and a holder elsewhere say to each other, and the checks of it. */
import { isVideoFrame } from '../pool/frames.ts';
import { NOBODY } from '../pool/holders.ts';
import type { Parcel } from '../pool/storage.ts';
import { cut, isMadeOf, isNames, isObject, isText, isWhole, MAX_TEXT } from './validation.ts';

/** From the pool: its name, a frame, that no more frames come, that all are returns and the link is over. */
export type PoolMessage =
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

/** From the holder: how many frames more may come, which are returns (by the numbers they came with), that none is wanted. */
export interface HolderMessage {
  readonly credit: number;
  readonly returns: readonly Return[];
  readonly hasStopped: boolean;
}

/** One frame that is returns. `'unreadable'`: it never arrived. */
export interface Return {
  readonly id: number;
  readonly how: 'released' | 'recovered' | 'unreadable';
  readonly holders: readonly string[];
  readonly memory: ArrayBuffer | null;
}

/** More than any pool has slots; a number that is larger was made up. */
export const MAX_CREDIT = 2 ** 20;

const OUTCOMES: readonly unknown[] = ['released', 'recovered', 'unreadable'];

/**
 * What is message most often goes as a list: names of fields cost more than what stands in them. The first place is the
 * channel's, for the number.
 */
export const frameMessage = (
  timestamp: number,
  duration: number | null,
  { frame, memory, isSnapshot }: Parcel,
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

/** The places of that list. */
const FRAME_PLACES = 7;

/** As above. */
export const holderMessage = (
  credit: number,
  hasStopped: boolean,
  returns: readonly ReturnEntry[],
): unknown[] => [0, credit, hasStopped, ...returns];

/** One frame that is returns, on its way. What was released, with nothing to say or to give back, is its number. */
export type ReturnEntry = number | Return;

/** As above. */
export const returnEntry = (
  id: number,
  how: Return['how'],
  holders: readonly string[],
  memory: ArrayBuffer | null,
): ReturnEntry =>
  how === 'released' && memory === null
    ? id
    : { id, how, holders: holders.slice(0, MAX_TEXT).map(cut), memory };

/** Reads what a pool says; null for what makes no sense. */
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

/** What a pool knows of the other side. */
export interface HolderAccount {
  /** What is out there, by number. */
  readonly out: ReadonlyMap<number, unknown>;
  /** How many frames more may go there. */
  readonly credit: number;
}

/** Reads what a holder says; null for what makes no sense, speaks of frames that are not out there, or wants more than is allowed. */
export function readHolderMessage(
  body: unknown,
  { out, credit: before }: HolderAccount,
): HolderMessage | null {
  // Before anything walks through it: a list can say that it is 2^32 long, in a message of some bytes.
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
  if (typeof entry === 'number') return { id: entry, how: 'released', holders: NOBODY, memory: null };
  if (!isMadeOf(entry, 'id', 'how', 'holders', 'memory')) return null;
  const { id, how, holders, memory } = entry;
  if (typeof id !== 'number' || !OUTCOMES.includes(how) || !isNames(holders)) return null;
  if (memory !== null && !(memory instanceof ArrayBuffer)) return null;
  return { id, how: how as Return['how'], holders, memory };
}

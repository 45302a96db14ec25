/** What the models of pools and budgets speak of: buffers, loans, and who waits. */
import type { PoolNotice } from '../../../src/index.ts';
import type { PoolModel } from './pool-model.ts';

export type Kind = 'decoded' | 'canvas' | 'memory';

/** In pixels, of four bytes each. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const bytesOf = ({ width, height }: Size): number => width * height * 4;

export const isSameSize = (one: Size, other: Size): boolean =>
  one.width === other.width && one.height === other.height;

/** A canvas or a piece of memory. */
export interface ModelBuffer {
  readonly size: Size;
  readonly generation: number;
  /** Whether it was lent before. */
  used: boolean;
  /** Whether its context was lost, or its memory taken away. */
  harmed: boolean;
  idleSince: number;
  /** Counts up over all pools. */
  restOrder: number;
  /** The real one, as soon as a handle has shown it. */
  real: object | null;
}

/** Time and order, as all pools of a program share them. */
export interface Course {
  now: number;
  /** Buffers that have become idle so far. */
  rests: number;
  /** Whether the engine has no memory for another canvas. */
  isFull: boolean;
  /** Who was given something and has not heard of it, in the order in which they were given it. */
  readonly granted: Waiter[];
}

/** Whether it waits no more, though the pool has not been told yet. */
export const isGivenUp = ({ signal }: Waiter): boolean => signal?.aborted === true;

/** The name of an error, or of whatever else a wait ended with. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** What one holder has. */
export interface ModelShare {
  readonly holder: string | undefined;
  readonly since: number;
}

/** A slot that is out. */
export interface ModelLoan {
  readonly pool: PoolModel;
  kind: 'lent' | 'reserved';
  shares: ModelShare[];
  buffer: ModelBuffer | null;
  /** What its buffer or frame pins. */
  bytes: number;
  estimated: boolean;
  /** What the frame of a permit will probably pin. */
  promised: number;
  /** What of its frame counts as beyond the limits of a budget. */
  overFrame: boolean;
  overBytes: number;
  /** Whether it was let in beyond the limits of a budget, for a first frame of unknown size. */
  isFirstFrame: boolean;
  /** The size of its frame. */
  size: Size | null;
  timestamp: number;
  duration: number | null;
  /** Whether a reader has had the pool clone its frame. */
  cloned: boolean;
}

/** A frame that is handed over. */
export type ModelFrame = Pick<ModelLoan, 'bytes' | 'estimated' | 'size' | 'timestamp' | 'duration'>;

/** A picture that is to be copied into a buffer. */
export interface ModelPicture {
  readonly size: Size;
  readonly timestamp: number;
  readonly duration: number | null;
  readonly sizeChange: 'fit' | 'refuse' | 'reconfigure';
  /** The loan that it is copied from; null for a frame that was handed over. */
  readonly loan: ModelLoan | null;
}

/** One who asks, and waits where there is no room. */
export interface Waiter {
  /** Counts up over all pools. */
  readonly number: number;
  readonly pool: PoolModel;
  readonly holder: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly picture: ModelPicture | null;
  /** What he gets: a loan, or an error of this name; null as long as he waits. */
  outcome: ModelLoan | string | null;
}

/** A notice that a listener must get, with the holders in one text. */
export type ModelNotice = Omit<PoolNotice, 'holders'> & { readonly holders: string };

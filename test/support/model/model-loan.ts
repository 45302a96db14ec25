/** Types of the models of pools and budgets: buffers, loans and waiters. */
import type { PoolNotice } from '../../../src/index.ts';
import type { PoolModel } from './pool-model.ts';

export type Kind = 'decoded' | 'canvas' | 'memory';

/** Size in pixels of four bytes each. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const bytesOf = ({ width, height }: Size): number => width * height * 4;

export const isSameSize = (one: Size, other: Size): boolean =>
  one.width === other.width && one.height === other.height;

/** A canvas or a memory buffer. */
export interface ModelBuffer {
  readonly size: Size;
  readonly generation: number;
  /** Whether it was lent before. */
  used: boolean;
  /** Whether its context was lost, or its memory was detached. */
  harmed: boolean;
  idleSince: number;
  /** Increases over all pools. */
  restOrder: number;
  /** The library's buffer, once a handle has shown it. */
  real: object | null;
}

/** Time and order, shared by all pools of a program. */
export interface Course {
  now: number;
  /** Number of times that a buffer has become idle. */
  rests: number;
  /** Whether the engine has no memory for another canvas. */
  isFull: boolean;
  /** Waiters that were granted a loan and whose promise has not resolved yet, in the order of the grants. */
  readonly granted: Waiter[];
}

/** Whether the waiter was aborted. The pool may not have been notified yet. */
export const isGivenUp = ({ signal }: Waiter): boolean => signal?.aborted === true;

/** The name of an error, or the string of any other reason that a wait ended with. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** The share of one holder. */
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
  /** Bytes that its buffer or frame pins. */
  bytes: number;
  estimated: boolean;
  /** Bytes that the frame of a permit is expected to pin. */
  promised: number;
  /** The part of its frame that counts as beyond the limits of a budget. */
  overFrame: boolean;
  overBytes: number;
  /** Whether it was admitted beyond the limits of a budget, for a first frame of unknown size. */
  isFirstFrame: boolean;
  /** The size of its frame. */
  size: Size | null;
  timestamp: number;
  duration: number | null;
  /** Whether a reader made the pool clone its frame. */
  cloned: boolean;
}

/** A frame that is given to a pool. */
export type ModelFrame = Pick<ModelLoan, 'bytes' | 'estimated' | 'size' | 'timestamp' | 'duration'>;

/** A picture for a copy into a buffer. */
export interface ModelPicture {
  readonly size: Size;
  readonly timestamp: number;
  readonly duration: number | null;
  readonly sizeChange: 'scale' | 'reject' | 'reconfigure';
  /** The loan that is copied; null for a frame that was given to the pool. */
  readonly loan: ModelLoan | null;
}

/** A caller of the pool that waits if there is no room. */
export interface Waiter {
  /** Increases over all pools. */
  readonly number: number;
  readonly pool: PoolModel;
  readonly holder: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly picture: ModelPicture | null;
  /** The result: a loan, or the name of an error. Null while the caller waits. */
  outcome: ModelLoan | string | null;
}

/** A notice that a listener must receive, with the holders in one string. */
export type ModelNotice = Omit<PoolNotice, 'holders'> & { readonly holders: string };

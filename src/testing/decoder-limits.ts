/** Limits of `LimitedVideoDecoder`, and their checks. */

/** How a limited decoder differs from the browser's. */
export interface DecoderLimits {
  /** How many of its frames may be open at once, from 1. A frame and its clones are one surface. No limit by default. */
  readonly surfaces?: number;
  /**
   * Whether it takes chunks, and dispatches `dequeue`, also while no surface is free, and keeps their frames inside. False by default,
   * as hardware decoders are.
   */
  readonly takesAlways?: boolean;
  /** Whether its frames hide their format (`format === null`), as frames in a GPU's memory do. */
  readonly opaque?: boolean;
  /** How many frames it puts out together, from 1: it keeps them back until so many are there. A flush puts out the rest. 1 by default. */
  readonly burst?: number;
  /** Number of tasks by which each frame comes later than the browser's decoder gives it. 0 by default. */
  readonly lateTasks?: number;
  /** Whether it dispatches `dequeue`. True by default. */
  readonly dispatchesDequeue?: boolean;
  /**
   * Whether it puts the frame of a chunk out within `decode()`. No decoder of a browser does, so the pictures are blank: one for each
   * chunk, in decode order.
   */
  readonly synchronous?: boolean;
  /**
   * Order in which frames come out. In decode order each frame comes as soon as its chunk was decoded. No decoder of a browser does
   * this on request, so the pictures are blank: one for each chunk. Presentation order by default.
   */
  readonly order?: 'presentation' | 'decode';
  /** After how many frames the browser takes the codec away (`QuotaExceededError`), as it does in hidden tabs. */
  readonly reclaimAfter?: number;
  /** After how many frames decoding fails (`EncodingError`). */
  readonly failAfter?: number;
}

/** Whether pictures are blank. */
export const isBlank = ({ synchronous, order }: DecoderLimits): boolean =>
  synchronous === true || order === 'decode';

/** @throws `RangeError` for a number that is none or out of range. */
export function requireLimits({ surfaces, burst, lateTasks }: DecoderLimits): void {
  const limits = { surfaces: [surfaces, 1], burst: [burst, 1], lateTasks: [lateTasks, 0] } as const;
  for (const [name, [value, least]] of Object.entries(limits)) {
    if (value !== undefined && !(Number.isInteger(value) && value >= least))
      throw new RangeError(`${name} must be a whole number from ${least}, got ${value}`);
  }
}

/** Limits of `LimitedVideoDecoder`, and their checks. */

/** Limits that distinguish a `LimitedVideoDecoder` from the browser's decoder. */
export interface DecoderLimits {
  /** Maximum number of its frames that are open at once, from 1. A frame and its clones are one surface. No limit by default. */
  readonly surfaces?: number;
  /**
   * Whether the decoder takes chunks and dispatches `dequeue` even while no surface is free, and keeps their frames inside. False
   * by default, as in hardware decoders.
   */
  readonly takesAlways?: boolean;
  /** Whether its frames hide their format (`format === null`), as frames in GPU memory do. */
  readonly opaque?: boolean;
  /**
   * Number of frames that are put out together, from 1. The decoder keeps frames back until this many are ready. A flush puts out
   * the rest. 1 by default.
   */
  readonly burst?: number;
  /** Number of tasks by which each frame comes later than from the browser's decoder. 0 by default. */
  readonly lateTasks?: number;
  /** Whether the decoder dispatches `dequeue`. True by default. */
  readonly dispatchesDequeue?: boolean;
  /**
   * Whether the decoder puts out the frame of a chunk within `decode()`. No browser's decoder does so, so the pictures are blank:
   * one for each chunk, in decode order.
   */
  readonly synchronous?: boolean;
  /**
   * Order in which frames come out. In decode order each frame comes out as soon as its chunk was decoded. No browser's decoder
   * does this on request, so the pictures are blank: one for each chunk. Presentation order by default.
   */
  readonly order?: 'presentation' | 'decode';
  /** Number of frames after which the codec is reclaimed (`QuotaExceededError`), as browsers do in hidden tabs. */
  readonly reclaimAfter?: number;
  /** Number of frames after which decoding fails (`EncodingError`). */
  readonly failAfter?: number;
}

/** Whether the pictures are blank. */
export const isBlank = ({ synchronous, order }: DecoderLimits): boolean =>
  synchronous === true || order === 'decode';

/** @throws `RangeError` for a limit that is not a whole number or is out of range. */
export function requireLimits({ surfaces, burst, lateTasks }: DecoderLimits): void {
  const limits = { surfaces: [surfaces, 1], burst: [burst, 1], lateTasks: [lateTasks, 0] } as const;
  for (const [name, [value, least]] of Object.entries(limits)) {
    if (value !== undefined && !(Number.isInteger(value) && value >= least))
      throw new RangeError(`${name} must be a whole number from ${least}, got ${value}`);
  }
}

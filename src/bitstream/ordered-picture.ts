/** Place of a picture in presentation order, as H.264 and HEVC count it. */

/** Place of a packet's picture among those of its coded video sequence. */
export interface OrderedPicture {
  /** Rises in presentation order within a sequence; steps and first value are arbitrary. */
  readonly order: number;
  /** Whether a sequence begins with this picture. Every picture decoded before it is shown before it. */
  readonly startsSequence: boolean;
}

/**
 * By how much the high part of a picture order count changes, because the coded low part wrapped around.
 *
 * @param difference - The low part less the one before.
 * @param range - Number of values of the low part.
 */
export const highPartStep = (difference: number, range: number): number =>
  difference <= -range / 2 ? range : difference > range / 2 ? -range : 0;

/** Position of a picture in presentation order, as H.264 and HEVC count it. */

/** Position of a packet's picture within its coded video sequence. */
export interface OrderedPicture {
  /** Increases in presentation order within a sequence. Steps and first value are arbitrary. */
  readonly order: number;
  /** Whether a sequence begins with this picture. Every picture decoded before it is also shown before it. */
  readonly startsSequence: boolean;
}

/**
 * Change of the high part of a picture order count after the coded low part wrapped around.
 *
 * @param difference - The low part minus the previous one.
 * @param range - Number of values of the low part.
 */
export const highPartStep = (difference: number, range: number): number =>
  difference <= -range / 2 ? range : difference > range / 2 ? -range : 0;

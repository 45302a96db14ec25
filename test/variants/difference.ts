/** Difference between the readings of a variant. */

export type ReaderName = 'ours' | 'video' | 'ffmpeg';

/** The reader that differs from the other two, or `all` if no two agree. */
export type Odd = ReaderName | 'all';

export interface Difference {
  readonly variant: string;
  /** The compared thing, such as `times`. */
  readonly aspect: string;
  readonly odd: Odd;
  readonly text: string;
}

/** A difference, before the variant's name is added. */
export type Found = Omit<Difference, 'variant'>;

/** Times of readers that round differently agree within 1 µs. */
export const TIME_TOLERANCE = 1;

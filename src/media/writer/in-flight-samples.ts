/** Samples in flight inside an encoder, matched with the chunks that come out. */

/** No encoder reorders by more than 16 frames (H.264, A.3.1). A sample that was overtaken by more was dropped. */
const MAX_REORDERED = 16;

/** Encoders may round times by less than this, in µs. */
const TOLERANCE_US = 1000;

type Chunk = EncodedVideoChunk | EncodedAudioChunk;

/** Samples by sequence number, in order of input. Each is identified by a time: a picture's own, or the end of a sound. */
export class InFlightSamples {
  readonly #times = new Map<number, number>();
  readonly #oneToOne: boolean;

  /** @param oneToOne - Whether a chunk belongs to the one sample of its time, instead of to all samples up to its end. */
  constructor(oneToOne: boolean) {
    this.#oneToOne = oneToOne;
  }

  get size(): number {
    return this.#times.size;
  }

  /** Time that identifies a sample, in µs; undefined if the sample is not in flight. */
  timeOf(number: number): number | undefined {
    return this.#times.get(number);
  }

  add(number: number, time: number): void {
    this.#times.set(number, time);
  }

  remove(number: number): void {
    this.#times.delete(number);
  }

  /** Removes and returns the samples that a chunk completes, and earlier ones that it overtook by too much to still come out. */
  takeCompleted(chunk: Chunk): { done: number[]; dropped: number[] } {
    const done = this.#oneToOne ? this.#at(chunk.timestamp) : this.#upTo(chunk);
    const dropped: number[] = [];
    const [newest] = done;
    if (this.#oneToOne && newest !== undefined) {
      for (const number of this.#times.keys()) {
        if (number >= newest - MAX_REORDERED) break;
        dropped.push(number);
      }
    }
    for (const number of [...done, ...dropped]) this.#times.delete(number);
    return { done, dropped };
  }

  /** Removes and returns all samples. */
  takeAll(): number[] {
    const numbers = [...this.#times.keys()];
    this.#times.clear();
    return numbers;
  }

  #upTo({ timestamp, duration }: Chunk): number[] {
    const end = timestamp + (duration ?? 0) + TOLERANCE_US;
    return [...this.#times].flatMap(([number, time]) => (time <= end ? [number] : []));
  }

  /** The picture of this time, or the nearest one, because encoders may round times. */
  #at(timestamp: number): number[] {
    let nearest: number[] = [];
    let least = TOLERANCE_US;
    for (const [number, time] of this.#times) {
      const off = Math.abs(time - timestamp);
      if (off === 0) return [number];
      if (off >= least) continue;
      nearest = [number];
      least = off;
    }
    return nearest;
  }
}

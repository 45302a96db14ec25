/** What is inside an encoder, and what a chunk that comes out says of it. */

/** No encoder reorders by more than 16 frames (H.264, A.3.1): what others overtook by more was dropped. */
const MAX_REORDERED = 16;

/** Times may be rounded on their way through an encoder, by less than so many µs. */
const TOLERANCE_US = 1000;

type Chunk = EncodedVideoChunk | EncodedAudioChunk;

/** Samples by their numbers, in the order in which they went in. Each is told by a time: a picture's own, or a sound's end. */
export class Inside {
  readonly #times = new Map<number, number>();
  readonly #oneToOne: boolean;

  /** @param oneToOne - Whether a chunk stands for the one sample of its time, rather than for all up to its end. */
  constructor(oneToOne: boolean) {
    this.#oneToOne = oneToOne;
  }

  get size(): number {
    return this.#times.size;
  }

  /** By which time a sample is told, in µs, while it is inside. */
  timeOf(number: number): number | undefined {
    return this.#times.get(number);
  }

  enter(number: number, time: number): void {
    this.#times.set(number, time);
  }

  leave(number: number): void {
    this.#times.delete(number);
  }

  /** Takes out what a chunk completes, and what it has overtaken by so much that it will not come. */
  takeDone(chunk: Chunk): { done: number[]; dropped: number[] } {
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

  /** Takes all out. */
  takeAll(): number[] {
    const numbers = [...this.#times.keys()];
    this.#times.clear();
    return numbers;
  }

  #upTo({ timestamp, duration }: Chunk): number[] {
    const end = timestamp + (duration ?? 0) + TOLERANCE_US;
    return [...this.#times].flatMap(([number, time]) => (time <= end ? [number] : []));
  }

  /** The picture of this time, or the nearest one: encoders may round times. */
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

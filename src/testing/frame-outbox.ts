/** Queue of decoded frames of a limited decoder, between the browser's decoder and the output callback. */
import type { DecoderLimits } from './decoder-limits.ts';
import { nextTask } from './next-task.ts';
import { hideFormat, Surface } from './surface.ts';

/** State of the limits that count frames, shared by all decoders of a class. */
export interface LimitHistory {
  put: number;
  reclaimed: boolean;
  failed: boolean;
}

/** Decoder that owns an outbox. */
export interface OutboxOwner {
  /** Whether the decoder may put out frames. */
  isOpen(): boolean;
  /** Whether frames of an incomplete burst are put out. */
  isDraining(): boolean;
  /** Receives a frame and becomes its owner. */
  put(frame: VideoFrame): void;
  fail(error: DOMException): void;
  /** Called after frames were put out or a surface became free. */
  changed(): void;
}

/** Owns the frames until they are put out or dropped. */
export class FrameOutbox {
  readonly #limits: DecoderLimits;
  readonly #history: LimitHistory;
  readonly #owner: OutboxOwner;
  readonly #open = new Set<Surface>();
  /** Frames whose delay in tasks has not passed. */
  #late: VideoFrame[] = [];
  #ready: VideoFrame[] = [];
  /** Number of frames left in the current burst. */
  #burstLeft = 0;
  #run = 0;
  #added = 0;
  #put = 0;

  constructor(limits: DecoderLimits, history: LimitHistory, owner: OutboxOwner) {
    this.#limits = limits;
    this.#history = history;
    this.#owner = owner;
  }

  /** Number of frames that were put out and are open. A frame and its clones count once. */
  get openSurfaces(): number {
    for (const surface of this.#open) surface.forgetTransferred();
    return this.#open.size;
  }

  /** Number of frames that were added and not put out. */
  get waiting(): number {
    return this.#late.length + this.#ready.length;
  }

  /** Number of frames added since the last `drop()`. */
  get addedCount(): number {
    return this.#added;
  }

  /** Number of frames put out since the last `drop()`. */
  get putCount(): number {
    return this.#put;
  }

  /** Adds a frame. The outbox becomes its owner. */
  add(frame: VideoFrame): void {
    this.#added++;
    const { lateTasks, order, synchronous } = this.#limits;
    // A decoder of blank pictures puts them out within decode().
    const tasks = lateTasks ?? (order === 'decode' && synchronous !== true ? 1 : 0);
    if (tasks === 0) {
      this.#ready.push(frame);
      this.put();
      return;
    }
    this.#late.push(frame);
    void this.#addLater(tasks);
  }

  /** Puts out as many frames as the limits allow. */
  put(): void {
    while (this.#owner.isOpen() && this.#mayPut()) {
      const frame = this.#ready.shift();
      if (frame === undefined) return;
      this.#burstLeft--;
      this.#put++;
      this.#history.put++;
      this.#track(frame);
      try {
        this.#owner.put(frame);
      } catch (error) {
        reportError(error);
      }
      this.#owner.changed();
    }
  }

  /** Closes all frames in the outbox. */
  drop(): void {
    this.#run++;
    this.#added = 0;
    this.#put = 0;
    this.#burstLeft = 0;
    for (const frame of [...this.#ready.splice(0), ...this.#late.splice(0)]) frame.close();
  }

  async #addLater(tasks: number): Promise<void> {
    const run = this.#run;
    for (let task = 0; task < tasks; task++) await nextTask();
    if (run !== this.#run) return;
    this.#ready.push(...this.#late.splice(0, 1));
    this.put();
  }

  /** Whether the next frame may be output. Limits that count frames take effect here. */
  #mayPut(): boolean {
    const { reclaimAfter, failAfter, burst = 1, surfaces = Infinity } = this.#limits;
    const history = this.#history;
    if (this.#ready.length === 0) return false;
    if (reclaimAfter === history.put && !history.reclaimed) {
      history.reclaimed = true;
      this.#owner.fail(new DOMException('Codec reclaimed due to inactivity.', 'QuotaExceededError'));
      return false;
    }
    if (failAfter === history.put && !history.failed) {
      history.failed = true;
      this.#owner.fail(new DOMException('Decoding error.', 'EncodingError'));
      return false;
    }
    if (this.#burstLeft <= 0 && (this.#ready.length >= burst || this.#owner.isDraining()))
      this.#burstLeft = Math.min(burst, this.#ready.length);
    return this.#burstLeft > 0 && this.openSurfaces < surfaces;
  }

  #track(frame: VideoFrame): void {
    const surface = new Surface(() => {
      this.#open.delete(surface);
      // In a task of its own, as the platform's outputs are: never within the close() that made room.
      void nextTask().then(() => {
        this.put();
        this.#owner.changed();
      });
    });
    this.#open.add(surface);
    if (this.#limits.opaque === true) hideFormat(frame);
    surface.watch(frame, this.#limits.opaque === true);
  }
}

/** Copies of frames that people hold: out of the decoder's memory, so they take nothing from the player. */
import type {
  CanvasStorage,
  FrameBudget,
  FrameHandle,
  MemoryStorage,
  VideoFramePool as Pool,
} from '../../src/index.ts';
import { canvasStorage, memoryStorage, VideoFramePool } from '../../src/index.ts';
import type { Orientation } from '../view/upright.ts';

/** What a copy is made on. */
export type CopyKind = 'canvas' | 'memory';

/** A copy of either kind. */
export type SavedCopy = FrameHandle<CanvasStorage> | FrameHandle<MemoryStorage>;

/** How many copies of each kind there may be. */
const CAPACITY = 8;

/** Heights of 16:9 pictures; what has another shape is shown whole, with nothing around it. */
const SHAPE = 16 / 9;

const canvases = (height: number): CanvasStorage =>
  canvasStorage({ width: Math.round(height * SHAPE), height });
const memories = (height: number): MemoryStorage =>
  memoryStorage({ format: 'RGBA', codedWidth: Math.round(height * SHAPE), codedHeight: height });

/** A pool for each kind of copy: a pool's storage may be changed for another one of its own kind alone. */
export class SavedCopies {
  readonly canvases: Pool<CanvasStorage>;
  readonly memory: Pool<MemoryStorage>;
  readonly #copies: SavedCopy[] = [];
  /** Ends the copies that are being made. */
  #stop = new AbortController();

  /** @param height - Of the copies, in pixels. */
  constructor(height: number, budget: FrameBudget) {
    const common = { capacity: CAPACITY, budget };
    this.canvases = new VideoFramePool({ ...common, name: 'kept canvases', storage: canvases(height) });
    this.memory = new VideoFramePool({ ...common, name: 'kept memory', storage: memories(height) });
  }

  /** How many copies are kept. */
  get count(): number {
    return this.#copies.length;
  }

  /** Whether no other copy may be made now. To wait for room would keep a share of the player's frame for so long. */
  isFull(kind: CopyKind): boolean {
    return this.#poolOf(kind).freeCount === 0;
  }

  /**
   * Copies a frame, and keeps the copy. The frame is read on a share of its own, until it is copied.
   *
   * @returns The copy, lent until `letGo()`; null when that has come first.
   * @throws What the copy throws.
   */
  async keep(
    handle: FrameHandle,
    kind: CopyKind,
    { rotation, flip }: Orientation,
    holder: string,
  ): Promise<SavedCopy | null> {
    const { signal } = this.#stop;
    const how = { rotation, flip, signal, holder };
    try {
      const copy = await (kind === 'canvas'
        ? handle.copyTo(this.canvases, how)
        : handle.copyTo(this.memory, how));
      // The copy may have been finished when the signal came.
      if (!signal.aborted) {
        this.#copies.push(copy);
        return copy;
      }
      copy.release();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return null;
  }

  /** Copies have another size from here on; those that are kept stay as they are, and are destroyed when they are let go. */
  resize(height: number): void {
    this.canvases.configure({ storage: canvases(height) });
    this.memory.configure({ storage: memories(height) });
  }

  /** Gives all copies back. */
  letGo(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const copy of this.#copies.splice(0)) copy.release();
  }

  #poolOf(kind: CopyKind): Pick<Pool, 'freeCount'> {
    return kind === 'canvas' ? this.canvases : this.memory;
  }
}

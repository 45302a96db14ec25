/**
 * Copies of frames that the user holds. They are outside the decoder's memory, so they take no slot from the player.
 */
import type {
  CanvasStorage,
  FrameBudget,
  FrameHandle,
  MemoryStorage,
  VideoFramePool as Pool,
} from '../../src/index.ts';
import { canvasStorage, memoryStorage, VideoFramePool } from '../../src/index.ts';
import type { Orientation } from '../view/upright.ts';

/** Storage of a copy. */
export type CopyKind = 'canvas' | 'memory';

/** A copy of either kind. */
export type SavedCopy = FrameHandle<CanvasStorage> | FrameHandle<MemoryStorage>;

/** Maximum number of copies of each kind. */
const CAPACITY = 8;

/** Copies are sized for 16:9; other aspect ratios are fitted in whole, without bars. */
const SHAPE = 16 / 9;

const canvases = (height: number): CanvasStorage =>
  canvasStorage({ width: Math.round(height * SHAPE), height });
const memories = (height: number): MemoryStorage =>
  memoryStorage({ format: 'RGBA', codedWidth: Math.round(height * SHAPE), codedHeight: height });

/** Saved copies, with one pool for each kind: a pool's storage can only be replaced by one of the same kind. */
export class SavedCopies {
  readonly canvases: Pool<CanvasStorage>;
  readonly memory: Pool<MemoryStorage>;
  readonly #copies: SavedCopy[] = [];
  /** Aborts the copies in progress. */
  #stop = new AbortController();

  /** @param height - Height of the copies in pixels. */
  constructor(height: number, budget: FrameBudget) {
    const common = { capacity: CAPACITY, budget };
    this.canvases = new VideoFramePool({ ...common, name: 'canvas copies', storage: canvases(height) });
    this.memory = new VideoFramePool({ ...common, name: 'memory copies', storage: memories(height) });
  }

  /** Number of saved copies. */
  get count(): number {
    return this.#copies.length;
  }

  /** Whether no slot is free. Waiting for one would keep a share of the player's frame meanwhile. */
  isFull(kind: CopyKind): boolean {
    return this.#poolOf(kind).freeCount === 0;
  }

  /**
   * Copies a frame and saves the copy. A share of the frame is held until the copy is done.
   *
   * @returns The copy, lent until `releaseAll()`; null if that is called first.
   * @throws The error of the copy.
   */
  async save(
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
      // The copy may have completed when the signal fired.
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

  /** Sets the size of new copies. Saved copies keep their size, and their buffers are destroyed on release. */
  resize(height: number): void {
    this.canvases.configure({ storage: canvases(height) });
    this.memory.configure({ storage: memories(height) });
  }

  /** Releases all copies. */
  releaseAll(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const copy of this.#copies.splice(0)) copy.release();
  }

  #poolOf(kind: CopyKind): Pick<Pool, 'freeCount'> {
    return kind === 'canvas' ? this.canvases : this.memory;
  }
}

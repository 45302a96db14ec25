/** Branches of one stream of handles for several readers. Each branch gets its own share of every frame. */
import { inCall } from '../base/call-site.ts';
import { requireWhole, shown } from '../base/errors.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { callOf, HandleBase } from '../pool/handle.ts';
import { requireHolder } from '../pool/holders.ts';
import type { Storage } from '../pool/storage.ts';
import { releaseChunk } from './readable-frames.ts';
import { OwnedReadable } from './owned-readable.ts';

/** Options of `shareFrames()`. */
export interface ShareFramesOptions {
  /**
   * Maximum number of handles that wait in a branch while another branch reads. 1 by default. With 0 a frame is read when every
   * branch asks for it.
   */
  readonly highWaterMark?: number | undefined;
}

const DEFAULT_HIGH_WATER_MARK = 1;

/**
 * Shares a stream of handles among several readers. Each branch gets a share of every frame, held under the branch's name. The
 * reader of the branch must release it. `tee()` differs: it gives the same object to both branches, and keeps the slower branch's
 * unread chunks without a limit.
 *
 * The slowest branch sets the pace: a frame is read when some branch asks for one and no branch has more than `highWaterMark` unread
 * handles. A cancelled branch releases its waiting handles and blocks no other branch. When the last branch is cancelled, the
 * stream is cancelled with the reasons of all branches, as an array in the order of `holders`. An error of the stream releases
 * the waiting handles of all branches immediately. The end of the stream reaches each branch after its waiting handles.
 *
 * @param readable - Locked by this call.
 * @param holders - The names of the readers, as reported by `holders()`.
 * @returns A branch for each name, in that order.
 * @throws `TypeError` or `RangeError` for a wrong argument or a locked stream; synchronously.
 * @throws From the branches: the stream's own error, `TypeError` for a chunk that is not a handle, `InvalidStateError` for a
 * released handle. The stream is cancelled with the last two.
 */
export function shareFrames<S extends Storage, const N extends readonly string[]>(
  readable: ReadableStream<FrameHandle<S>>,
  holders: N,
  options: ShareFramesOptions = {},
): { [K in keyof N]: ReadableStream<FrameHandle<S>> } {
  if (typeof (readable as Partial<ReadableStream> | null)?.getReader !== 'function') {
    throw new TypeError(`readable must be a ReadableStream, got ${shown(readable)}`);
  }
  if (!Array.isArray(holders) || holders.length === 0) {
    throw new TypeError(`holders must be a list of at least one name, got ${shown(holders)}`);
  }
  for (const holder of holders) requireHolder(holder ?? null);
  const highWaterMark = requireWhole('highWaterMark', options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK, 0);
  const { branches } = new Sharing(readable.getReader(), holders, highWaterMark);
  // One branch for each name. The type of map() cannot express that for a tuple.
  return branches.map(({ end }) => end.readable) as { [K in keyof N]: ReadableStream<FrameHandle<S>> };
}

/** The branch of one reader. */
interface Branch<S extends Storage> {
  readonly holder: string;
  readonly end: OwnedReadable<FrameHandle<S>>;
  cancelled: { readonly reason: unknown } | null;
}

class Sharing<S extends Storage> {
  readonly branches: readonly Branch<S>[];
  readonly #reader: ReadableStreamDefaultReader<FrameHandle<S>>;
  readonly #highWaterMark: number;
  #isReading = false;
  #isClosed = false;
  #isOver = false;

  constructor(
    reader: ReadableStreamDefaultReader<FrameHandle<S>>,
    holders: readonly string[],
    highWaterMark: number,
  ) {
    this.#reader = reader;
    this.#highWaterMark = highWaterMark;
    this.branches = holders.map((holder) => {
      const branch: Branch<S> = {
        holder,
        cancelled: null,
        end: new OwnedReadable((handle) => handle.release(), {
          read: () => this.#pump(),
          cancelled: (reason) => this.#onCancel(branch, reason),
        }),
      };
      return branch;
    });
    followClosing(reader, this);
  }

  get #live(): Branch<S>[] {
    return this.branches.filter(({ cancelled }) => cancelled === null);
  }

  /** Reads only if a branch has a pending read. So abandoned branches request nothing, and leak detection finds their handles. */
  #pump(): void {
    if (this.#isReading || this.#isOver) return;
    const live = this.#live;
    const hasRoom = live.every(({ end }) => end.isReadPending || end.length < this.#highWaterMark);
    if (!hasRoom || !live.some(({ end }) => end.isReadPending)) return;
    this.#isReading = true;
    this.#reader.read().then(
      ({ done, value }) => {
        if (!done) this.#give(value);
        // Reset only now, because some branches lack their share while shares are handed out.
        this.#isReading = false;
        if (done || this.#isClosed) this.#end();
        else this.#pump();
      },
      (error: unknown) => this.fail(error),
    );
  }

  #give(handle: FrameHandle<S>): void {
    try {
      if (!(handle instanceof HandleBase))
        throw new TypeError(`a chunk must be a FrameHandle, got ${shown(handle)}`);
      // All shares are made first, because a reader that gets one may release it synchronously, and cancel other branches.
      const shares = inCall(callOf(handle), () =>
        this.#live.map((branch) => ({ branch, share: handle.retain(branch.holder) })),
      );
      for (const { branch, share } of shares) branch.end.give(share);
    } catch (error) {
      this.fail(error);
      this.#reader.cancel(error).catch(() => {});
    } finally {
      releaseChunk(handle);
    }
  }

  /** Called when the stream has ended. This can happen before the stream gives the last chunks of its own queue. */
  onClosed(): void {
    this.#isClosed = true;
    if (!this.#isReading) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    for (const { end } of this.branches) end.end();
  }

  /** Called when the stream has failed, or has given an invalid chunk. */
  fail(error: unknown): void {
    this.#isOver = true;
    for (const { end } of this.branches) end.fail(error);
  }

  #onCancel(branch: Branch<S>, reason: unknown): void | Promise<void> {
    branch.cancelled = { reason };
    if (this.#isOver) return;
    if (this.#live.length > 0) {
      this.#pump();
      return;
    }
    this.#isOver = true;
    return this.#reader.cancel(this.branches.map(({ cancelled }) => cancelled?.reason));
  }
}

/**
 * Reports the end of the source. It refers to the sharing weakly, because the app may keep the stream, and the stream must not
 * keep abandoned branches alive. A separate function, because the closures of one scope keep all of their captured variables
 * alive.
 */
function followClosing<S extends Storage>(
  reader: ReadableStreamDefaultReader<FrameHandle<S>>,
  sharing: Sharing<S>,
): void {
  const weak = new WeakRef(sharing);
  const onClosed = (): void => weak.deref()?.onClosed();
  reader.closed.then(onClosed, (error: unknown) => weak.deref()?.fail(error));
}

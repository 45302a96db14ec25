/** One stream of handles for several readers, by shares. */
import { inCall } from '../call-site.ts';
import { requireWhole, shown } from '../errors.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { callOf, HandleBase } from '../pool/handle.ts';
import { requireHolder } from '../pool/holders.ts';
import type { Storage } from '../pool/storage.ts';
import { letGo } from './let-go.ts';
import { Outlet } from './outlet.ts';

/** How `shareFrames()` shares. */
export interface ShareFramesOptions {
  /**
   * How many handles may wait in a branch while another one reads. 1 by default; with 0 a frame is read when every branch
   * asks for it.
   */
  readonly ahead?: number | undefined;
}

const DEFAULT_AHEAD = 1;

/**
 * Shares a stream of handles among several readers: each branch gets a share of every frame, held under its own name, and to
 * be released by whoever reads it. Unlike `tee()`, which hands one object to two, and keeps without a limit what the slower
 * one has not read.
 *
 * The slowest sets the pace: a frame is read when some branch asks for one and no branch has more than `ahead` of them
 * unread. A branch that is cancelled releases what waits in it and holds up nobody; when the last one is, the stream is
 * cancelled with the reasons of all, as an array in the order of `holders`. An error of the stream releases what waits in
 * every branch, at once; its end comes to each branch after what waits there.
 *
 * @param readable - Locked from here on.
 * @param holders - The names of those who read, as `holders()` will name them.
 * @returns A branch for each name, in that order.
 * @throws `TypeError` or `RangeError` for a wrong argument or a stream that is locked; at once.
 * @throws From the branches: the stream's own error, `TypeError` for a chunk that is no handle, `InvalidStateError` for one
 *   that was released; the stream is cancelled with those.
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
  const ahead = requireWhole('ahead', options.ahead ?? DEFAULT_AHEAD, 0);
  const { branches } = new Sharing(readable.getReader(), holders, ahead);
  // One for each name, which map() cannot say of a tuple.
  return branches.map(({ outlet }) => outlet.readable) as { [K in keyof N]: ReadableStream<FrameHandle<S>> };
}

/** One reader's side. */
interface Branch<S extends Storage> {
  readonly holder: string;
  readonly outlet: Outlet<FrameHandle<S>>;
  cancelled: { readonly reason: unknown } | null;
}

class Sharing<S extends Storage> {
  readonly branches: readonly Branch<S>[];
  readonly #reader: ReadableStreamDefaultReader<FrameHandle<S>>;
  readonly #ahead: number;
  #isReading = false;
  #isClosed = false;
  #isOver = false;

  constructor(
    reader: ReadableStreamDefaultReader<FrameHandle<S>>,
    holders: readonly string[],
    ahead: number,
  ) {
    this.#reader = reader;
    this.#ahead = ahead;
    this.branches = holders.map((holder) => {
      const branch: Branch<S> = {
        holder,
        cancelled: null,
        outlet: new Outlet((handle) => handle.release(), {
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

  /** Reads only for somebody who asks. So branches that were dropped ask for nothing, and the net finds what they held. */
  #pump(): void {
    if (this.#isReading || this.#isOver) return;
    const live = this.#live;
    const hasRoom = live.every(({ outlet }) => outlet.isAsked || outlet.length < this.#ahead);
    if (!hasRoom || !live.some(({ outlet }) => outlet.isAsked)) return;
    this.#isReading = true;
    this.#reader.read().then(
      ({ done, value }) => {
        if (!done) this.#give(value);
        // Only now: while shares are handed out, some branches are without theirs.
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
      // All shares first, for whoever gets one may release at once, and cancel what others have.
      const shares = inCall(callOf(handle), () =>
        this.#live.map((branch) => ({ branch, share: handle.retain(branch.holder) })),
      );
      for (const { branch, share } of shares) branch.outlet.give(share);
    } catch (error) {
      this.fail(error);
      this.#reader.cancel(error).catch(() => {});
    } finally {
      letGo(handle);
    }
  }

  /** The stream has ended. It says so before it gives the last of the chunks that it has queued itself. */
  onClosed(): void {
    this.#isClosed = true;
    if (!this.#isReading) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    for (const { outlet } of this.branches) outlet.end();
  }

  /** The stream has failed, or what came of it is of no use. */
  fail(error: unknown): void {
    this.#isOver = true;
    for (const { outlet } of this.branches) outlet.fail(error);
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
 * Tells how the source ended. The sharing is referred to weakly, for the app may keep the stream, and branches that it
 * forgot must not live on through that. A function of its own, for closures of one scope keep alive what any of them refers to.
 */
function followClosing<S extends Storage>(
  reader: ReadableStreamDefaultReader<FrameHandle<S>>,
  sharing: Sharing<S>,
): void {
  const weak = new WeakRef(sharing);
  const onClosed = (): void => weak.deref()?.onClosed();
  reader.closed.then(onClosed, (error: unknown) => weak.deref()?.fail(error));
}

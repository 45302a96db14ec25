/** Plays random calls to a pool and to its model at once, and compares after every one. */
import { expect } from 'vitest';
import type { CanvasStorage, DecodedStorage, FrameHandle, FramePermit, PoolNotice } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { openFrames } from './fake-accounting.ts';
import { fakeContext } from './fake-canvas.ts';
import { canvases, microtasks } from './fake-pools.ts';
import type { ModelLoan } from './fake-pool-model.ts';
import { PoolModel } from './fake-pool-model.ts';

type Kind = 'decoded' | 'canvas';

/** What a script holds of one loan. */
export interface Held<S> {
  readonly loan: ModelLoan;
  readonly share: S;
}

/** A small generator of numbers from 0 to below 1, the same for the same seed. (mulberry32, public domain.) */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SIZES = [
  { width: 64, height: 48 },
  { width: 32, height: 24 },
  { width: 80, height: 60 },
];
const bytesOf = ({ width, height }: { width: number; height: number }): number => width * height * 4;

const numberOf = ({ waiter }: { waiter: number }): number => waiter;

/** One run: the pool, its model, and what the script holds. */
export class Script<S extends DecodedStorage | CanvasStorage> {
  readonly random: () => number;
  readonly clock = new ManualClock();
  readonly pool: VideoFramePool<S>;
  readonly model: PoolModel;
  readonly handles: Held<FrameHandle<S>>[] = [];
  readonly permits: Held<FramePermit>[] = [];
  readonly spent: { release(): void }[] = [];
  readonly waiting = new Map<number, AbortController>();
  #lastNumber = 0;
  #listening = false;
  readonly #heard: PoolNotice[] = [];
  readonly #served: { waiter: number; share: FrameHandle<S> | FramePermit }[] = [];
  readonly #failed: { waiter: number; name: string }[] = [];
  readonly #settled: { decommit: number; home: boolean }[] = [];

  constructor(seed: number, kind: Kind) {
    this.random = mulberry32(seed);
    const capacity = 1 + this.below(4);
    const limited = kind === 'canvas' && this.random() < 0.3;
    const initial = kind === 'decoded' || limited ? 0 : this.below(capacity + 1);
    const maxBytes = limited ? bytesOf({ width: 80, height: 60 }) * (1 + this.below(3)) : Infinity;
    const idleMs = 100;
    // The caller names the kind and the type together; the options are those of that kind.
    const storage = (kind === 'canvas' ? canvases() : undefined) as S | undefined;
    this.pool = new VideoFramePool<S>({ capacity, initial, maxBytes, idleMs, clock: this.clock, storage });
    this.model = new PoolModel({
      kind,
      capacity,
      initial,
      maxBytes,
      idleMs,
      bufferBytes: bytesOf(SIZES[0] ?? { width: 0, height: 0 }),
    });
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }
  pickSize(): { width: number; height: number; bytes: number } {
    const size = this.pick(SIZES) ?? { width: 1, height: 1 };
    return { ...size, bytes: bytesOf(size) };
  }

  /** Asks with a promise, in pool and model. */
  wait(ask: (signal: AbortSignal) => Promise<FrameHandle<S> | FramePermit>, kind: ModelLoan['kind']): void {
    const waiter = ++this.#lastNumber;
    const controller = new AbortController();
    ask(controller.signal).then(
      (share) => this.#served.push({ waiter, share }),
      (error: unknown) =>
        this.#failed.push({ waiter, name: error instanceof DOMException ? error.name : 'other' }),
    );
    if (this.model.state !== 'active') {
      this.model.failed.push({ waiter, name: 'InvalidStateError' });
      return;
    }
    this.waiting.set(waiter, controller);
    this.model.join(waiter, kind);
  }

  abort(): void {
    const chosen = this.pick([...this.waiting]);
    if (chosen === undefined) return;
    const [waiter, controller] = chosen;
    controller.abort();
    this.model.abort(waiter);
  }

  decommit(): void {
    const decommit = ++this.#lastNumber;
    void this.pool.decommit().then((home) => this.#settled.push({ decommit, home }));
    this.model.decommit(decommit);
  }

  toggleListener(): void {
    this.#listening = !this.#listening;
    this.pool.setListener(this.#listening ? (notice) => this.#heard.push(notice) : null);
  }

  /** A handle of the pool has come: it must show what the model says. */
  keep(loan: ModelLoan, handle: FrameHandle<S>): void {
    if (loan.buffer !== null && 'canvas' in handle) {
      const { canvas, context } = handle;
      if (loan.buffer.canvas === null) loan.buffer.canvas = canvas;
      expect(canvas, 'the buffer that was used last').toBe(loan.buffer.canvas);
      expect(fakeContext(context).isPristine, 'a lent buffer is like new').toBe(true);
    }
    this.handles.push({ loan, share: handle });
  }

  /** Lets microtasks run, and compares all that they bring. */
  async flush(): Promise<void> {
    await microtasks();
    const { model } = this;
    const granted = new Map(model.granted.map((grant) => [grant.waiter, grant]));
    const waited = ({ waiter }: { waiter: number }): boolean => granted.get(waiter)?.waited === true;
    // Who found room at once may hear of it a few microtasks before one who was granted a slot in the same task.
    expect(this.#served.filter(waited).map(numberOf), 'served in order').toEqual(
      model.granted.filter(waited).map(numberOf),
    );
    expect(this.#served, 'served').toHaveLength(granted.size);
    for (const { waiter, share } of this.#served) {
      this.waiting.delete(waiter);
      const loan = granted.get(waiter)?.loan;
      if (loan === undefined) throw new Error('served, and the model knows nothing of it');
      if ('adopt' in share) this.permits.push({ loan, share });
      else this.keep(loan, share);
    }
    const byWaiter = (a: { waiter: number }, b: { waiter: number }): number => a.waiter - b.waiter;
    expect([...this.#failed].sort(byWaiter), 'failed').toEqual([...model.failed].sort(byWaiter));
    for (const { waiter } of this.#failed) this.waiting.delete(waiter);
    expect(this.#settled, 'decommits').toEqual(model.settled);
    const told = this.#heard.map(({ reason, discarded, freeCount }) => ({ reason, discarded, freeCount }));
    const expected = model.notices.map((notice) => ({ reason: 'released', ...notice }));
    expect(told, 'one notice for each return, in order').toEqual(this.#hears ? expected : []);
    for (const list of [this.#served, model.granted, this.#failed, model.failed]) list.length = 0;
    for (const list of [this.#settled, model.settled, this.#heard, model.notices]) list.length = 0;
  }

  get #hears(): boolean {
    return this.#listening && this.model.state !== 'closed';
  }

  /** What must hold at every moment. */
  check(): void {
    const { pool, model } = this;
    const stats = pool.stats();
    const { freeCount, lentCount, decodingCount, idleCount, waitingCount } = stats;
    expect({
      state: pool.state,
      capacity: pool.capacity,
      freeCount,
      lentCount,
      decodingCount,
      idleCount,
      waitingCount,
    }).toEqual({
      state: model.state,
      capacity: model.capacity,
      freeCount: model.free,
      lentCount: model.lent,
      decodingCount: model.loans.size - model.lent,
      idleCount: model.idle.length,
      waitingCount: model.queue.length,
    });
    expect(stats.capacity + stats.surplus, 'the cap').toBe(freeCount + lentCount + decodingCount);
    expect(idleCount, 'idle buffers are free').toBeLessThanOrEqual(freeCount);
    expect(waitingCount > 0 && model.admits, 'somebody waits, and there is room').toBe(false);
    expect([stats.released, stats.generation]).toEqual([model.returns, model.generation]);
    if (model.kind === 'canvas') {
      expect(pool.bytes).toBe(model.bytes);
      expect(pool.bytes).toBeLessThanOrEqual(model.maxBytes);
      return;
    }
    const open = [...model.loans].reduce(
      (sum, { kind, cloned }) => sum + (kind === 'lent' ? 1 : 0) + (cloned ? 1 : 0),
      0,
    );
    expect(openFrames(), 'frames opened and not closed').toBe(open);
  }
}

/** Films and buffers under one budget, in random order: permits, frames that grow, lag, copies. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CanvasStorage, DecodedStorage, FrameHandle, FramePermit, Storage } from '../../src/index.ts';
import { FrameBudget, VideoFramePool } from '../../src/index.ts';
import { budgetBehind } from '../../src/pool/frame-budget.ts';
import { coreOf } from '../../src/pool/pool.ts';
import { canvases, microtasks } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

const MAX_BYTES = 8 * 16 * 16 * 4;

/** Frames of a quarter of a buffer's bytes, of as many, and of twice as many. */
const SIDES = [8, 16, 32] as const;

const MOVES = [
  'reserve',
  'reserve',
  'wait',
  'adopt',
  'put',
  'grown',
  'grown',
  'lag',
  'return',
  'acquire',
  'acquire',
  'copy',
  'copy',
  'copy',
  'release',
  'release',
  'release',
  'abort',
  'trim',
] as const;

interface Move {
  readonly kind: (typeof MOVES)[number];
  readonly pick: number;
}

class Play {
  readonly budget: FrameBudget;
  readonly films: VideoFramePool[];
  readonly strips: VideoFramePool<CanvasStorage>[];
  readonly frames: FrameHandle<DecodedStorage>[] = [];
  readonly buffers: FrameHandle<Storage>[] = [];
  readonly permits: FramePermit[] = [];
  readonly waits = new Set<AbortController>();
  /** Moves that did something. */
  grew = 0;
  copied = 0;

  constructor(maxFrames: number) {
    this.budget = new FrameBudget({ maxBytes: MAX_BYTES, maxFrames });
    this.films = [2, 8].map((capacity) => new VideoFramePool({ capacity, budget: this.budget }));
    this.strips = [1, 6].map(
      (capacity) => new VideoFramePool({ capacity, budget: this.budget, storage: canvases(16, 16) }),
    );
  }

  do({ kind, pick }: Move): void {
    const film = this.films[pick % 2] as VideoFramePool;
    const strip = this.strips[pick % 2] as VideoFramePool<CanvasStorage>;
    const side = SIDES[pick % SIDES.length] as number;
    const frame = (): VideoFrame => makeFrame({ codedWidth: side, codedHeight: side, format: null });
    const permit = this.permits[pick % Math.max(1, this.permits.length)];
    if (kind === 'reserve') this.#keep(this.permits, film.tryReserve());
    else if (kind === 'wait') this.#wait(this.permits, (signal) => film.reserve({ signal }));
    else if (kind === 'adopt') this.#tried(() => film.adopt(frame()));
    else if (kind === 'lag') this.frames.push(coreOf(film).admit(frame(), undefined, true) as never);
    else if (kind === 'acquire') this.#wait(this.buffers, (signal) => strip.acquire({ signal }));
    else if (kind === 'release') this.#releaseOne(pick % 3 === 0 ? this.frames : this.buffers, pick);
    else if (kind === 'abort') [...this.waits][pick % Math.max(1, this.waits.size)]?.abort();
    else if (kind === 'trim') strip.trim();
    else if (kind === 'copy') this.#copy(strip, pick);
    else if (permit !== undefined) this.#spend(permit, kind, frame);
  }

  #spend(permit: FramePermit, kind: Move['kind'], frame: () => VideoFrame): void {
    this.permits.splice(this.permits.indexOf(permit), 1);
    if (kind === 'return') permit.release();
    else if (kind === 'put') this.#tried(() => permit.adopt(frame()));
    else this.frames.push(permit.put(frame(), undefined, true));
    this.grew += kind === 'grown' ? 1 : 0;
  }

  #copy(strip: VideoFramePool<CanvasStorage>, pick: number): void {
    const source = this.frames[pick % Math.max(1, this.frames.length)];
    if (source === undefined) return;
    this.#wait(this.buffers, (signal) => source.copyTo(strip, { signal }));
    this.copied++;
  }

  #tried(adopt: () => FrameHandle<DecodedStorage>): void {
    try {
      this.frames.push(adopt());
    } catch (error) {
      expect((error as Error).name).toBe('QuotaExceededError');
    }
  }

  #keep<T>(list: T[], one: T | null): void {
    if (one !== null) list.push(one);
  }

  #wait<T>(list: T[], ask: (signal: AbortSignal) => Promise<T>): void {
    const leave = new AbortController();
    this.waits.add(leave);
    ask(leave.signal).then(
      (one) => {
        this.waits.delete(leave);
        list.push(one);
      },
      (error: Error) => {
        this.waits.delete(leave);
        expect(['AbortError', 'QuotaExceededError']).toContain(error.name);
      },
    );
  }

  #releaseOne(list: { release(): void }[], pick: number): void {
    list.splice(pick % Math.max(1, list.length), 1)[0]?.release();
  }

  check(): void {
    const pools = [...this.films, ...this.strips] as VideoFramePool<Storage>[];
    const sum = (of: (pool: VideoFramePool<Storage>) => number): number =>
      pools.reduce((total, pool) => total + of(pool), 0);
    const account = budgetBehind(this.budget);
    expect(this.budget.bytes).toBe(sum((pool) => pool.bytes));
    expect(this.budget.frames).toBe(sum((pool) => pool.lentCount + pool.decodingCount));
    expect(account.allowed).toBe(sum((pool) => coreOf(pool).ledger.allowed));
    // But for what decoders made beyond it, the limits hold, with all that is promised.
    expect(account.frames - account.allowed).toBeLessThanOrEqual(account.maxFrames);
    expect(account.bytes - account.idleBytes - account.allowedBytes + account.reserved).toBeLessThanOrEqual(
      MAX_BYTES,
    );
    // Nothing idle is kept beyond the limit.
    if (account.idleBytes > 0) expect(account.bytes + account.reserved).toBeLessThanOrEqual(MAX_BYTES);
  }

  /** Gives everything back until nobody waits. Copies that wait for each other are the app's to end. */
  async end(): Promise<void> {
    for (let round = 0; round < 200 && this.waits.size + this.#held > 0; round++) {
      for (const list of [this.permits, this.frames, this.buffers]) {
        for (const one of list.splice(0)) one.release();
      }
      await microtasks();
      if (this.#held === 0) [...this.waits][0]?.abort();
      await microtasks();
      this.check();
    }
    expect([this.waits.size, this.#held]).toEqual([0, 0]);
    for (const pool of [...this.films, ...this.strips]) pool.close();
    expect([this.budget.bytes, this.budget.frames, budgetBehind(this.budget).reserved]).toEqual([0, 0, 0]);
  }

  get #held(): number {
    return this.permits.length + this.frames.length + this.buffers.length;
  }
}

test('films and buffers under one budget: the sums are true, promises are kept, and all comes home [C3] [C4] [C9]', async () => {
  let grew = 0;
  let copied = 0;
  const moves = fc.array(fc.record({ kind: fc.constantFrom(...MOVES), pick: fc.nat({ max: 30 }) }), {
    minLength: 1,
    maxLength: 120,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(moves, fc.constantFrom(2, 5, Infinity), async (script, maxFrames) => {
      const play = new Play(maxFrames);
      for (const move of script) {
        play.do(move);
        await microtasks();
        play.check();
      }
      await play.end();
      grew += play.grew;
      copied += play.copied;
    }),
    { numRuns: 200 },
  );
  expect(Math.min(grew, copied)).toBeGreaterThan(50);
}, 60_000);

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CanvasStorage, FrameHandle } from '../../src/index.ts';
import { FrameBudget, VideoFramePool } from '../../src/index.ts';
import { canvases, microtasks } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** Sizes of the pools' buffers: large and small ones want the same bytes. */
const SIZES = [
  [8, 8],
  [16, 16],
  [32, 8],
  [8, 8],
] as const;
const MAX_BYTES = 4 * 16 * 16 * 3;

/** One pool of a script, and what the script knows of it. */
interface Player {
  readonly pool: VideoFramePool<CanvasStorage>;
  readonly bufferBytes: number;
  readonly held: FrameHandle<CanvasStorage>[];
}

/** One who waits, in the order in which he came. */
interface Waiting {
  readonly player: Player;
  readonly leave: AbortController;
  settled: boolean;
}

const KINDS = ['try', 'acquire', 'acquire', 'release', 'release', 'abort', 'trim', 'grow', 'shrink'];

const movesOf = (...kinds: string[]): fc.Arbitrary<{ kind: string; pool: number; pick: number }[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      pool: fc.nat({ max: SIZES.length - 1 }),
      pick: fc.nat({ max: 20 }),
    }),
    { minLength: 1, maxLength: 120, size: 'max' },
  );

class Play {
  readonly budget: FrameBudget;
  readonly players: readonly Player[];
  readonly waiting: Waiting[] = [];

  constructor(maxFrames: number) {
    this.budget = new FrameBudget({ maxBytes: MAX_BYTES, maxFrames });
    this.players = SIZES.map(([width, height], index) => ({
      pool: new VideoFramePool({
        capacity: 1 + (index % 3),
        budget: this.budget,
        storage: canvases(width, height),
      }),
      bufferBytes: width * height * 4,
      held: [],
    }));
  }

  do(kind: string, player: Player, pick: number): void {
    const { pool, held } = player;
    if (kind === 'try') {
      const mayPass = this.#head() === null;
      const handle = pool.tryAcquire();
      if (handle !== null) held.push(handle);
      if (!mayPass) expect(handle).toBeNull();
    } else if (kind === 'acquire') {
      this.#wait(player, (signal) => pool.acquire({ signal }));
    } else if (kind === 'capture') {
      const [codedWidth, codedHeight] = SIZES[pick % SIZES.length] as (typeof SIZES)[0];
      const frame = makeFrame({ codedWidth, codedHeight });
      this.#wait(player, (signal) => pool.capture(frame, { signal, sizeChange: 'reconfigure' }));
    } else if (kind === 'release') {
      held.splice(pick % Math.max(1, held.length), 1)[0]?.release();
    } else if (kind === 'abort') {
      this.waiting[pick % Math.max(1, this.waiting.length)]?.leave.abort();
    } else if (kind === 'trim') {
      pool.trim();
    } else {
      pool.configure({ capacity: kind === 'grow' ? 4 : 1 });
    }
  }

  #wait(player: Player, ask: (signal: AbortSignal) => Promise<FrameHandle<CanvasStorage>>): void {
    const waiting: Waiting = { player, leave: new AbortController(), settled: false };
    this.waiting.push(waiting);
    ask(waiting.leave.signal).then(
      (handle) => {
        waiting.settled = true;
        player.held.push(handle);
      },
      () => {
        waiting.settled = true;
      },
    );
  }

  /** After the microtasks: who is served is known. */
  checkSums(): void {
    for (let at = this.waiting.length - 1; at >= 0; at--)
      if (this.waiting[at]?.settled) this.waiting.splice(at, 1);
    const { budget, players } = this;
    const sum = (of: (player: Player) => number): number =>
      players.reduce((total, one) => total + of(one), 0);
    expect(budget.bytes).toBe(sum(({ pool }) => pool.bytes));
    expect(budget.frames).toBe(sum(({ pool }) => pool.lentCount));
    expect(budget.frames).toBe(sum(({ held }) => held.length));
    expect(budget.bytes).toBeLessThanOrEqual(budget.maxBytes);
    expect(budget.frames).toBeLessThanOrEqual(budget.maxFrames);
    for (const { pool } of players) expect(pool.freeCount + pool.lentCount).toBe(pool.capacity);
    expect(sum(({ pool }) => pool.waitingCount)).toBe(this.waiting.length);
  }

  /** Nobody waits without need: for the one at the head there is no room even without a single idle buffer. */
  checkNeed(): void {
    const { budget, players } = this;
    const head = this.#head();
    if (head === null) return;
    const idle = players.reduce((sum, { pool, bufferBytes }) => sum + pool.idleCount * bufferBytes, 0);
    const need = head.pool.idleCount > 0 ? 0 : head.bufferBytes;
    const hasRoom = budget.frames < budget.maxFrames && budget.bytes - idle + need <= budget.maxBytes;
    expect(hasRoom).toBe(false);
  }

  /** The one who came first of those whose own pool is not full. */
  #head(): Player | null {
    return this.waiting.find(({ settled, player }) => !settled && player.pool.freeCount > 0)?.player ?? null;
  }

  /** Gives back what is held, again and again, until everybody was served. */
  async drain(): Promise<void> {
    while (this.players.some(({ held }) => held.length > 0)) {
      for (const { held } of this.players) for (const handle of held.splice(0)) handle.release();
      await microtasks();
      this.checkSums();
    }
    expect(this.waiting.length).toBe(0);
  }

  async end(): Promise<void> {
    for (const { leave } of this.waiting) leave.abort();
    // One who leaves may let another through before that one leaves, too.
    await microtasks();
    for (const { held } of this.players) for (const handle of held.splice(0)) handle.release();
    for (const { pool } of this.players) pool.close();
  }
}

test('whatever four pools do, their budget’s sums are true, its limits hold, and nobody waits without need [C3] [C4]', async () => {
  let served = 0;
  await fc.assert(
    fc.asyncProperty(movesOf(...KINDS), fc.constantFrom(1, 3, 5, Infinity), async (script, maxFrames) => {
      const play = new Play(maxFrames);
      for (const { kind, pool, pick } of script) {
        play.do(kind, play.players[pool] as Player, pick);
        await microtasks();
        play.checkSums();
        play.checkNeed();
      }
      served += play.players.reduce((total, { pool }) => total + pool.stats().lent, 0);
      await play.end();
      expect([play.budget.bytes, play.budget.frames]).toEqual([0, 0]);
    }),
    { numRuns: 150 },
  );
  expect(served).toBeGreaterThan(1000);
}, 60_000);

test('pictures of changing sizes: the sums are true, the limits hold, and everybody is served in the end [C3] [C4] [C8]', async () => {
  let resized = 0;
  await fc.assert(
    fc.asyncProperty(
      movesOf(...KINDS, 'capture', 'capture', 'capture'),
      fc.constantFrom(2, 5, Infinity),
      async (script, maxFrames) => {
        const play = new Play(maxFrames);
        for (const { kind, pool, pick } of script) {
          play.do(kind, play.players[pool] as Player, pick);
          await microtasks();
          play.checkSums();
        }
        await play.drain();
        resized += play.players.reduce((total, { pool }) => total + pool.stats().generation, 0);
        await play.end();
        expect([play.budget.bytes, play.budget.frames]).toEqual([0, 0]);
      },
    ),
    { numRuns: 100 },
  );
  expect(resized).toBeGreaterThan(500);
}, 60_000);

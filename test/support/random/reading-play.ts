/** Real decoders, at random: readings of a clip that are taken from, held up, left, aborted and begun anew. */
import { expect } from 'vitest';
import { FrameBudget } from '../../../src/index.ts';
import type { VideoReader } from '../../../src/media/index.ts';
import { budgetBehind } from '../../../src/pool/budget.ts';
import { clip } from '../../media/clips.ts';
import { livePictures } from '../accounting.ts';
import { Lane } from './lane.ts';
import type { Play, Step } from './programs.ts';
import { chosen, eventually, tasks } from './programs.ts';

export const STEPS: readonly string[] =
  `next next next next next next next next next release release release release release look leave abort seek seek frameAt stop capacity`.split(
    ' ',
  );

/** What a program of readings begins with. */
export interface Readings {
  readonly file: string;
  readonly capacities: readonly number[];
  /** The most frames of all pools together; null for pools that share nothing. */
  readonly maxFrames: number | null;
}

export class ReadingPlay implements Play<Step> {
  readonly lanes: readonly Lane[];
  readonly #budget: FrameBudget | null;

  constructor(reader: VideoReader, { file, capacities, maxFrames }: Readings) {
    this.#budget = maxFrames === null ? null : new FrameBudget({ maxFrames });
    this.lanes = capacities.map((capacity) => new Lane(reader, clip(file), capacity, this.#budget));
  }

  async do({ kind, pick }: Step): Promise<void> {
    const lane = chosen(this.lanes, pick) as Lane;
    const at = Math.floor(pick / this.lanes.length);
    const held = chosen(lane.held, at);
    if (kind === 'next') lane.next();
    else if (kind === 'release' && held !== undefined)
      lane.held.splice(lane.held.indexOf(held), 1)[0]?.release();
    else if (kind === 'look' && held !== undefined) lane.look(held);
    else if (kind === 'leave') await lane.leave();
    else if (kind === 'abort') lane.abort();
    else if (kind === 'seek') await lane.seek(at);
    else if (kind === 'frameAt') lane.frameAt(at);
    else if (kind === 'stop') await lane.stopSeeking();
    else if (kind === 'capacity') lane.pool.configure({ capacity: 1 + (at % 5) });
    for (const each of this.lanes) await this.#settle(each);
  }

  /** What was asked for comes, as far as there is room for it. */
  async #settle(lane: Lane): Promise<void> {
    await tasks(1);
    await eventually(() => {
      lane.take();
      return !lane.isPending || !this.#mustCome(lane);
    }, 'the frame that was asked for');
    // Notices come in microtasks.
    await tasks(1);
    lane.take();
  }

  #mustCome({ pool, held, isSeeking }: Lane): boolean {
    const budget = this.#budget;
    if (held.length >= pool.capacity) return false;
    if (budget === null && !isSeeking) return true;
    // What others have decoded ahead may be in the way; but not of a frame that is in the decoder, or has room.
    const hasRoom = pool.freeCount > 0 && (budget === null || budget.frames < budget.maxFrames - 1);
    return hasRoom || pool.decodingCount > 0;
  }

  check(): void {
    const lent = this.lanes.reduce((sum, { pool }) => sum + pool.lentCount, 0);
    expect(livePictures(), 'every frame is in a slot').toBe(lent);
    for (const lane of this.lanes) lane.check();
    if (this.#budget === null) return;
    const account = budgetBehind(this.#budget);
    if (account === undefined) throw new Error('the budget has no account');
    const out = this.lanes.reduce((sum, { pool }) => sum + pool.lentCount + pool.decodingCount, 0);
    expect(this.#budget.frames).toBe(out);
    // But for what decoders made beyond it.
    expect(account.frames - account.allowed).toBeLessThanOrEqual(account.maxFrames);
  }

  async end(): Promise<void> {
    // Who was not asked may hold what others wait for. Then all that was asked for comes, if somebody takes it.
    for (const lane of this.lanes) {
      await lane.stopSeeking();
      if (!lane.isPending) await lane.leave();
    }
    await eventually(() => {
      for (const lane of this.lanes) {
        lane.take();
        for (const handle of lane.held.splice(0)) handle.release();
      }
      return this.lanes.every(({ isPending }) => !isPending);
    }, 'all that was asked for');
    for (const lane of this.lanes) await lane.leave();
    await tasks(1);
    this.check();
    for (const { pool } of this.lanes) {
      expect([pool.lentCount, pool.decodingCount, pool.waitingCount]).toEqual([0, 0, 0]);
      pool.close();
    }
  }
}

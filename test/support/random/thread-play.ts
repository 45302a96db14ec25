/** Frames and buffers that go to a real worker, at random: sent, shared over there, given back, lost with it. */
import { expect } from 'vitest';
import type { FrameHandle, PoolNotice, Storage, VideoFramePool } from '../../../src/index.ts';
import { connectPool } from '../../../src/index.ts';
import { poolOfKind, COLOUR } from '../threads/pools.ts';
import { FarEnd } from './far-end.ts';
import type { Line, Loan, Parcel } from './parcels.ts';
import type { Play, Step } from './programs.ts';
import { chosen, eventually, surely, tasks, Wait } from './programs.ts';

export const STEPS: readonly string[] =
  `fill fill fill fill share share share send send send send send send take take take take take take look look see see see see retain release release release
   let let abort link close kill kill`.split(/\s+/u);

const CAPACITY = 4;

/** Of 255: what a picture's way through a canvas and another thread may make of a colour. */
const DRIFT = 6;

const REASON = new Error('the reason');

export class ThreadPlay implements Play<Step> {
  /** Frames that were taken over there, and how many were lost with the worker. */
  taken = 0;
  lost = 0;
  readonly #filled: ReturnType<typeof poolOfKind>;
  readonly #loans = new Set<Loan>();
  readonly #lines: Line[] = [];
  readonly #ahead: number;
  readonly #heard: PoolNotice['reason'][] = [];
  /** Slots that came back, by what the last share came to. */
  #returns = 0;
  #number = 0;
  static #lastLink = 0;

  private constructor(kind: string, ahead: number) {
    this.#filled = poolOfKind(kind, CAPACITY);
    this.#ahead = ahead;
    this.#pool.setListener(({ reason }) => this.#heard.push(reason));
  }

  static async begin(kind: string, ahead: number): Promise<ThreadPlay> {
    const play = new ThreadPlay(kind, ahead);
    await play.#link();
    return play;
  }

  get #pool(): VideoFramePool<Storage> {
    return this.#filled.pool;
  }

  async do({ kind, pick }: Step): Promise<void> {
    const here = chosen(
      [...this.#loans].filter(({ shares }) => shares.length > 0),
      pick,
    );
    const line = chosen(
      this.#lines.filter(({ state }) => state !== 'closed'),
      pick,
    );
    const held = chosen(this.#held, pick);
    if (kind === 'fill') await this.#fill();
    else if (kind === 'share' && here !== undefined)
      here.shares.push((here.shares[0] as FrameHandle<Storage>).retain());
    else if (kind === 'let' && here !== undefined) this.#let(here);
    else if (kind === 'see' && here !== undefined) this.#see(here);
    else if (kind === 'link' || (kind === 'send' && line === undefined)) await this.#link();
    else if (kind === 'send' && line !== undefined) await this.#sendOne(line, here);
    else if (kind === 'take' && line !== undefined) await this.#take(line);
    else if (kind === 'look' && held !== undefined) await this.#look(held);
    else if (kind === 'retain' && held !== undefined) await this.#retain(held);
    else if (kind === 'release' && held !== undefined) await this.#release(held);
    else if (kind === 'abort' && line !== undefined) this.#abort(line);
    else if (kind === 'close' && pick % 3 === 0 && line !== undefined) this.#close(line);
    else if (kind === 'kill' && pick % 4 === 0) await this.#kill();
    await this.#settle();
  }

  check(): void {
    const { lentCount, freeCount, waitingCount } = this.#pool;
    expect([lentCount, freeCount, waitingCount]).toEqual([this.#loans.size, CAPACITY - this.#loans.size, 0]);
    for (const { link, parcels, state } of this.#lines) {
      const count = (of: Parcel['state'][]): number =>
        parcels.filter((each) => of.includes(each.state)).length;
      expect([link.lentCount, link.waitingCount, link.refusedCount]).toEqual([
        count(['sent', 'held']),
        count(['queued']),
        0,
      ]);
      if (state === 'closed') expect(link.state).toBe('closed');
    }
    expect(this.#heard, 'one notice a return').toHaveLength(this.#returns);
    expect(this.#heard).not.toContain('recovered');
    expect(this.#heard.filter((reason) => reason === 'lost')).toHaveLength(this.lost);
  }

  async end(): Promise<void> {
    for (const loan of this.#loans) while (loan.shares.length > 0) this.#let(loan);
    for (const line of this.#lines) if (line.state === 'open') this.#close(line);
    for (const parcel of this.#held) while (parcel.state === 'held') await this.#release(parcel);
    // What nobody took goes home when they stop receiving.
    for (const line of this.#lines) {
      if (line.state !== 'closed') await FarEnd.current?.ask({ far: 'leave', link: line.number });
      for (const parcel of line.parcels) this.#home(parcel);
      await surely(line.link.closed, 'the end of a link');
    }
    await this.#settle();
    this.check();
    expect(this.#pool.lentCount).toBe(0);
    // Nothing is open over there either.
    if (FarEnd.current !== null) expect(await FarEnd.current.ask({ far: 'account' })).toEqual([0, 0]);
    this.#pool.close();
  }

  get #held(): Parcel[] {
    return this.#lines.flatMap(({ parcels }) => parcels.filter(({ state }) => state === 'held'));
  }

  async #fill(): Promise<Loan | null> {
    if (this.#loans.size >= CAPACITY) return null;
    const handle = await surely(this.#filled.fill(++this.#number), 'a frame');
    const loan = { shares: [handle], out: 0 };
    this.#loans.add(loan);
    return loan;
  }

  #let(loan: Loan): void {
    loan.shares.pop()?.release();
    this.#dropIfHome(loan, false);
  }

  async #link(): Promise<void> {
    if (this.#lines.filter(({ state }) => state === 'open').length >= 2) return;
    await FarEnd.start();
    const number = ++ThreadPlay.#lastLink;
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(this.#pool, port1, { name: `link ${number}` });
    await FarEnd.current?.ask({ far: 'receive', link: number, ahead: this.#ahead }, [port2]);
    await surely(link.opened, 'a link');
    this.#lines.push({ number, link, ahead: this.#ahead, parcels: [], taken: 0, state: 'open' });
    await tasks(2);
  }

  async #sendOne(line: Line, here: Loan | undefined): Promise<void> {
    const loan = here ?? (await this.#fill());
    if (loan !== null) this.#send(line, loan);
  }

  #send(line: Line, loan: Loan): void {
    const handle = loan.shares.pop() as FrameHandle<Storage>;
    const controller = new AbortController();
    const number = ++this.#number;
    const wait = new Wait(line.link.send(handle, number, { signal: controller.signal }));
    expect(handle.released, 'it is spent').toBe(true);
    if (line.state !== 'open') {
      this.#dropIfHome(loan, false);
      return;
    }
    loan.out++;
    line.parcels.push({ number, loan, wait, controller, state: 'queued', shares: 0 });
  }

  async #take(line: Line): Promise<void> {
    const next = line.parcels.find(({ state }) => state === 'sent');
    if (next === undefined) return;
    expect(await FarEnd.current?.ask({ far: 'take', link: line.number }), 'in the order of sending').toBe(
      next.number,
    );
    next.state = 'held';
    next.shares = 1;
    line.taken++;
    this.taken++;
  }

  async #look({ number }: Parcel): Promise<void> {
    const colour = await FarEnd.current?.ask<number[]>({ far: 'look', frame: number });
    expect(this.#distance(colour ?? []), `${colour}`).toBeLessThanOrEqual(DRIFT);
  }

  /** What has a share here can be read here, wherever else it is. */
  #see({ shares: [handle] }: Loan): void {
    const frame = handle?.toVideoFrame() as VideoFrame;
    const context = new OffscreenCanvas(8, 8).getContext('2d', { willReadFrequently: true });
    context?.drawImage(frame, 0, 0, 8, 8);
    frame.close();
    const colour = [...(context?.getImageData(2, 2, 1, 1).data ?? [])];
    expect(this.#distance(colour), `${colour}`).toBeLessThanOrEqual(DRIFT);
  }

  #distance(colour: readonly number[]): number {
    return Math.max(...COLOUR.map((value, channel) => Math.abs(value - (colour[channel] ?? NaN))));
  }

  async #retain(parcel: Parcel): Promise<void> {
    await FarEnd.current?.ask({ far: 'retain', frame: parcel.number });
    parcel.shares++;
  }

  async #release(parcel: Parcel): Promise<void> {
    await FarEnd.current?.ask({ far: 'release', frame: parcel.number });
    if (--parcel.shares === 0) this.#home(parcel);
  }

  #abort(line: Line): void {
    const queued = line.parcels.findLast(({ state }) => state === 'queued');
    if (queued === undefined) return;
    queued.controller.abort(REASON);
    this.#home(queued);
  }

  /** What waits here comes home at once, the rest as it is released. */
  #close(line: Line): void {
    line.link.close();
    if (line.state === 'open') line.state = 'closing';
    for (const parcel of line.parcels) if (parcel.state === 'queued') this.#home(parcel);
  }

  /** The worker ends without a word: all that was there is lost. */
  async #kill(): Promise<void> {
    if (FarEnd.current === null) return;
    FarEnd.terminate();
    for (const line of this.#lines) {
      const end = await surely(line.link.closed, 'the loss of a worker');
      if (line.state === 'open') expect(end).toBe('lost');
      for (const parcel of line.parcels) this.#home(parcel, parcel.state !== 'queued');
      line.state = 'closed';
    }
  }

  #home(parcel: Parcel, isLost = false): void {
    if (parcel.state === 'over') return;
    parcel.state = 'over';
    parcel.loan.out--;
    this.#dropIfHome(parcel.loan, isLost);
  }

  #dropIfHome(loan: Loan, isLost: boolean): void {
    if (loan.out > 0 || loan.shares.length > 0 || !this.#loans.delete(loan)) return;
    this.#returns++;
    if (isLost) this.lost++;
  }

  /** What has room over there goes, what was released comes home, and a link whose last frame is home closes. */
  async #settle(): Promise<void> {
    for (const line of this.#lines) {
      const live = line.parcels.filter(({ state }) => state !== 'over');
      for (const parcel of live.filter(({ state }) => state === 'queued')) {
        const untaken = line.parcels.filter(({ state }) => state === 'sent').length;
        if (untaken >= line.ahead) break;
        await surely(parcel.wait.settled, 'a send with room over there');
        parcel.state = 'sent';
      }
      line.parcels = live;
      const out = live.filter(({ state }) => state !== 'queued' && state !== 'over').length;
      if (line.state === 'closing' && out === 0) line.state = 'closed';
      await eventually(() => line.link.lentCount === out, 'what was released over there');
      if (line.state === 'closed') await surely(line.link.closed, 'the end of a link');
      for (const { wait, state } of live) expect(wait.isPending).toBe(state === 'queued');
    }
    await tasks(1);
  }
}

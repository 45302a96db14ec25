/** Random use of pools with holders in a real worker: frames are sent, shared, released and lost, and every slot returns once. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { FrameHandle, PoolLink, PoolNotice, Storage, VideoFramePool } from '../../src/index.ts';
import { connectPool } from '../../src/index.ts';
import type { Play, Steps } from '../support/random/programs.ts';
import {
  chosen,
  eventually,
  playAll,
  settledSoon,
  tasks,
  Wait,
  withOne,
} from '../support/random/programs.ts';
import { Holder } from '../support/threads/holder.ts';
import type { About, Order } from '../support/threads/holder-worker.ts';
import type { FilledPool } from '../support/threads/linked.ts';
import { COLOUR, KINDS, poolOfKind } from '../support/threads/linked.ts';

const CAPACITY = 4;

/** Maximum drift of a colour, of 255, on its way through a canvas and another thread. */
const DRIFT = 6;

/**
 * A frame or buffer: its shares in this thread, and how many sends of it are queued, in transit, or held by the worker.
 */
interface Loan {
  readonly shares: FrameHandle<Storage>[];
  out: number;
}

/** One send of a loan. */
interface Parcel {
  readonly number: number;
  readonly loan: Loan;
  readonly wait: Wait<void>;
  /** `'queued'` here, `'sent'` and not taken, `'held'` by this many shares, or over. */
  state: 'queued' | 'sent' | 'held' | 'over';
  shares: number;
}

interface Line {
  readonly number: number;
  readonly link: PoolLink;
  parcels: Parcel[];
  state: 'open' | 'closing' | 'closed';
}

/** One worker for all programs, until one of them terminates it. */
let worker: Holder | null = null;
afterAll(() => worker?.terminate());

async function ask<T>(order: Order, about: About, ports: MessagePort[] = []): Promise<T> {
  if (worker === null) throw new Error('there is no worker');
  return settledSoon(worker.ask<T>(order, about, ports), order);
}

const withState = ({ parcels }: Line, ...states: Parcel['state'][]): Parcel[] =>
  parcels.filter(({ state }) => states.includes(state));

function checkColour(colour: readonly number[]): void {
  const distance = Math.max(...COLOUR.map((value, channel) => Math.abs(value - (colour[channel] ?? NaN))));
  expect(distance, `${colour}`).toBeLessThanOrEqual(DRIFT);
}

class ThreadPlay implements Play {
  /** Frames that the worker took, and how many were lost with it. */
  readonly counts = { taken: 0, lost: 0 };
  readonly #pool: VideoFramePool<Storage>;
  readonly #fill: FilledPool['fill'];
  readonly #loans = new Set<Loan>();
  readonly #lines: Line[] = [];
  readonly #highWaterMark: number;
  readonly #notices: PoolNotice['reason'][] = [];
  /** Returned slots. */
  #returns = 0;
  #number = 0;
  static #lastLink = 0;

  constructor(kind: string, highWaterMark: number) {
    ({ pool: this.#pool, fill: this.#fill } = poolOfKind(kind, CAPACITY));
    this.#highWaterMark = highWaterMark;
    this.#pool.setListener(({ reason }) => this.#notices.push(reason));
  }

  async begin(): Promise<this> {
    await this.#link();
    return this;
  }

  /** Loans with a share in this thread. */
  readonly #here = (): Loan[] => [...this.#loans].filter(({ shares }) => shares.length > 0);
  readonly #live = (): Line[] => this.#lines.filter(({ state }) => state !== 'closed');
  readonly #held = (): Parcel[] => this.#lines.flatMap((line) => withState(line, 'held'));
  readonly #withLoan = withOne(this.#here);
  readonly #withLine = withOne(this.#live);
  readonly #withHeld = withOne(this.#held);

  readonly steps: Steps = {
    fill: () => this.#filled(),
    share: this.#withLoan(({ shares }) => shares.push((shares[0] as FrameHandle<Storage>).retain())),
    send: async (pick) => {
      const line = chosen(this.#live(), pick);
      if (line === undefined) await this.#link();
      else this.#send(line, chosen(this.#here(), pick) ?? (await this.#filled()));
    },
    take: this.#withLine(async (line) => {
      const [next] = withState(line, 'sent');
      if (next === undefined) return;
      expect(await ask('take', { link: line.number }), 'in the order of sending').toBe(next.number);
      next.state = 'held';
      next.shares = 1;
      this.counts.taken++;
    }),
    look: this.#withHeld(async ({ number }) => checkColour(await ask('read taken', { frame: number }))),
    // A share in this thread can be read, even if another thread has one.
    see: this.#withLoan(({ shares: [handle] }) => {
      const frame = handle?.toVideoFrame() as VideoFrame;
      const context = new OffscreenCanvas(8, 8).getContext('2d', { willReadFrequently: true });
      context?.drawImage(frame, 0, 0, 8, 8);
      frame.close();
      checkColour([...(context?.getImageData(2, 2, 1, 1).data ?? [])]);
    }),
    retain: this.#withHeld(async (parcel) => {
      await ask('retain taken', { frame: parcel.number });
      parcel.shares++;
    }),
    release: this.#withHeld((parcel) => this.#release(parcel)),
    let: this.#withLoan((loan) => this.#releaseHere(loan)),
    abort: this.#withLine((line) => {
      const queued = withState(line, 'queued').at(-1);
      if (queued === undefined) return;
      queued.wait.controller.abort();
      this.#returnSlot(queued);
    }),
    link: () => this.#link(),
    close: this.#withLine((line, pick) => (pick % 3 === 0 ? this.#close(line) : undefined)),
    kill: (pick) => (pick % 4 === 0 ? this.#kill() : undefined),
  };

  /**
   * Sends with room at the worker resolve, its releases are reported, and a link whose last frame has returned
   * closes.
   */
  async settle(): Promise<void> {
    for (const line of this.#lines) {
      line.parcels = withState(line, 'queued', 'sent', 'held');
      for (const parcel of withState(line, 'queued')) {
        if (withState(line, 'sent').length >= this.#highWaterMark) break;
        await settledSoon(parcel.wait.settled, 'a send with room on the other side');
        parcel.state = 'sent';
      }
      const out = withState(line, 'sent', 'held').length;
      if (line.state === 'closing' && out === 0) line.state = 'closed';
      await eventually(() => line.link.lentCount === out, 'releases at the receiver');
      if (line.state === 'closed') await settledSoon(line.link.closed, 'the end of a link');
      for (const { wait, state } of line.parcels) expect(wait.isPending).toBe(state === 'queued');
    }
    await tasks(1);
  }

  check(): void {
    const { lentCount, freeCount, waitingCount } = this.#pool;
    expect([lentCount, freeCount, waitingCount]).toEqual([this.#loans.size, CAPACITY - this.#loans.size, 0]);
    for (const line of this.#lines) {
      const { link, state } = line;
      const counts = [withState(line, 'sent', 'held').length, withState(line, 'queued').length, 0];
      expect([link.lentCount, link.waitingCount, link.refusedCount]).toEqual(counts);
      if (state === 'closed') expect(link.state).toBe('closed');
    }
    expect(this.#notices, 'one notice per return').toHaveLength(this.#returns);
    expect(this.#notices).not.toContain('recovered');
    expect(this.#notices.filter((reason) => reason === 'lost')).toHaveLength(this.counts.lost);
  }

  async end(): Promise<void> {
    for (const loan of this.#loans) while (loan.shares.length > 0) this.#releaseHere(loan);
    for (const line of this.#lines) if (line.state === 'open') this.#close(line);
    for (const parcel of this.#held()) while (parcel.state === 'held') await this.#release(parcel);
    // Frames that were not taken return when receiving ends.
    for (const line of this.#lines) {
      if (line.state !== 'closed') await ask('leave', { link: line.number });
      for (const parcel of line.parcels) this.#returnSlot(parcel);
      await settledSoon(line.link.closed, 'the end of a link');
    }
    await this.settle();
    this.check();
    expect(this.#pool.lentCount).toBe(0);
    if (worker !== null) await settledSoon(worker.checkAccount(), 'the counts of the receiver');
    this.#pool.close();
  }

  async #filled(): Promise<Loan | null> {
    if (this.#loans.size >= CAPACITY) return null;
    const handle = await settledSoon(this.#fill(++this.#number), 'a frame');
    const loan = { shares: [handle], out: 0 };
    this.#loans.add(loan);
    return loan;
  }

  async #link(): Promise<void> {
    if (this.#lines.filter(({ state }) => state === 'open').length >= 2) return;
    worker ??= await settledSoon(Holder.start(), 'the worker');
    const number = ++ThreadPlay.#lastLink;
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(this.#pool, port1, { name: `link ${number}` });
    await ask('receive at a port', { link: number, highWaterMark: this.#highWaterMark }, [port2]);
    await settledSoon(link.opened, 'a link');
    this.#lines.push({ number, link, parcels: [], state: 'open' });
    await tasks(2);
  }

  #send({ link, parcels, state }: Line, loan: Loan | null): void {
    if (loan === null) return;
    const handle = loan.shares.pop() as FrameHandle<Storage>;
    const number = ++this.#number;
    const wait = new Wait((signal) => link.send(handle, number, { signal }));
    expect(handle.released, 'the handle is spent').toBe(true);
    if (state === 'open') {
      loan.out++;
      parcels.push({ number, loan, wait, state: 'queued', shares: 0 });
    } else this.#dropIfReturned(loan);
  }

  #releaseHere(loan: Loan): void {
    loan.shares.pop()?.release();
    this.#dropIfReturned(loan);
  }

  async #release(parcel: Parcel): Promise<void> {
    await ask('release taken', { frame: parcel.number });
    if (--parcel.shares === 0) this.#returnSlot(parcel);
  }

  /** Queued sends return at once, the others when they are released. */
  #close(line: Line): void {
    line.link.close();
    if (line.state === 'open') line.state = 'closing';
    for (const parcel of withState(line, 'queued')) this.#returnSlot(parcel);
  }

  /** The worker ends without a message: all frames there are lost. */
  async #kill(): Promise<void> {
    if (worker === null) return;
    worker.terminate();
    worker = null;
    for (const line of this.#lines) {
      const end = await settledSoon(line.link.closed, 'the loss of a worker');
      if (line.state === 'open') expect(end).toBe('lost');
      for (const parcel of line.parcels) this.#returnSlot(parcel, parcel.state !== 'queued');
      line.state = 'closed';
    }
  }

  #returnSlot(parcel: Parcel, isLost = false): void {
    if (parcel.state === 'over') return;
    parcel.state = 'over';
    parcel.loan.out--;
    this.#dropIfReturned(parcel.loan, isLost);
  }

  #dropIfReturned(loan: Loan, isLost = false): void {
    if (loan.out > 0 || loan.shares.length > 0 || !this.#loans.delete(loan)) return;
    this.#returns++;
    if (isLost) this.counts.lost++;
  }
}

for (const kind of KINDS) {
  test(`${kind} sent to a worker returns once, in every random program [C2] [C5] [C11]`, () =>
    playAll({
      kinds: `fill*4 share*3 send*6 take*6 look*2 see*4 retain release*3 let*2 abort link close kill*2`,
      most: 60,
      runs: 25,
      start: { highWaterMark: fc.integer({ min: 1, max: 3 }) },
      begin: ({ highWaterMark }) => new ThreadPlay(kind, highWaterMark).begin(),
      atLeast: { steps: 400, taken: 10, lost: 0 },
    }));
}

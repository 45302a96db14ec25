/** A writer with a real encoder and a real muxer, at random: what ends up in the file is what was written and not dropped. */
import { expect } from 'vitest';
import type { FrameHandle } from '../../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../../src/index.ts';
import { livePictures } from '../accounting.ts';
import { alive, CountedEncoder } from '../writer/encoders.ts';
import type { Made } from '../writer/making.ts';
import { HEIGHT, packetsOf, picture, WIDTH, writing } from '../writer/making.ts';
import type { Play, Step } from './programs.ts';
import { eventually, surely, tasks, Wait } from './programs.ts';

export const STEPS: readonly string[] =
  `frame frame burst burst handle handle sample sample sample hold late tick marker marker segment key flush settle settle`.split(
    ' ',
  );

/** How the writing ends. */
export const ENDS = ['finalize', 'finalize', 'finalize', 'abort'] as const;

const FRAME_US = 40_000;

/** What `allocateSample()` lends at most. */
const CAPACITY = 3;

/** Pictures that are written at once: more than the encoder takes. */
const BURST = 12;

const REASON = new Error('the reason');

/** A picture that was written. */
interface Written {
  readonly timestamp: number;
  readonly isKey: boolean;
  /** `'sure'`: a marker behind it was done. `'doubtful'`: dropped, unless it was in the file already. */
  state: 'open' | 'sure' | 'doubtful';
}

interface Marker {
  readonly wait: Wait<unknown>;
  readonly number: number;
  /** What was written before it. */
  readonly behind: readonly Written[];
  isDropped: boolean;
}

export class WritingPlay implements Play<Step> {
  /** How many pictures were found in the file. */
  found = 0;
  readonly #made: Made;
  readonly #pool = new VideoFramePool({
    capacity: 2,
    storage: canvasStorage({ width: WIDTH, height: HEIGHT }),
  });
  readonly #end: (typeof ENDS)[number];
  readonly #writes: Wait<void>[] = [];
  readonly #samples: { wait: Wait<FrameHandle>; controller: AbortController }[] = [];
  readonly #held: FrameHandle[] = [];
  readonly #markers: Marker[] = [];
  #written: Written[] = [];
  #number = 0;
  #ticks = 0;
  #segments = 0;
  #beginsSegment = false;
  #heard = 0;
  /** Waits that a flush ended. */
  #isFlushed = false;

  private constructor(made: Made, end: (typeof ENDS)[number]) {
    this.#made = made;
    this.#end = end;
    this.#pool.setListener(() => this.#heard++);
  }

  static async begin(end: (typeof ENDS)[number]): Promise<WritingPlay> {
    alive.count = 0;
    return new WritingPlay(await writing({ encoders: { video: CountedEncoder }, capacity: CAPACITY }), end);
  }

  async do({ kind, pick }: Step): Promise<void> {
    if (kind === 'frame' || kind === 'key') this.#writeFrame(kind === 'key');
    else if (kind === 'burst') for (let count = 0; count < BURST; count++) this.#writeFrame(false);
    else if (kind === 'handle') await this.#writeHandle();
    else if (kind === 'sample') await this.#writeSample();
    else if (kind === 'hold') this.#hold(pick);
    else if (kind === 'late') await this.#writeLate();
    else if (kind === 'tick') this.#tick();
    else if (kind === 'marker') this.#mark();
    else if (kind === 'segment') this.#segment();
    else if (kind === 'flush') this.#flush();
    else if (kind === 'settle') await this.#settle();
    await tasks(1);
    this.#take();
  }

  check(): void {
    const { writer, told } = this.#made;
    const { received, ticks, segments, lentCount, written, queueSize, lag, waitingCount } =
      writer.getStatistics(0);
    expect([writer.state, received, ticks, segments]).toEqual([
      'writing',
      this.#received,
      this.#ticks,
      this.#segments,
    ]);
    expect(lentCount).toBeLessThanOrEqual(CAPACITY);
    expect(lentCount).toBeGreaterThanOrEqual(this.#held.length);
    expect(queueSize).toBeLessThanOrEqual(6 + lag);
    expect(written).toBeLessThanOrEqual(received);
    expect(alive.count, 'one encoder').toBe(1);
    // Snapshots wait in the queue, one each; what samples and handles show is on canvases.
    expect(livePictures()).toBeLessThanOrEqual(waitingCount + 1);
    expect(this.#heard, 'one notice a return').toBe(this.#pool.stats().released);
    const done = this.#markers.filter(({ wait }) => wait.outcome !== null && 'value' in wait.outcome);
    const marked = told.filter(([name]) => name === 'onMarker').map(([, , number]) => number);
    expect(marked, 'markers in the order of placing').toEqual(done.map(({ number }) => number));
    expect(told.filter(([name]) => name === 'onFinalize' || name === 'onStreamError')).toEqual([]);
  }

  async end(): Promise<void> {
    const { writer, told } = this.#made;
    for (const { controller } of this.#samples) controller.abort(REASON);
    for (const handle of this.#held.splice(0)) handle.release();
    if (this.#end === 'finalize') await surely(writer.finalize(), 'finalize()');
    else await surely(writer.abort(REASON), 'abort()');
    for (const wait of [
      ...this.#writes,
      ...this.#samples.map((each) => each.wait),
      ...this.#markers.map((each) => each.wait),
    ])
      await surely(wait.settled, 'what waited for the writer');
    await tasks(1);
    this.#take();
    for (const handle of this.#held.splice(0)) handle.release();
    const ended = this.#end === 'finalize' ? 'finalized' : 'aborted';
    expect(told.filter(([name]) => name === 'onFinalize')).toEqual([['onFinalize', ended]]);
    expect([alive.count, livePictures(), this.#pool.lentCount, writer.getStatistics(0).lentCount]).toEqual([
      0, 0, 0, 0,
    ]);
    this.#pool.close();
    if (this.#end === 'finalize') await this.#lookAtFile();
  }

  /** Every write, those that were flushed as well. */
  get #received(): number {
    return this.#number;
  }

  /** The next picture's time, which is above all before. */
  #next(isKey = false): Written {
    const written: Written = {
      timestamp: ++this.#number * FRAME_US,
      isKey: isKey || this.#beginsSegment,
      state: 'open',
    };
    this.#beginsSegment = false;
    this.#written.push(written);
    return written;
  }

  #writeFrame(isKey: boolean): void {
    const { timestamp } = this.#next(isKey);
    const frame = picture(this.#number);
    this.#writes.push(new Wait(this.#made.writer.writeSample(0, frame, { timestamp, keyFrame: isKey })));
    frame.close();
  }

  /** A handle of somebody else's pool: our share goes at once, the writer's when it is encoded. */
  async #writeHandle(): Promise<void> {
    const handle = await surely(this.#pool.capture(picture(this.#number)), 'a canvas');
    const { timestamp } = this.#next();
    this.#writes.push(new Wait(this.#made.writer.writeSample(0, handle, { timestamp })));
    handle.release();
  }

  /** The writer's own sample, as long as we do not hold all of them ourselves. */
  async #writeSample(): Promise<void> {
    const sample = this.#held.shift() ?? (await surely(this.#made.writer.allocateSample(0), 'a sample'));
    const { timestamp } = this.#next();
    this.#writes.push(new Wait(this.#made.writer.writeSample(0, sample, { timestamp })));
    expect(sample.released, 'it is spent').toBe(true);
  }

  /** Asks for a sample and keeps it, or waits; or gives up the wait. */
  #hold(pick: number): void {
    if (pick % 3 === 0 && this.#samples.length > 0) {
      this.#samples[0]?.controller.abort(REASON);
      return;
    }
    if (this.#held.length + this.#samples.length >= CAPACITY - 1) {
      this.#held.shift()?.release();
      return;
    }
    const controller = new AbortController();
    const sample = this.#made.writer.allocateSample(0, { signal: controller.signal });
    // A canvas's handle is a handle.
    this.#samples.push({ controller, wait: new Wait(sample as Promise<unknown> as Promise<FrameHandle>) });
  }

  /** Not above the last: refused, and the writing goes on. */
  async #writeLate(): Promise<void> {
    // After a flush it goes by what is in the file.
    if (this.#number === 0 || this.#isFlushed) return;
    const frame = picture(0);
    const write = new Wait(this.#made.writer.writeSample(0, frame, { timestamp: this.#number * FRAME_US }));
    frame.close();
    await surely(write.settled, 'the refusal of a time that is past');
    // Not by `expect(…).rejects`, which keeps the promise, and with it the file, until the test has ended.
    expect(write.outcome).toEqual({ error: expect.any(RangeError) });
  }

  /** A gap up to the middle between this picture and the next. */
  #tick(): void {
    this.#made.writer.sendStreamTick(0, this.#number * FRAME_US + FRAME_US / 2);
    this.#ticks++;
  }

  #mark(): void {
    const number = this.#markers.length;
    const wait = new Wait(this.#made.writer.placeMarker(0, number));
    this.#markers.push({ wait, number, behind: [...this.#written], isDropped: false });
  }

  #segment(): void {
    this.#made.writer.notifyEndOfSegment(0);
    this.#segments++;
    this.#beginsSegment = true;
  }

  #flush(): void {
    this.#take();
    this.#made.writer.flush(0);
    this.#isFlushed = true;
    for (const written of this.#written) if (written.state === 'open') written.state = 'doubtful';
    for (const marker of this.#markers) marker.isDropped ||= marker.wait.isPending;
  }

  async #settle(): Promise<void> {
    for (const write of this.#writes) await surely(write.settled, 'room for the next');
    // A marker is done without more samples: this encoder keeps nothing back.
    await eventually(() => this.#markers.every(({ wait }) => !wait.isPending), 'markers');
  }

  /** Looks at what has settled. */
  #take(): void {
    for (const wait of this.#writes.splice(0)) {
      if (wait.outcome === null) this.#writes.push(wait);
      else if ('error' in wait.outcome) expect(['AbortError', 'Error']).toContain(wait.outcome.error.name);
    }
    for (const sample of this.#samples.splice(0)) {
      const { outcome } = sample.wait;
      if (outcome === null) this.#samples.push(sample);
      else if ('value' in outcome) this.#held.push(outcome.value);
      else expect(outcome.error).toBe(REASON);
    }
    for (const { wait, behind, isDropped } of this.#markers) {
      if (wait.outcome === null) continue;
      if ('value' in wait.outcome)
        for (const written of behind) if (written.state === 'open') written.state = 'sure';
      if ('error' in wait.outcome) expect(isDropped || wait.outcome.error === REASON).toBe(true);
    }
  }

  async #lookAtFile(): Promise<void> {
    // A file without a packet has no track.
    const isEmpty = this.#made.writer.getStatistics(0).written === 0;
    const { times, keys } = isEmpty ? { times: [], keys: [] } : await packetsOf(this.#made);
    const sure = this.#written.filter(({ state }) => state !== 'doubtful').map(({ timestamp }) => timestamp);
    const all = this.#written.map(({ timestamp }) => timestamp);
    expect(times).toEqual(all.filter((time) => times.includes(time)));
    expect(times).toEqual(expect.arrayContaining(sure));
    const keyTimes = keys.map((at) => times[at]);
    for (const { timestamp, isKey } of this.#written)
      if (isKey && times.includes(timestamp)) expect(keyTimes).toContain(timestamp);
    expect(this.#made.writer.getStatistics(0).written).toBe(times.length);
    this.found += times.length;
  }
}

/** Random use of a writer with a real encoder and muxer: samples, gaps, markers, segments, flushes and ends, into real files. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CanvasStorage, FrameHandle } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { collect, livePictures } from '../support/accounting.ts';
import { copyAndClose } from '../support/copying.ts';
import type { Play, Steps } from '../support/random/programs.ts';
import { eventually, playAll, REASON, settledSoon, tasks, Wait } from '../support/random/programs.ts';
import { alive, CountedEncoder } from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { HEIGHT, packetsOf, picture, WIDTH, writing } from '../support/writer/making.ts';

/** How the writing ends. */
const ENDS = ['finalize', 'finalize', 'finalize', 'abort'] as const;

const FRAME_US = 40_000;

/** Maximum of samples that `allocateSample()` lends. */
const CAPACITY = 3;

/** Pictures that are written at once: more than the encoder takes. */
const BURST = 12;

/**
 * mediabunny's `BufferTarget` reserves 4 GB of addresses until it is collected, and uses few bytes of them. The
 * engine does not collect before the addresses are used up, and then has to for each file.
 */
const FILES_BETWEEN_COLLECTIONS = 100;

/** A written picture. */
interface Written {
  readonly timestamp: number;
  readonly isKey: boolean;
  /** `'sure'`: a later marker has resolved. `'doubtful'`: dropped, unless it was already in the file. */
  state: 'open' | 'sure' | 'doubtful';
}

interface Marker {
  readonly wait: Wait<unknown>;
  /** Pictures that were written before it. */
  readonly behind: readonly Written[];
  isDropped: boolean;
}

class WritingPlay implements Play {
  /** The number of pictures that were found in the file. */
  readonly counts = { found: 0 };
  readonly #made: Made;
  readonly #end: (typeof ENDS)[number];
  readonly #pool = new VideoFramePool({
    capacity: 2,
    storage: canvasStorage({ width: WIDTH, height: HEIGHT }),
  });
  readonly #writes: Wait<void>[] = [];
  readonly #samples: Wait<FrameHandle<CanvasStorage>>[] = [];
  readonly #held: FrameHandle<CanvasStorage>[] = [];
  readonly #markers: Marker[] = [];
  /** Every write, including the flushed ones. */
  readonly #written: Written[] = [];
  #ticks = 0;
  #segments = 0;
  #beginsSegment = false;
  #notices = 0;
  #isFlushed = false;
  static #files = 0;

  private constructor(made: Made, end: (typeof ENDS)[number]) {
    this.#made = made;
    this.#end = end;
    this.#pool.setListener(() => this.#notices++);
  }

  static async begin(end: (typeof ENDS)[number]): Promise<WritingPlay> {
    if (++WritingPlay.#files % FILES_BETWEEN_COLLECTIONS === 0) await collect();
    alive.count = 0;
    return new WritingPlay(await writing({ encoders: { video: CountedEncoder }, capacity: CAPACITY }), end);
  }

  readonly steps: Steps = {
    frame: () => this.#writeFrame(false),
    key: () => this.#writeFrame(true),
    burst: () => {
      for (let count = 0; count < BURST; count++) this.#writeFrame(false);
    },
    // A handle of another pool: our share is released at once, the writer's when it is encoded.
    handle: async () => {
      const handle = await settledSoon(copyAndClose(this.#pool, picture(this.#written.length)), 'a canvas');
      this.#write(handle);
      handle.release();
    },
    // The writer's own sample, unless we hold all of them ourselves.
    sample: async () => {
      const sample =
        this.#held.shift() ?? (await settledSoon(this.#made.writer.allocateSample(0), 'a sample'));
      this.#write(sample);
      expect(sample.released, 'it is spent').toBe(true);
    },
    // Requests a sample and keeps it, or waits; or aborts the wait.
    hold: (pick) => {
      if (pick % 3 === 0 && this.#samples.length > 0) this.#samples[0]?.controller.abort(REASON);
      else if (this.#held.length + this.#samples.length >= CAPACITY - 1) this.#held.shift()?.release();
      else this.#samples.push(new Wait((signal) => this.#made.writer.allocateSample(0, { signal })));
    },
    // Not above the last: rejected, and the writing continues.
    late: async () => {
      // After a flush the times in the file decide.
      if (this.#written.length === 0 || this.#isFlushed) return;
      const frame = picture(0);
      const timestamp = this.#now;
      const write = new Wait(() => this.#made.writer.writeSample(0, frame, { timestamp }));
      frame.close();
      await settledSoon(write.settled, 'the rejection of a past time');
      // Not by `expect(…).rejects`, which keeps the promise, and with it the file, until the test has ended.
      expect(write.outcome).toEqual({ error: expect.any(RangeError) });
    },
    // A gap up to the middle between this picture and the next.
    tick: () => {
      this.#made.writer.sendStreamTick(0, this.#now + FRAME_US / 2);
      this.#ticks++;
    },
    marker: () => {
      const number = this.#markers.length;
      const wait = new Wait(() => this.#made.writer.placeMarker(0, number));
      this.#markers.push({ wait, behind: [...this.#written], isDropped: false });
    },
    segment: () => {
      this.#made.writer.notifyEndOfSegment(0);
      this.#segments++;
      this.#beginsSegment = true;
    },
    flush: () => {
      this.#take();
      this.#made.writer.flush(0);
      this.#isFlushed = true;
      for (const written of this.#written) if (written.state === 'open') written.state = 'doubtful';
      for (const marker of this.#markers) marker.isDropped ||= marker.wait.isPending;
    },
    settle: async () => {
      for (const write of this.#writes) await settledSoon(write.settled, 'room for the next');
      // A marker resolves without more samples: this encoder has no delay.
      await eventually(() => this.#markers.every(({ wait }) => !wait.isPending), 'markers');
    },
  };

  async settle(): Promise<void> {
    await tasks(1);
    this.#take();
  }

  check(): void {
    const { writer, callbackLog } = this.#made;
    const { lentCount, written, queueSize, encoderDelay, waitingCount, ...counts } = writer.getStatistics(0);
    const received = this.#written.length;
    expect(counts).toMatchObject({ received, ticks: this.#ticks, segments: this.#segments });
    expect(writer.state).toBe('writing');
    expect(lentCount).toBeLessThanOrEqual(CAPACITY);
    expect(lentCount).toBeGreaterThanOrEqual(this.#held.length);
    expect(queueSize).toBeLessThanOrEqual(6 + encoderDelay);
    expect(written).toBeLessThanOrEqual(received);
    expect(alive.count, 'one encoder').toBe(1);
    // Snapshots wait in the queue, one each; samples and handles show canvases.
    expect(livePictures()).toBeLessThanOrEqual(waitingCount + 1);
    expect(this.#notices, 'one notice per return').toBe(this.#pool.stats().released);
    const done = this.#markers.flatMap(({ wait }, number) => (wait.isPending || wait.error ? [] : number));
    const marked = callbackLog.filter(([name]) => name === 'onMarker').map(([, , number]) => number);
    expect(marked, 'markers in the order of placing').toEqual(done);
    expect(callbackLog.filter(([name]) => name === 'onFinalize' || name === 'onStreamError')).toEqual([]);
  }

  async end(): Promise<void> {
    const { writer, callbackLog } = this.#made;
    for (const sample of this.#samples) sample.controller.abort(REASON);
    for (const handle of this.#held.splice(0)) handle.release();
    if (this.#end === 'finalize') await settledSoon(writer.finalize(), 'finalize()');
    else await settledSoon(writer.abort(REASON), 'abort()');
    const waits = [...this.#writes, ...this.#samples, ...this.#markers.map(({ wait }) => wait)];
    for (const { settled } of waits) await settledSoon(settled, 'calls that waited for the writer');
    await this.settle();
    for (const handle of this.#held.splice(0)) handle.release();
    const ended = this.#end === 'finalize' ? 'finalized' : 'aborted';
    expect(callbackLog.filter(([name]) => name === 'onFinalize')).toEqual([['onFinalize', ended]]);
    const { lentCount, written } = writer.getStatistics(0);
    expect([alive.count, livePictures(), this.#pool.lentCount, lentCount]).toEqual([0, 0, 0, 0]);
    this.#pool.close();
    if (this.#end === 'finalize') await this.#checkFile(written);
  }

  /** The time of the last picture, or 0. */
  get #now(): number {
    return this.#written.length * FRAME_US;
  }

  /** Writes a picture whose time is above all previous ones. */
  #write(sample: Parameters<Made['writer']['writeSample']>[1], keyFrame = false): void {
    const timestamp = this.#now + FRAME_US;
    this.#written.push({ timestamp, isKey: keyFrame || this.#beginsSegment, state: 'open' });
    this.#beginsSegment = false;
    this.#writes.push(new Wait(() => this.#made.writer.writeSample(0, sample, { timestamp, keyFrame })));
  }

  #writeFrame(isKey: boolean): void {
    const frame = picture(this.#written.length + 1);
    this.#write(frame, isKey);
    frame.close();
  }

  /** Checks calls that have settled. */
  #take(): void {
    for (const wait of this.#writes.splice(0)) {
      if (wait.isPending) this.#writes.push(wait);
      else if (wait.error !== null) expect(['AbortError', 'Error']).toContain(wait.error.name);
    }
    for (const sample of this.#samples.splice(0)) {
      const { outcome } = sample;
      if (outcome === null) this.#samples.push(sample);
      else if ('value' in outcome) this.#held.push(outcome.value);
      else expect(outcome.error).toBe(REASON);
    }
    for (const { wait, behind, isDropped } of this.#markers) {
      if (wait.isPending) continue;
      if (wait.error !== null) expect(isDropped || wait.error === REASON).toBe(true);
      else for (const written of behind) if (written.state === 'open') written.state = 'sure';
    }
  }

  async #checkFile(count: number): Promise<void> {
    // A file without a packet has no track.
    const { times, keys } = count === 0 ? { times: [], keys: [] } : await packetsOf(this.#made);
    const sure = this.#written.filter(({ state }) => state !== 'doubtful').map(({ timestamp }) => timestamp);
    const all = this.#written.map(({ timestamp }) => timestamp);
    expect(times).toEqual(all.filter((time) => times.includes(time)));
    expect(times).toEqual(expect.arrayContaining(sure));
    const keyTimes = keys.map((at) => times[at]);
    for (const { timestamp, isKey } of this.#written)
      if (isKey && times.includes(timestamp)) expect(keyTimes).toContain(timestamp);
    expect(count).toBe(times.length);
    this.counts.found += times.length;
  }
}

test('a file holds the samples that were not dropped, and every slot returns [C10] [C12]', () =>
  playAll({
    kinds: 'frame*2 burst*2 handle*2 sample*3 hold late tick marker*2 segment key flush settle*2',
    most: 50,
    runs: 40,
    start: { end: fc.constantFrom(...ENDS) },
    begin: ({ end }) => WritingPlay.begin(end),
    atLeast: { steps: 600, found: 100 },
  }));

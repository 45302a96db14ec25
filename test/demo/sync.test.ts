/** Sound and picture in step, by the flashes and beeps of a clip, on the clock of the sound. */
import type { Page } from 'playwright';
import { beforeEach, describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';

const SECOND = 1_000_000;

/** How far the picture may be from the sound, in ms. */
const IN_STEP = 40;

/** Beeps come half a second apart at twice the pace. What is farther from a flash than half of that is another one's. */
const APART_MS = 250;

/** What was seen and heard of one playing. Times of the audio context, in seconds. */
interface Noted {
  /** When each flash was drawn, as sound that was put out then would be heard; of a page that had time to paint. */
  readonly flashes: readonly number[];
  /** When each beep was put out. */
  readonly beeps: readonly number[];
  /** State of every audio context that was made. */
  readonly contexts: readonly string[];
  /** Value of each gain that goes to the destination. */
  readonly gains: readonly number[];
  /** How many sources were started, have not ended and were not stopped. */
  readonly sources: number;
}

/** Prepares a page so that it notes flashes, beeps and what makes the sound. */
const listen = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    /** What a beep or a flash is louder or brighter than, of 1. */
    const THRESHOLD = 0.2;
    /** A beep begins after so many seconds of silence. */
    const SILENCE = 0.15;
    /** A page that paints more seldom, in ms, is held up by something else, and draws late. */
    const HELD_UP_MS = 50;
    /** For so long before a flash, in ms, the page had to have time, and the sound to run on. */
    const CALM_MS = 500;
    const flashes: number[] = [];
    const beeps: number[] = [];
    const contexts = new Set<BaseAudioContext>();
    const gains = new Set<GainNode>();
    const started = new Set<AudioScheduledSourceNode>();
    const note = {
      clear(): void {
        flashes.length = 0;
        beeps.length = 0;
      },
      look: () => ({
        flashes: [...flashes],
        beeps: [...beeps],
        contexts: [...contexts].map(({ state }) => state),
        gains: [...gains].map(({ gain }) => gain.value),
        sources: started.size,
      }),
    };
    Object.assign(globalThis, { note });

    /** When the page was last held up, or the sound stood, in ms of the page. */
    let disturbed = 0;
    const running = (): BaseAudioContext | undefined =>
      [...contexts].find(({ state }) => state === 'running');
    let painted = { page: 0, sound: 0 };
    const watchPace = (): void => {
      const now = { page: performance.now(), sound: (running()?.currentTime ?? 0) * 1000 };
      const passed = now.page - painted.page;
      if (passed > HELD_UP_MS || now.sound - painted.sound < passed - HELD_UP_MS) disturbed = now.page;
      painted = now;
      requestAnimationFrame(watchPace);
    };
    watchPace();

    const tap = (context: AudioContext, node: AudioNode): void => {
      contexts.add(context);
      if (node instanceof GainNode) gains.add(node);
      const analyser = new AnalyserNode(context, { fftSize: 32_768 });
      connect.call(node, analyser);
      const samples = new Float32Array(analyser.fftSize);
      const hear = (): void => {
        if (context.state === 'closed') return;
        requestAnimationFrame(hear);
        if (context.state !== 'running') return;
        analyser.getFloatTimeDomainData(samples);
        const end = context.currentTime;
        let quiet = 0;
        for (const [index, sample] of samples.entries()) {
          quiet++;
          if (Math.abs(sample) < THRESHOLD) continue;
          const at = end - (samples.length - index) / context.sampleRate;
          const isNew = beeps.every((beep) => Math.abs(beep - at) > SILENCE);
          if (quiet > SILENCE * context.sampleRate && isNew) beeps.push(at);
          quiet = 0;
        }
      };
      hear();
    };
    const { connect } = AudioNode.prototype as { connect: (this: AudioNode, to: AudioNode) => AudioNode };
    AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode): AudioNode {
      if (to instanceof AudioDestinationNode) tap(this.context as AudioContext, this);
      return connect.call(this, to);
    } as typeof AudioNode.prototype.connect;

    const { start, stop } = AudioBufferSourceNode.prototype;
    // A context that is suspended or closed does not report that its sources have ended.
    AudioBufferSourceNode.prototype.stop = function (...when): void {
      started.delete(this);
      stop.apply(this, when);
    };
    AudioBufferSourceNode.prototype.start = function (...when): void {
      started.add(this);
      this.addEventListener('ended', () => started.delete(this));
      start.apply(this, when);
    };

    const { drawImage } = CanvasRenderingContext2D.prototype;
    const small = new OffscreenCanvas(4, 4).getContext('2d', { willReadFrequently: true });
    let wasBright = false;
    CanvasRenderingContext2D.prototype.drawImage = function (
      this: CanvasRenderingContext2D,
      ...all: unknown[]
    ): void {
      drawImage.apply(this, all as Parameters<typeof drawImage>);
      const context = running() as AudioContext | undefined;
      if (this.canvas.id !== 'screen' || context === undefined) return;
      const drawn = context.currentTime - context.outputLatency;
      small?.drawImage(this.canvas, 0, 0, 4, 4);
      const [red = 0] = small?.getImageData(1, 2, 1, 1).data ?? [];
      const isBright = red > 255 / 2;
      const now = performance.now();
      const isCalm = now - disturbed > CALM_MS && now - painted.page < HELD_UP_MS;
      if (isBright && !wasBright && isCalm) flashes.push(drawn);
      wasBright = isBright;
    } as typeof drawImage;
  });

const demo = useDemo({
  prepare: listen,
  before: false,
  async after() {
    await demo.empty();
    // No context of any film is alive.
    await expect.poll(async () => (await noted()).contexts.filter((state) => state !== 'closed')).toEqual([]);
    await expect.poll(async () => (await noted()).sources).toBe(0);
  },
});

const noted = (): Promise<Noted> =>
  demo.page.evaluate(() => (globalThis as unknown as { note: { look(): Noted } }).note.look());

const openClip = async (file: string): Promise<void> => {
  await demo.openClip(file);
  await demo.fillStrip();
  await expect.poll(() => demo.page.isDisabled('#mute')).toBe(false);
};

beforeEach(async () => {
  // The contexts and gains of the test before would be counted.
  await demo.openAlone();
  await openClip('sync.mp4');
});

/** For each flash whose beep was heard how far it was from that, in ms; above 0 if the picture is late. */
const distances = async (): Promise<number[]> => {
  const { flashes, beeps } = await noted();
  const gaps = flashes.map((flash) => {
    const all = beeps.map((beep) => (flash - beep) * 1000);
    return all.reduce((best, gap) => (Math.abs(gap) < Math.abs(best) ? gap : best), Infinity);
  });
  return gaps.filter((gap) => Math.abs(gap) < APART_MS);
};

/**
 * Plays on until so many flashes were drawn with time to spare, and their beeps heard. The earlier quarter is the player's own
 * distance: a busy machine makes the others late. One of ten may be ahead, because sound that a busy machine held up is heard late.
 */
const expectInStep = async (count: number): Promise<void> => {
  await demo.page.evaluate(() => (globalThis as unknown as { note: { clear(): void } }).note.clear());
  await expect
    .poll(async () => (await distances()).length, { timeout: 100_000 })
    .toBeGreaterThanOrEqual(count);
  const gaps = (await distances()).sort((a, b) => a - b);
  const message = `ms from the sound: ${gaps.map(Math.round).join(' ')}`;
  expect(Math.abs(gaps[Math.floor(gaps.length / 4)] ?? NaN), message).toBeLessThan(IN_STEP);
  const ahead = gaps.filter((gap) => gap < -IN_STEP).length;
  expect(ahead, message).toBeLessThanOrEqual(Math.max(1, gaps.length / 10));
};

// A busy machine may take long to have the time.
describe('sound and picture are in step within 40 ms', { timeout: 300_000 }, () => {
  test('over a minute, at its beginning as at its end', async () => {
    // In a loop, which gives a busy machine as many flashes as it needs.
    await demo.playOn();
    await expectInStep(8);
    await demo.passes(50 * SECOND);
    await expectInStep(8);
    await demo.pause();
  });

  test('after a pause, after a seek while it plays, and decoded in a worker', async () => {
    await demo.playOn();
    await demo.passes(SECOND);
    await demo.pause();
    await expect.poll(async () => (await noted()).sources).toBe(0);
    await demo.play();
    await expectInStep(6);
    await demo.seek(41.35 * SECOND);
    await demo.passes(41.3 * SECOND);
    await expectInStep(6);
    await demo.decodeInWorker(true);
    await demo.seek(5 * SECOND);
    await expectInStep(6);
    await demo.pause();
  });

  test('at half and at twice its pace, changed while it plays', async () => {
    const changeRate = async (key: string, rate: string): Promise<void> => {
      await demo.press(key);
      await expect.poll(() => demo.page.inputValue('#rate')).toBe(rate);
    };
    await demo.playOn();
    await changeRate('<', '0.5');
    await expectInStep(4);
    for (const rate of ['1', '1.5', '2']) await changeRate('>', rate);
    await expectInStep(8);
    await demo.pause();
  });
});

describe('what is heard', () => {
  const gain = async (): Promise<string | undefined> => (await noted()).gains.at(-1)?.toFixed(2);
  const lastContext = async (): Promise<string | undefined> => (await noted()).contexts.at(-1);

  test('is as loud as it is set, and mute is nothing; both stay with the next film', async () => {
    await demo.play();
    await expect.poll(gain).toBe('1.00');
    for (let times = 0; times < 10; times++) await demo.press('ArrowDown');
    await expect.poll(gain).toBe('0.50');
    await demo.press('m');
    await expect.poll(gain).toBe('0.00');
    await openClip('vp8_sound.webm');
    await demo.press('k');
    await expect.poll(async () => (await noted()).gains.length).toBe(2);
    expect(await gain()).toBe('0.00');
    await demo.press('m');
    await expect.poll(gain).toBe('0.50');
    // The film before has given its device back.
    expect((await noted()).contexts[0]).toBe('closed');
    await demo.reach('ended');
    await expect.poll(lastContext).toBe('suspended');
  });

  test('is started about a second ahead, not the whole film', async () => {
    await demo.play();
    for (const at of [1, 2, 3]) {
      await demo.passes(at * SECOND);
      const { sources } = await noted();
      expect(sources).toBeGreaterThan(0);
      // A piece of AAC has 1,024 samples of 48,000 in a second.
      expect(sources).toBeLessThan(2 * (48_000 / 1024));
    }
    await demo.pause();
    await expect.poll(lastContext).toBe('suspended');
  });
});

test('a film whose sound cannot be decoded here plays without, and says which codec that is', async () => {
  await demo.page.evaluate(() => {
    AudioDecoder.isConfigSupported = (config) => Promise.resolve({ supported: false, config });
  });
  await demo.openClip('h264_sound.mp4');
  await expect.poll(() => demo.page.getAttribute('#mute', 'title')).toContain('mp4a.40.2');
  await demo.playToEnd();
  expect(await demo.mark()).toBe(59);
});

test('a device that says that it runs, and stands, does not stop the film', async () => {
  await demo.page.evaluate(() => {
    Object.defineProperty(BaseAudioContext.prototype, 'currentTime', { get: () => 1 });
  });
  await openClip('h264_sound.mp4');
  await demo.playToEnd();
  expect(await demo.mark()).toBe(59);
});

/** Synchronization of sound and frames, by the flashes and beeps of a clip, on the clock of the sound. */
import type { Page } from 'playwright';
import { beforeEach, describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';

const SECOND = 1_000_000;

/** Maximum distance between frame and sound, in ms. */
const IN_STEP = 40;

/**
 * Beeps are half a second apart at double speed. A beep farther than half of that from a flash belongs to another
 * flash.
 */
const APART_MS = 250;

/** Observations of one playback. Times of the audio context, in seconds. */
interface Noted {
  /** Time of each flash, as a sample that is output then would be heard; only while the page had time to paint. */
  readonly flashes: readonly number[];
  /** Output time of each beep. */
  readonly beeps: readonly number[];
  /** State of every audio context. */
  readonly contexts: readonly string[];
  /** Value of each gain node connected to the destination. */
  readonly gains: readonly number[];
  /** Number of sources that were started and have neither ended nor stopped. */
  readonly sources: number;
}

/** Prepares a page to record flashes, beeps and audio nodes. */
const listen = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    /** Minimum level of a beep or flash, of 1. */
    const THRESHOLD = 0.2;
    /** Seconds of silence before a beep. */
    const SILENCE = 0.15;
    /** Interval between paints, in ms, above which the page is considered blocked and draws late. */
    const HELD_UP_MS = 50;
    /** Time before a flash, in ms, in which page and sound must have run undisturbed. */
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

    /** Page time of the last block of the page or stop of the sound, in ms. */
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
    // A suspended or closed context does not report the end of its sources.
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
    // No audio context of any video is left.
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
  // The contexts and gains of the previous test would be counted.
  await demo.openAlone();
  await openClip('sync.mp4');
});

/** Distance of each flash from its beep in ms; above 0 if the frame is late. */
const distances = async (): Promise<number[]> => {
  const { flashes, beeps } = await noted();
  const gaps = flashes.map((flash) => {
    const all = beeps.map((beep) => (flash - beep) * 1000);
    return all.reduce((best, gap) => (Math.abs(gap) < Math.abs(best) ? gap : best), Infinity);
  });
  return gaps.filter((gap) => Math.abs(gap) < APART_MS);
};

/**
 * Continues playback until this many flashes were drawn undisturbed, and their beeps heard. The lower quartile is the
 * player's own distance: a busy machine makes the others late. One of ten may be ahead, because a busy machine can
 * delay the sound.
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

// A busy machine may need long.
describe('sound and frames are in sync within 40 ms', { timeout: 300_000 }, () => {
  test('over a minute, at its start and at its end', async () => {
    // In a loop, so that a busy machine gets enough flashes.
    await demo.playOn();
    await expectInStep(8);
    await demo.passes(50 * SECOND);
    await expectInStep(8);
    await demo.pause();
  });

  test('after a pause, after a seek during playback, and decoded in a worker', async () => {
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

  test('at half and double speed, changed during playback', async () => {
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

describe('the sound', () => {
  const gain = async (): Promise<string | undefined> => (await noted()).gains.at(-1)?.toFixed(2);
  const lastContext = async (): Promise<string | undefined> => (await noted()).contexts.at(-1);

  test('follows volume and mute, which both persist for the next video', async () => {
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
    // The previous video has released its device.
    expect((await noted()).contexts[0]).toBe('closed');
    await demo.reach('ended');
    await expect.poll(lastContext).toBe('suspended');
  });

  test('is scheduled about a second ahead, not for the whole video', async () => {
    await demo.play();
    for (const at of [1, 2, 3]) {
      await demo.passes(at * SECOND);
      const { sources } = await noted();
      expect(sources).toBeGreaterThan(0);
      // A piece of AAC has 1,024 of 48,000 samples per second.
      expect(sources).toBeLessThan(2 * (48_000 / 1024));
    }
    await demo.pause();
    await expect.poll(lastContext).toBe('suspended');
  });
});

test('a video with an unsupported audio codec plays silently, and names the codec', async () => {
  await demo.page.evaluate(() => {
    AudioDecoder.isConfigSupported = (config) => Promise.resolve({ supported: false, config });
  });
  await demo.openClip('h264_sound.mp4');
  await expect.poll(() => demo.page.getAttribute('#mute', 'title')).toContain('mp4a.40.2');
  await demo.playToEnd();
  expect(await demo.mark()).toBe(59);
});

test('an audio device that reports running but is stuck does not stop the video', async () => {
  await demo.page.evaluate(() => {
    Object.defineProperty(BaseAudioContext.prototype, 'currentTime', { get: () => 1 });
  });
  await openClip('h264_sound.mp4');
  await demo.playToEnd();
  expect(await demo.mark()).toBe(59);
});

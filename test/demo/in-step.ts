/** Listens and looks in the page: when the clip's flashes are drawn, and when its beeps are heard, on the sound's own clock. */
import type { Page } from 'playwright';

/** What was seen and heard of one playing. Times of the audio context, in seconds. */
export interface Noted {
  /** When each flash was drawn, as sound that was put out then would be heard. */
  readonly flashes: readonly number[];
  /** When each beep was put out. */
  readonly beeps: readonly number[];
  /** The states of every audio context that was made. */
  readonly contexts: readonly string[];
  /** The value of each gain that goes to the destination. */
  readonly gains: readonly number[];
  /** How many sources were started, have not ended and were not stopped. */
  readonly sources: number;
}

/** To be called before the page is loaded. */
export async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    /** What a beep or a flash is louder or brighter than, of 1. */
    const THRESHOLD = 0.2;
    /** A beep begins after so many seconds of silence. */
    const SILENCE = 0.15;
    const flashes: number[] = [];
    const beeps: number[] = [];
    const contexts = new Set<BaseAudioContext>();
    const gains = new Set<GainNode>();
    const started = new Set<AudioScheduledSourceNode>();
    const note = {
      flashes,
      beeps,
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
    // A context that is suspended or closed does not tell that its sources have ended.
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
      const [context] = [...contexts].filter(({ state }) => state === 'running') as AudioContext[];
      if (this.canvas.id !== 'screen' || context === undefined) return;
      const drawn = context.currentTime - context.outputLatency;
      small?.drawImage(this.canvas, 0, 0, 4, 4);
      const [red = 0] = small?.getImageData(1, 2, 1, 1).data ?? [];
      const isBright = red > 255 / 2;
      if (isBright && !wasBright) flashes.push(drawn);
      wasBright = isBright;
    } as typeof drawImage;
  });
}

/** What was noted since the page was opened, or `forget()` was called. */
export const noted = (page: Page): Promise<Noted> =>
  page.evaluate(() => (globalThis as unknown as { note: { look(): Noted } }).note.look());

/** Begins anew. */
export const forget = (page: Page): Promise<void> =>
  page.evaluate(() => (globalThis as unknown as { note: { clear(): void } }).note.clear());

/** Beeps come half a second apart at twice the pace. What is farther from a flash than half of that is another one's. */
const APART_MS = 250;

/** For each flash whose beep was heard how far it was from that, in ms; above 0 where the picture is late. */
export function distances({ flashes, beeps }: Noted): number[] {
  const gaps = flashes.map((flash) => {
    const all = beeps.map((beep) => (flash - beep) * 1000);
    return all.reduce((best, gap) => (Math.abs(gap) < Math.abs(best) ? gap : best), Infinity);
  });
  return gaps.filter((gap) => Math.abs(gap) < APART_MS);
}

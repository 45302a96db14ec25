/**
 * "Without a pool" panel: plays the built-in clip twice, with a decoder of four surfaces. The loop that holds frames
 * freezes; the loop with a pool plays on.
 *
 * Ownership: each loop owns its decoder and frames, and closes them in its own `finally`. A run ends with the video of
 * the pooled loop, by "Stop", by an error or with the page; then the other loop is ended, too.
 */
import './comparison.css';
import { LimitedVideoDecoder } from '../../../src/testing/index.ts';
import { element } from '../../view/elements.ts';
import type { ClipChunks } from './clip-chunks.ts';
import { openClip } from './clip-chunks.ts';
import { playNaively } from './naive-loop.ts';
import { videoPace, SURFACES } from './loop-options.ts';
import { playPooled } from './pooled-loop.ts';
import { Side } from './side.ts';

/** The panel, for the lifetime of the page. */
export class Comparison {
  readonly #url: string;
  readonly #run = element('comparison-run', HTMLButtonElement);
  readonly #halt = element('comparison-stop', HTMLButtonElement);
  readonly #naive = new Side(
    'naive',
    'Frozen: the decoder waits for frames that the thumbnails hold, and reports no error.',
  );
  readonly #pooled = new Side('pooled', 'No frame for a second: this device is busy.');
  readonly #sides = element('comparison-sides', HTMLDivElement);
  readonly #problem = element('comparison-problem', HTMLParagraphElement);
  #stop = new AbortController();

  /** @param url - Address of the clip, a WebM file. */
  constructor(url: string) {
    this.#url = url;
    this.#run.addEventListener('click', () => void this.#play());
    this.#halt.addEventListener('click', () => this.#stop.abort());
    addEventListener('pagehide', () => this.#stop.abort());
  }

  async #play(): Promise<void> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#setRunning(true);
    this.#problem.textContent = '';
    this.#naive.clear();
    this.#pooled.clear();
    try {
      const clip = await openClip(this.#url, signal);
      this.#sides.hidden = false;
      await this.#compare(clip, signal);
      this.#end('Finished');
    } catch (error) {
      this.#end('Stopped');
      if (!signal.aborted)
        this.#problem.textContent = `Failed: ${error instanceof Error ? error.message : String(error)}.`;
    } finally {
      this.#setRunning(false);
    }
  }

  /** Plays both loops and closes the clip. */
  async #compare(clip: ClipChunks, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    // One class for each loop: it counts the surfaces of all its decoders.
    const common = (side: Side) => ({
      clip,
      decoder: LimitedVideoDecoder.with({ surfaces: SURFACES }),
      side,
      pace: videoPace(),
      signal: both,
    });
    this.#naive.begin();
    this.#pooled.begin();
    const naive = playNaively(common(this.#naive)).catch((error: unknown) => {
      // An error is no freeze: it ends the other loop too, and is reported.
      if (!both.aborted) over.abort(error);
    });
    try {
      await playPooled(common(this.#pooled));
    } finally {
      over.abort();
      await naive;
      clip.close();
    }
  }

  #end(status: string): void {
    const { isFrozen, count } = this.#naive;
    this.#naive.end(isFrozen ? `Froze after ${count} frames, without an error.` : status);
    this.#pooled.end(status);
  }

  /** Swaps which of "Run" and "Stop" is enabled, and moves the keyboard focus along. */
  #setRunning(isRunning: boolean): void {
    const hadFocus = [this.#run, this.#halt].some((button) => button === document.activeElement);
    this.#run.disabled = isRunning;
    this.#halt.disabled = !isRunning;
    if (hadFocus) (isRunning ? this.#halt : this.#run).focus();
  }
}

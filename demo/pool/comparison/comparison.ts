/**
 * "Without a pool": the built-in clip twice, by a decoder with four surfaces. The loop that keeps frames freezes, the one
 * that has a pool plays on.
 *
 * Who owns what: each loop owns its decoder and its frames, and closes them in its own `finally`. A run ends with the video
 * of the loop that plays, by "Stop", by an error or with the page; then the other loop is ended, too.
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

/** The comparison, for as long as the page lives. */
export class Comparison {
  readonly #url: string;
  readonly #run = element('without-run', HTMLButtonElement);
  readonly #halt = element('without-stop', HTMLButtonElement);
  readonly #naive = new Side(
    'naive',
    'Frozen: the decoder waits for frames that the thumbnails keep. It says nothing.',
  );
  readonly #pooled = new Side('pooled', 'No picture for a second: this machine is busy.');
  readonly #sides = element('without-sides', HTMLDivElement);
  readonly #problem = element('without-problem', HTMLParagraphElement);
  #stop = new AbortController();

  /** @param url - Of the video, a WebM file. */
  constructor(url: string) {
    this.#url = url;
    this.#run.addEventListener('click', () => void this.#play());
    this.#halt.addEventListener('click', () => this.#stop.abort());
    addEventListener('pagehide', () => this.#stop.abort());
  }

  async #play(): Promise<void> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#show(true);
    this.#problem.textContent = '';
    this.#naive.clear();
    this.#pooled.clear();
    try {
      const clip = await openClip(this.#url, signal);
      this.#sides.hidden = false;
      await this.#compare(clip, signal);
      this.#end('Played to its end.');
    } catch (error) {
      this.#end('Stopped.');
      if (!signal.aborted)
        this.#problem.textContent = `It failed: ${error instanceof Error ? error.message : String(error)}.`;
    } finally {
      this.#show(false);
    }
  }

  /** Plays both, and closes the clip. */
  async #compare(clip: ClipChunks, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    // A class each: it counts the surfaces of all its decoders.
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
      // What fails here is no freeze: it ends the other loop, too, and is told.
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

  #end(words: string): void {
    const { isFrozen, count } = this.#naive;
    this.#naive.end(isFrozen ? `It froze after ${count} pictures, without an error.` : words);
    this.#pooled.end(words);
  }

  /** "Run" and "Stop" change places, and the keyboard's focus with them. */
  #show(runs: boolean): void {
    const hadFocus = [this.#run, this.#halt].some((button) => button === document.activeElement);
    this.#run.disabled = runs;
    this.#halt.disabled = !runs;
    if (hadFocus) (runs ? this.#halt : this.#run).focus();
  }
}

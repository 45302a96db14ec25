/** The panel that exports the video that is open, or a part of it. */
import type { FrameBudget } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { element } from '../view/elements.ts';
import { exportVideo } from './export-video.ts';
import { chosenKind, offerKinds } from './file-kinds.ts';
import { FilePanel } from './file-panel.ts';
import type { Choice } from '../view/sources.ts';
import { secondsUp, toMicroseconds } from '../view/time.ts';

/** One frame that is encoded, one that is next, and room for the decoder to be ahead. */
const CAPACITY = 4;

/** A range of the video in µs. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** The panel, for one video at a time. */
export class ExportPanel {
  /** Frames on their way from the video's decoder to the writer's encoder: the player's pool is not asked for any. */
  readonly frames: VideoFramePool;
  readonly #from = element('export-from', HTMLInputElement);
  readonly #to = element('export-to', HTMLInputElement);
  readonly #kind = element('export-kind', HTMLSelectElement);
  readonly #making: FilePanel;
  #video: { readonly reader: VideoReader; readonly name: string } | null = null;

  /** @param play - Opens a result in the player. */
  constructor(budget: FrameBudget, play: (choice: Choice) => void) {
    this.frames = new VideoFramePool({ capacity: CAPACITY, name: 'export', budget });
    this.#making = new FilePanel({
      id: 'export',
      play,
      cancelled: () => {
        const { lentCount, decodingCount } = this.frames;
        const out = lentCount + decodingCount;
        return out === 0 ? 'Nothing is lent.' : `${out} of its frames are still out.`;
      },
    });
    offerKinds(this.#kind);
    element('export-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    this.clear();
  }

  /** Offers a video, which stays the caller's; call `clear()` before it is closed. */
  show(reader: VideoReader, name: string): void {
    this.#video = { reader, name };
    this.#from.value = '0.00';
    this.#to.value = secondsUp(reader.duration);
    this.#to.max = this.#to.value;
    this.#from.max = this.#to.value;
    this.#making.enable(true);
  }

  /** Ends what is being made of the video. What is finished stays. */
  clear(): void {
    this.#video = null;
    this.#making.cancel();
    this.#making.enable(false);
  }

  #start(): void {
    if (this.#video === null) return;
    const { reader, name } = this.#video;
    const range = this.#range(reader);
    if (range === null) {
      this.#making.refuse(
        `Choose “from” before “to”, both within the video: from 0 to ${secondsUp(reader.duration)} seconds.`,
      );
      return;
    }
    const kind = chosenKind(this.#kind);
    void this.#making.run(async (job) => {
      const source = await exportVideo({ reader, pool: this.frames, kind, ...range }, job);
      const stem = name.replace(/\.\w+$/u, '');
      return { name: `${stem}-export${kind.format().fileExtension}`, source, label: kind.label };
    });
  }

  /** What is asked for, or null where that is no range of the video. */
  #range({ duration }: VideoReader): Range | null {
    const from = toMicroseconds(this.#from.valueAsNumber);
    const to = toMicroseconds(this.#to.valueAsNumber);
    const isWithin = !this.#to.validity.rangeOverflow && from >= 0 && from < Math.min(to, duration);
    // Some files do not tell how long their last frame is shown, and seem to end where it begins.
    return isWithin ? { from, to: to < duration ? to : Infinity } : null;
  }
}

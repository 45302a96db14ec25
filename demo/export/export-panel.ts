/** Panel that exports the open video or a part of it. */
import type { FrameBudget } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { element } from '../view/elements.ts';
import { exportVideo } from './export-video.ts';
import { chosenKind, offerKinds } from './file-kinds.ts';
import { FilePanel } from './file-panel.ts';
import type { Choice } from '../view/sources.ts';
import { secondsUp, toMicroseconds } from '../view/time.ts';

/** One frame that is encoded, one that is next, and slots for the decoder to work ahead. */
const CAPACITY = 4;

/** A range of the video in µs. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Export panel, for one video at a time. */
export class ExportPanel {
  /** Frames between the video's decoder and the writer's encoder. The export takes no frames from the player's pool. */
  readonly frames: VideoFramePool;
  readonly #from = element('export-from', HTMLInputElement);
  readonly #to = element('export-to', HTMLInputElement);
  readonly #kind = element('export-kind', HTMLSelectElement);
  readonly #panel: FilePanel;
  #video: { readonly reader: VideoReader; readonly name: string } | null = null;

  /** @param play - Opens a result in the player. */
  constructor(budget: FrameBudget, play: (choice: Choice) => void) {
    this.frames = new VideoFramePool({ capacity: CAPACITY, name: 'export', budget });
    this.#panel = new FilePanel({
      id: 'export',
      play,
      cancelled: () => {
        const { lentCount, decodingCount } = this.frames;
        const out = lentCount + decodingCount;
        return out === 0 ? 'All frames are returned.' : `${out} frames are not returned yet.`;
      },
    });
    offerKinds(this.#kind);
    element('export-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    this.clear();
  }

  /** Offers a video for export. The caller owns the reader, and calls `clear()` before closing it. */
  show(reader: VideoReader, name: string): void {
    this.#video = { reader, name };
    this.#from.value = '0.00';
    this.#to.value = secondsUp(reader.duration);
    this.#to.max = this.#to.value;
    this.#from.max = this.#to.value;
    this.#panel.enable(true);
  }

  /** Cancels the running export. A finished result stays. */
  clear(): void {
    this.#video = null;
    this.#panel.cancel();
    this.#panel.enable(false);
  }

  #start(): void {
    if (this.#video === null) return;
    const { reader, name } = this.#video;
    const range = this.#range(reader);
    if (range === null) {
      this.#panel.refuse(
        `“From” must be before “To”, both within the video: from 0 to ${secondsUp(reader.duration)} seconds.`,
      );
      return;
    }
    const kind = chosenKind(this.#kind);
    void this.#panel.run(async (job) => {
      const source = await exportVideo({ reader, pool: this.frames, kind, ...range }, job);
      const stem = name.replace(/\.\w+$/u, '');
      return { name: `${stem}-export${kind.format().fileExtension}`, source, label: kind.label };
    });
  }

  /** Returns the entered range, or null if it is not within the video. */
  #range({ duration }: VideoReader): Range | null {
    const from = toMicroseconds(this.#from.valueAsNumber);
    const to = toMicroseconds(this.#to.valueAsNumber);
    const isWithin = !this.#to.validity.rangeOverflow && from >= 0 && from < Math.min(to, duration);
    // Some files have no duration for their last frame, and seem to end at its start.
    return isWithin ? { from, to: to < duration ? to : Infinity } : null;
  }
}

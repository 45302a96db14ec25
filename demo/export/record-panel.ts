/** Panel that records a generated animation. */
import { element } from '../view/elements.ts';
import { chosenKind, offerKinds } from './file-kinds.ts';
import { FilePanel } from './file-panel.ts';
import { recordVideo } from './record-video.ts';
import type { Choice } from '../view/sources.ts';

/** Display names of audio codecs. */
const SOUNDS: Partial<Record<string, string>> = { aac: 'AAC', opus: 'Opus' };

/** Record panel. */
export class RecordPanel {
  readonly #seconds = element('record-seconds', HTMLSelectElement);
  readonly #kind = element('record-kind', HTMLSelectElement);
  readonly #panel: FilePanel;

  /** @param play - Opens a result in the player. */
  constructor(play: (choice: Choice) => void) {
    this.#panel = new FilePanel({ id: 'record', play, cancelled: () => 'No file was created.' });
    offerKinds(this.#kind);
    element('record-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
  }

  #start(): void {
    const kind = chosenKind(this.#kind);
    const seconds = Number(this.#seconds.value);
    void this.#panel.run(async (job) => {
      const { file, sound } = await recordVideo(kind, seconds, job);
      const name = `recording${kind.format().fileExtension}`;
      return { name, source: file, label: `${kind.label}, with ${SOUNDS[sound] ?? sound} sound` };
    });
  }
}

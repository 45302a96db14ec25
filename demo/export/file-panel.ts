/** A panel that makes a file: its button, progress and cancel, and then the result, to play and to save. */
import './export.css';
import { element } from '../view/elements.ts';
import type { Choice } from '../view/sources.ts';
import type { Job } from './write-file.ts';

/** A finished file, and what there is to say of it. */
export interface Made extends Choice {
  readonly source: Blob;
  /** What kind of file it is. */
  readonly label: string;
}

/** What the panel is doing. */
type State = 'idle' | 'running' | 'done' | 'cancelled' | 'failed';

/** What one panel is made of. */
export interface FilePanelOptions {
  /** The panel's id in the page, with which those of its parts begin. */
  readonly id: 'export' | 'record';
  /** Opens a result in the player. */
  play(made: Choice): void;
  /** Says what is left of it when it was cancelled. */
  cancelled(): string;
}

/** One panel. One file at a time; the newest result is kept, until the next is begun. */
export class FilePanel {
  readonly #options: FilePanelOptions;
  readonly #section: HTMLElement;
  readonly #startButton: HTMLButtonElement;
  readonly #cancelButton: HTMLButtonElement;
  readonly #bar: HTMLProgressElement;
  readonly #count: HTMLElement;
  readonly #status: HTMLElement;
  readonly #result: HTMLElement;
  readonly #save: HTMLAnchorElement;
  #stop: AbortController | null = null;
  #made: Made | null = null;
  #frames = 0;
  #enabled = true;

  constructor(options: FilePanelOptions) {
    const { id } = options;
    this.#options = options;
    this.#section = element(id, HTMLElement);
    this.#startButton = element(`${id}-start`, HTMLButtonElement);
    this.#cancelButton = element(`${id}-cancel`, HTMLButtonElement);
    this.#bar = element(`${id}-progress`, HTMLProgressElement);
    this.#count = element(`${id}-count`, HTMLElement);
    this.#status = element(`${id}-status`, HTMLElement);
    this.#result = element(`${id}-result`, HTMLElement);
    this.#save = element(`${id}-save`, HTMLAnchorElement);
    this.#cancelButton.addEventListener('click', () => this.cancel());
    element(`${id}-play`, HTMLButtonElement).addEventListener('click', () => {
      if (this.#made !== null) options.play(this.#made);
    });
    this.#enter('idle', '');
  }

  /** Whether there is something to make a file of. */
  enable(enabled: boolean): void {
    this.#enabled = enabled;
    this.#startButton.disabled = !enabled || this.#stop !== null;
  }

  /** Makes a file, unless one is being made. */
  async run(work: (job: Job) => Promise<Made>): Promise<void> {
    if (this.#stop !== null || !this.#enabled) return;
    const stop = new AbortController();
    const { signal } = stop;
    this.#stop = stop;
    this.#offer(null);
    this.#show(0, 0);
    this.#enter('running', '');
    const progress: Job['progress'] = ({ frames, share }) => {
      if (!signal.aborted) this.#show(frames, share);
    };
    try {
      const made = await work({ signal, progress });
      this.#stop = null;
      this.#offer(made);
      this.#enter('done', `${made.label}: ${this.#inFile()}, ${size(made.source)}.`);
    } catch (error) {
      this.#stop = null;
      if (signal.aborted)
        this.#enter('cancelled', `Cancelled after ${this.#inFile()}. ${this.#options.cancelled()}`);
      else this.#enter('failed', words(error));
    }
  }

  /** Says why nothing is made. */
  refuse(reason: string): void {
    if (this.#stop === null) this.#enter('failed', reason);
  }

  /** Ends what is being made. */
  cancel(): void {
    this.#stop?.abort();
  }

  /** What is in the file, by the writer's markers. */
  #show(frames: number, share: number): void {
    this.#frames = frames;
    this.#bar.value = share;
    this.#count.textContent =
      frames === 0
        ? 'Waiting for the encoder …'
        : `${this.#inFile()} in the file, ${Math.floor(share * 100)} %`;
  }

  #inFile(): string {
    return `${this.#frames} ${this.#frames === 1 ? 'frame' : 'frames'}`;
  }

  /** Shows a result, or none. The address of the one before is given back, and its bytes with it. */
  #offer(made: Made | null): void {
    this.#made = made;
    if (this.#save.href !== '') URL.revokeObjectURL(this.#save.href);
    if (made === null) {
      this.#save.removeAttribute('href');
    } else {
      this.#save.href = URL.createObjectURL(made.source);
      this.#save.download = made.name;
    }
    this.#result.hidden = made === null;
  }

  #enter(state: State, status: string): void {
    const running = state === 'running';
    const { activeElement } = document;
    this.#section.dataset['state'] = state;
    this.#status.textContent = status;
    this.#bar.hidden = !running;
    this.#count.hidden = !running;
    this.#cancelButton.disabled = !running;
    this.#startButton.disabled = running || !this.#enabled;
    // A button that is disabled under the keyboard would leave it nowhere.
    if (running && activeElement === this.#startButton) this.#cancelButton.focus();
    if (!running && activeElement === this.#cancelButton) this.#startButton.focus();
  }
}

const size = ({ size: bytes }: Blob): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** Errors, in words that say what to do. */
function words(error: unknown): string {
  // Put into sentences of their own, which need no name of a method.
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(/^\w+\(\): |\.$/gu, '');
  if (error instanceof Error && error.name === 'NotSupportedError')
    return `This cannot be made: ${message}. Choose another kind of file.`;
  return `It had to stop: ${message}.`;
}

/** Base of the panels that create a file: start button, progress, Cancel, and the result to play or save. */
import './export.css';
import { element } from '../view/elements.ts';
import type { Choice } from '../view/sources.ts';
import type { WriteJob } from './write-file.ts';

/** A finished file with its description. */
export interface CreatedFile extends Choice {
  readonly source: Blob;
  /** Description of the format. */
  readonly label: string;
}

/** State of the panel. */
type State = 'idle' | 'running' | 'done' | 'cancelled' | 'failed';

/** Options of a panel. */
export interface FilePanelOptions {
  /** Id of the panel in the page, and prefix of the ids of its parts. */
  readonly id: 'export' | 'record';
  /** Opens a result in the player. */
  play(file: Choice): void;
  /** Returns a text about the state after a cancellation. */
  cancelled(): string;
}

/** A panel that creates one file at a time. The latest result stays until the next run starts. */
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
  #file: CreatedFile | null = null;
  #frames = 0;
  #isEnabled = true;

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
      if (this.#file !== null) options.play(this.#file);
    });
    this.#enter('idle', '');
  }

  /** Enables the panel if there is something to create a file from. */
  enable(enabled: boolean): void {
    this.#isEnabled = enabled;
    this.#startButton.disabled = !enabled || this.#stop !== null;
  }

  /** Creates a file, unless a run is in progress. */
  async run(work: (job: WriteJob) => Promise<CreatedFile>): Promise<void> {
    if (this.#stop !== null || !this.#isEnabled) return;
    const stop = new AbortController();
    const { signal } = stop;
    this.#stop = stop;
    this.#offer(null);
    this.#show(0, 0);
    this.#enter('running', '');
    const progress: WriteJob['progress'] = ({ frames, share }) => {
      if (!signal.aborted) this.#show(frames, share);
    };
    try {
      const file = await work({ signal, progress });
      this.#stop = null;
      this.#offer(file);
      this.#enter('done', `${file.label}: ${this.#frameCount()}, ${formatSize(file.source)}.`);
    } catch (error) {
      this.#stop = null;
      if (signal.aborted)
        this.#enter('cancelled', `Cancelled after ${this.#frameCount()}. ${this.#options.cancelled()}`);
      else this.#enter('failed', messageOf(error));
    }
  }

  /** Shows why no file is created. */
  refuse(reason: string): void {
    if (this.#stop === null) this.#enter('failed', reason);
  }

  /** Cancels the run. */
  cancel(): void {
    this.#stop?.abort();
  }

  /** Shows the progress that the writer's markers report. */
  #show(frames: number, share: number): void {
    this.#frames = frames;
    this.#bar.value = share;
    this.#count.textContent =
      frames === 0
        ? 'Waiting for the encoder …'
        : `${this.#frameCount()} written, ${Math.floor(share * 100)} %`;
  }

  #frameCount(): string {
    return `${this.#frames} ${this.#frames === 1 ? 'frame' : 'frames'}`;
  }

  /** Shows a result, or none. Revokes the URL of the previous result, which frees its bytes. */
  #offer(file: CreatedFile | null): void {
    this.#file = file;
    if (this.#save.href !== '') URL.revokeObjectURL(this.#save.href);
    if (file === null) {
      this.#save.removeAttribute('href');
    } else {
      this.#save.href = URL.createObjectURL(file.source);
      this.#save.download = file.name;
    }
    this.#result.hidden = file === null;
  }

  #enter(state: State, status: string): void {
    const isRunning = state === 'running';
    const { activeElement } = document;
    this.#section.dataset['state'] = state;
    this.#status.textContent = status;
    this.#bar.hidden = !isRunning;
    this.#count.hidden = !isRunning;
    this.#cancelButton.disabled = !isRunning;
    this.#startButton.disabled = isRunning || !this.#isEnabled;
    // Disabling the focused button would lose the keyboard focus.
    if (isRunning && activeElement === this.#startButton) this.#cancelButton.focus();
    if (!isRunning && activeElement === this.#cancelButton) this.#startButton.focus();
  }
}

const formatSize = ({ size: bytes }: Blob): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** Returns the message for an error, with the next step for the user. */
function messageOf(error: unknown): string {
  // The message is embedded in a sentence, so the method name and the final period are removed.
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(/^\w+\(\): |\.$/gu, '');
  if (error instanceof Error && error.name === 'NotSupportedError')
    return `This format cannot be encoded: ${message}. Choose another format.`;
  return `Failed: ${message}.`;
}

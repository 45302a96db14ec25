/**
 * Stand-in for the browser's `VideoDecoder` that puts out a blank picture for each chunk, in the order of the chunks, in later
 * tasks. All kinds of decoders can wrap it, so streams of invented chunks need no codec.
 */
import { onTestFinished, vi } from 'vitest';
import { inNextTask } from '../../src/base/next-task.ts';
import { BlankDecoder } from '../../src/testing/blank-decoder.ts';

class BlankPlatformDecoder extends EventTarget {
  static isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
    return Promise.resolve({ supported: true, config });
  }

  ondequeue: ((event: Event) => void) | null = null;
  readonly #inner: BlankDecoder;
  /** Chunks and flushes that wait for their task. */
  #queue: (EncodedVideoChunk | (() => void))[] = [];

  constructor({ output }: VideoDecoderInit) {
    super();
    this.#inner = new BlankDecoder(output);
  }

  get state(): CodecState {
    return this.#inner.state;
  }

  get decodeQueueSize(): number {
    return this.#queue.filter((each) => typeof each !== 'function').length;
  }

  configure(config: VideoDecoderConfig): void {
    this.#inner.configure(config);
  }

  decode(chunk: EncodedVideoChunk): void {
    this.#add(chunk);
  }

  flush(): Promise<void> {
    return new Promise((resolve) => this.#add(resolve));
  }

  reset(): void {
    this.#queue = [];
    this.#inner.reset();
  }

  close(): void {
    this.#queue = [];
    this.#inner.close();
  }

  #add(each: EncodedVideoChunk | (() => void)): void {
    this.#queue.push(each);
    inNextTask(() => this.#takeOne());
  }

  #takeOne(): void {
    const each = this.#queue.shift();
    if (typeof each === 'function') each();
    if (each === undefined || typeof each === 'function') return;
    this.ondequeue?.(new Event('dequeue'));
    this.#inner.decode(each);
  }
}

/** Replaces the browser's `VideoDecoder` until the test has ended. Configurations of any codec are supported. */
export function useBlankPlatform(): void {
  vi.stubGlobal('VideoDecoder', BlankPlatformDecoder);
  onTestFinished(() => void vi.unstubAllGlobals());
}

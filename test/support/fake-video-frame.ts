/** A `VideoFrame` for Node: behaves as the platform's does in all that the library asks of it, and has no pixels. */
import { bookClosed, bookOpened } from './fake-accounting.ts';
import { FakeOffscreenCanvas } from './fake-canvas.ts';

/** The memory behind a frame and its clones, counted as the platform counts it. */
export interface FakeSurface {
  references: number;
}

/** What a test asks of a frame; the platform's names. */
export interface FakeFrameInit {
  readonly timestamp?: number;
  readonly duration?: number | null;
  readonly codedWidth?: number;
  readonly codedHeight?: number;
  readonly displayWidth?: number;
  readonly displayHeight?: number;
  readonly visibleRect?: { x: number; y: number; width: number; height: number };
  /** `null` for an opaque frame, which hides its layout. */
  readonly format?: string | null;
}

const DEFAULT_WIDTH = 64;
const DEFAULT_HEIGHT = 48;

const invalidState = (message: string): DOMException => new DOMException(message, 'InvalidStateError');

/** Everything that goes when a frame is closed. */
interface Content {
  readonly surface: FakeSurface;
  readonly format: string | null;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly visibleRect: { x: number; y: number; width: number; height: number };
}

export class FakeVideoFrame {
  readonly timestamp: number;
  readonly duration: number | null;
  #content: Content | null;
  readonly #number: number;

  constructor(source: unknown, init: FakeFrameInit = {}) {
    const own = contentOf(source, init);
    const from = source instanceof FakeVideoFrame ? source : null;
    if (from === null && init.timestamp === undefined)
      throw new TypeError('timestamp is required for this source');
    this.timestamp = init.timestamp ?? from?.timestamp ?? 0;
    this.duration = init.duration ?? from?.duration ?? null;
    this.#content = own;
    own.surface.references++;
    this.#number = bookOpened(`frame at ${this.timestamp} µs`);
  }

  get [Symbol.toStringTag](): string {
    return 'VideoFrame';
  }

  /** For tests: the memory that this frame refers to, or null when it is closed. */
  get surface(): FakeSurface | null {
    return this.#content?.surface ?? null;
  }
  get format(): string | null {
    return this.#content?.format ?? null;
  }
  get codedWidth(): number {
    return this.#content?.codedWidth ?? 0;
  }
  get codedHeight(): number {
    return this.#content?.codedHeight ?? 0;
  }
  get displayWidth(): number {
    return this.#content?.displayWidth ?? 0;
  }
  get displayHeight(): number {
    return this.#content?.displayHeight ?? 0;
  }
  get visibleRect(): { x: number; y: number; width: number; height: number } | null {
    return this.#content?.visibleRect ?? null;
  }

  allocationSize(): number {
    const content = this.#content;
    if (content === null) throw invalidState('allocationSize: the frame is closed');
    const { format, visibleRect } = content;
    if (format === null) throw new DOMException('allocationSize: the format is hidden', 'NotSupportedError');
    const { width, height } = visibleRect;
    if (format === 'I420') return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
    return width * height * 4;
  }

  clone(): FakeVideoFrame {
    if (this.#content === null) throw invalidState('clone: the frame is closed');
    return new FakeVideoFrame(this);
  }

  close(): void {
    const content = this.#content;
    if (content === null) return;
    this.#content = null;
    content.surface.references--;
    bookClosed(this.#number);
  }

  // What `new VideoFrame(frame)` takes over.
  static contentOf(frame: FakeVideoFrame): Content | null {
    return frame.#content;
  }
}

function contentOf(source: unknown, init: FakeFrameInit): Content {
  if (source instanceof FakeVideoFrame) {
    const content = FakeVideoFrame.contentOf(source);
    if (content === null) throw invalidState('VideoFrame: the source frame is closed');
    return content;
  }
  if (source instanceof FakeOffscreenCanvas) {
    if (source.width === 0 || source.height === 0) throw invalidState('VideoFrame: the canvas has no pixels');
    return made({ codedWidth: source.width, codedHeight: source.height, format: 'RGBA' });
  }
  return made(init);
}

function made(init: FakeFrameInit): Content {
  const { codedWidth = DEFAULT_WIDTH, codedHeight = DEFAULT_HEIGHT, format = 'I420' } = init;
  const visibleRect = init.visibleRect ?? { x: 0, y: 0, width: codedWidth, height: codedHeight };
  const { displayWidth = visibleRect.width, displayHeight = visibleRect.height } = init;
  return {
    surface: { references: 0 },
    format,
    codedWidth,
    codedHeight,
    displayWidth,
    displayHeight,
    visibleRect,
  };
}

/** A frame as a decoder would put it out, owned by the test until the pool takes it. */
export function makeFrame(init: FakeFrameInit = {}): VideoFrame {
  // The fake has all that the library reads of a frame; colour spaces and pixels it has not.
  return new FakeVideoFrame(null, { timestamp: 0, ...init }) as unknown as VideoFrame;
}

/** The fake behind a frame that a pool shows. */
export function fakeFrame(frame: VideoFrame): FakeVideoFrame {
  if (!(frame instanceof FakeVideoFrame)) throw new TypeError('not a fake frame');
  return frame;
}

/** How many frame objects share the memory behind this one, itself among them. */
export const referencesTo = (frame: VideoFrame): number => fakeFrame(frame).surface?.references ?? 0;

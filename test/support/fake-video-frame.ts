/** `VideoFrame` for Node, without pixels, and the account of open frames that every test must balance. */
import { FakeOffscreenCanvas } from './fake-canvas.ts';

/** Properties that a frame loses when it is closed. */
interface Content {
  /** `null` for an opaque frame, whose layout is hidden. */
  readonly format: string | null;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly visibleRect: { x: number; y: number; width: number; height: number } | null;
  /** The memory behind a frame and its clones, with the platform's reference count. `null` once the frame is closed. */
  readonly surface: { references: number } | null;
}

const NO_SIZE = { codedWidth: 0, codedHeight: 0, displayWidth: 0, displayHeight: 0 };
const CLOSED: Content = { format: null, ...NO_SIZE, visibleRect: null, surface: null };

/** Properties of a frame that a test can set. */
type FakeFrameInit = Partial<Omit<Content, 'surface'> & { timestamp: number; duration: number | null }>;

const invalidState = (message: string): DOMException => new DOMException(message, 'InvalidStateError');

/** Descriptions of the open frames, by number. A reference to a frame would prevent its collection. */
const open = new Map<number, string>();
let lastNumber = 0;
let leftToCollection = 0;

/** Number of frame objects that are open now. Each constructed or cloned frame must be closed. */
export const openFrames = (): number => open.size;

/**
 * Declares that this test leaves this number of frame objects to garbage collection, which closes frames without a trace in the
 * account. Exactly this number must be open when the test ends. Fewer or more fail the test.
 */
export function leaveToCollection(count: number): void {
  leftToCollection += count;
}

/**
 * Ends the account of a test, and starts the next one.
 *
 * @throws `Error` when the number of open frames is not exactly the number left to collection.
 */
export function settleFrames(): void {
  const left = [...open.values()];
  const expected = leftToCollection;
  open.clear();
  leftToCollection = 0;
  if (left.length === expected) return;
  throw new Error(
    `${left.length} frames are open after the test, ${expected} were left to collection: ${left.join(', ')}`,
  );
}

export class FakeVideoFrame implements Content {
  readonly timestamp: number;
  readonly duration: number | null;
  readonly format!: Content['format'];
  readonly codedWidth!: number;
  readonly codedHeight!: number;
  readonly displayWidth!: number;
  readonly displayHeight!: number;
  readonly visibleRect!: Content['visibleRect'];
  readonly surface!: Content['surface'];
  readonly #number = ++lastNumber;

  constructor(source: unknown, init: FakeFrameInit = {}) {
    const from = source instanceof FakeVideoFrame ? source : null;
    if (from?.surface === null) throw invalidState('VideoFrame: the source frame is closed');
    if (from === null && init.timestamp === undefined)
      throw new TypeError('timestamp is required for this source');
    Object.assign(this, from ?? contentOf(source, init));
    this.timestamp = init.timestamp ?? from?.timestamp ?? 0;
    this.duration = init.duration ?? from?.duration ?? null;
    if (this.surface !== null) this.surface.references++;
    open.set(this.#number, `frame at ${this.timestamp} µs`);
  }

  get [Symbol.toStringTag](): string {
    return 'VideoFrame';
  }

  allocationSize(): number {
    const { format, visibleRect } = this;
    if (visibleRect === null) throw invalidState('allocationSize: the frame is closed');
    if (format === null) throw new DOMException('allocationSize: the format is hidden', 'NotSupportedError');
    const { width, height } = visibleRect;
    if (format === 'I420') return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
    return width * height * 4;
  }

  clone(): FakeVideoFrame {
    return new FakeVideoFrame(this);
  }

  close(): void {
    if (this.surface !== null) this.surface.references--;
    Object.assign(this, CLOSED);
    open.delete(this.#number);
  }
}

function contentOf(source: unknown, init: FakeFrameInit): Content {
  if (!(source instanceof FakeOffscreenCanvas)) return made(init);
  if (source.width === 0 || source.height === 0) throw invalidState('VideoFrame: the canvas has no pixels');
  return made({ codedWidth: source.width, codedHeight: source.height, format: 'RGBA' });
}

function made({ codedWidth = 64, codedHeight = 48, format = 'I420', ...init }: FakeFrameInit): Content {
  const visibleRect = init.visibleRect ?? { x: 0, y: 0, width: codedWidth, height: codedHeight };
  const { displayWidth = visibleRect.width, displayHeight = visibleRect.height } = init;
  const surface = { references: 0 };
  return { surface, format, codedWidth, codedHeight, displayWidth, displayHeight, visibleRect };
}

/** Bytes of one frame of `makeFrame()`. */
export const FRAME_BYTES = 64 * 48 + 2 * 32 * 24;

/** Makes a frame like those of a decoder. The test owns it until the pool takes it over. */
export function makeFrame(init: FakeFrameInit = {}): VideoFrame {
  // The fake has all members that the library reads of a frame. It lacks colour spaces and pixels.
  return new FakeVideoFrame(null, { timestamp: 0, ...init }) as unknown as VideoFrame;
}

/** Number of frame objects that share the memory of this frame, including itself. */
export function referencesTo(frame: VideoFrame): number {
  if (!(frame instanceof FakeVideoFrame)) throw new TypeError('not a fake frame');
  return frame.surface?.references ?? 0;
}

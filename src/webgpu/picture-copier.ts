/** `PictureCopier`: copies pictures into the textures of one storage. */
import { notSupported } from '../base/errors.ts';
import { isSnapshot, pictureOf, requirePlatform } from '../pool/frames.ts';
import type { CopyOptions } from '../pool/storage.ts';
import type { Size } from '../storage/draw.ts';
import { drawFrame, drawPicture, isLost, withBitmap } from '../storage/draw.ts';
import type { TextureBackingDevice } from './device.ts';
import type { TextureItem, TextureSpec } from './texture-item.ts';

/**
 * Number of failures in a row after which direct copies are no longer tried. A single frame may fail on its own
 * account.
 */
const MAX_REFUSALS = 3;

/**
 * Copies pictures into the textures of one device: directly if possible, and through a canvas if the picture must be
 * scaled, cropped, turned or mirrored, or if the engine cannot copy from frames (Chromium's software adapter: an
 * `OperationError`). The canvas is created at first use, one per storage, and is not counted by any pool.
 */
export class PictureCopier {
  readonly #spec: TextureSpec;
  readonly #backing: TextureBackingDevice;
  #refusals = 0;
  #context: OffscreenCanvasRenderingContext2D | null = null;

  constructor(spec: TextureSpec, backing: TextureBackingDevice) {
    this.#spec = spec;
    this.#backing = backing;
  }

  copy(
    { texture }: TextureItem,
    frame: VideoFrame,
    options: CopyOptions,
    oneToOne: boolean,
  ): void | Promise<void> {
    if (isSnapshot(frame))
      return withBitmap(frame, (bitmap, display) => this.#draw(texture, bitmap, display, options));
    if (oneToOne && options.crop === undefined && this.#refusals < MAX_REFUSALS) {
      try {
        this.#put(frame, texture);
        this.#refusals = 0;
        return;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#refusals++;
      }
    }
    const context = this.#scratch();
    drawFrame(context, frame, options);
    this.#put(context.canvas, texture);
  }

  copyCanvas({ texture }: TextureItem, canvas: OffscreenCanvas, options: CopyOptions): void {
    this.#draw(texture, canvas, canvas, options);
  }

  /** Synchronous, because all copies share the canvas. */
  #draw(texture: object, picture: OffscreenCanvas | ImageBitmap, display: Size, options: CopyOptions): void {
    const context = this.#scratch();
    drawPicture(context, picture, display, options, picture);
    this.#put(context.canvas, texture);
  }

  // A lost device ignores every copy without an error.
  #put(source: VideoFrame | OffscreenCanvas, texture: object): void {
    if (this.#backing.lostError !== null) throw this.#backing.lostError;
    const { device, width, height } = this.#spec;
    device.queue.copyExternalImageToTexture({ source }, { texture: texture as never }, [width, height]);
  }

  #scratch(): OffscreenCanvasRenderingContext2D {
    requirePlatform('textureStorage()', 'OffscreenCanvas');
    const { width, height } = this.#spec;
    if (this.#context !== null && isLost(this.#context)) this.#context = null;
    this.#context ??= new OffscreenCanvas(width, height).getContext('2d');
    if (this.#context === null) {
      throw notSupported('textureStorage(): this engine has no 2D context for an OffscreenCanvas');
    }
    this.#context.reset();
    return this.#context;
  }
}

/** Whether the error means that the engine cannot copy from this frame, or from any. */
const isRefusal = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof DOMException && error.name !== 'InvalidStateError');

/**
 * Whether a frame shows a picture of exactly this size: `copyExternalImageToTexture()` neither scales, turns nor
 * mirrors.
 */
export function showsAs(frame: VideoFrame, width: number, height: number): boolean {
  const { displayWidth, displayHeight } = pictureOf(frame);
  const { rotation = 0, flip = false } = frame as { rotation?: number; flip?: boolean };
  return displayWidth === width && displayHeight === height && rotation === 0 && !flip;
}

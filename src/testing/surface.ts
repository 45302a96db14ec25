/** Memory behind a decoded frame, counted as hardware decoders count it. */

// Created in its own scope, because closures of one scope share its variables, and the registry would keep the frame alive.
const forgetting =
  (surface: WeakRef<Surface>, key: number): (() => void) =>
  () =>
    surface.deref()?.forget(key);

const collected = new FinalizationRegistry<() => void>((forget) => forget());

/** The memory behind a frame and its clones. It is in use until the last of them is closed, transferred or collected. */
export class Surface {
  readonly #frames = new Map<number, WeakRef<VideoFrame>>();
  readonly #onFree: () => void;
  #next = 0;

  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  /** Adds a frame. The frame's own methods are replaced, because no event reports a close or a clone. */
  watch(frame: VideoFrame, opaque: boolean): void {
    const key = this.#next++;
    this.#frames.set(key, new WeakRef(frame));
    collected.register(frame, forgetting(new WeakRef(this), key), frame);
    const { close, clone } = frame;
    frame.close = () => {
      close.call(frame);
      collected.unregister(frame);
      this.forget(key);
    };
    frame.clone = () => {
      const copy = clone.call(frame);
      if (opaque) hideFormat(copy);
      this.watch(copy, opaque);
      return copy;
    };
  }

  /** Removes transferred frames, which are closed without a call of `close()`. */
  forgetTransferred(): void {
    for (const [key, weak] of this.#frames) if (weak.deref()?.codedWidth === 0) this.forget(key);
  }

  /** Removes a frame. */
  forget(key: number): void {
    if (this.#frames.delete(key) && this.#frames.size === 0) this.#onFree();
  }
}

/** Makes a frame behave like one in GPU memory: it can be drawn, but neither measured nor copied in its own format. */
export function hideFormat(frame: VideoFrame): void {
  const refuse = (): never => {
    throw new DOMException('The frame has no known format.', 'NotSupportedError');
  };
  const copyTo = frame.copyTo.bind(frame);
  Object.defineProperties(frame, {
    format: { get: () => null },
    allocationSize: {
      value: (options?: VideoFrameCopyToOptions) =>
        options?.format === undefined ? refuse() : VideoFrame.prototype.allocationSize.call(frame, options),
    },
    copyTo: {
      value: async (target: AllowSharedBufferSource, options?: VideoFrameCopyToOptions) =>
        options?.format === undefined ? refuse() : copyTo(target, options),
    },
  });
}

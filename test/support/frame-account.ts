/**
 * Account of every `VideoFrame` that is opened and closed on the page, including frames received by messages. The platform's
 * classes are wrapped only once, because a set-up file and a test may each have a copy of this module.
 */

/** The counts. `reset()` starts them again. */
export interface FrameAccount {
  opened: number;
  closed: number;
  /** Number of frames that were closed only by garbage collection. */
  collected: number;
  /** Number of pictures that are open now. A frame and its clones count as one. */
  live: number;
  /** The most pictures that were open at one time. */
  peak: number;
  /** Whether this test may leave frames to garbage collection. */
  collectionAllowed: boolean;
  /** Frames that are open now, by their origin. */
  stillOpen(): string[];
  reset(): void;
}

interface Entry {
  readonly how: string;
  readonly frame: WeakRef<VideoFrame>;
  readonly picture: { frames: number };
}

/** Depth to which messages are searched for frames: a channel's envelope, its payload, and a list in the payload. */
const DEEPEST = 3;

const KEY = Symbol.for('video-frame-pool test account');

/** Returns the page's only account. */
export function frameAccount(): FrameAccount {
  const scope = globalThis as { [KEY]?: FrameAccount };
  return (scope[KEY] ??= install());
}

function install(): FrameAccount {
  const Native = globalThis.VideoFrame;
  const NativeDecoder = globalThis.VideoDecoder;
  const { clone, close } = Native.prototype;
  const open = new Map<number, Entry>();
  const keys = new WeakMap<VideoFrame, number>();
  let nextKey = 0;

  const drop = (key: number): boolean => {
    const entry = open.get(key);
    if (entry === undefined) return false;
    open.delete(key);
    if (--entry.picture.frames === 0) account.live--;
    return true;
  };
  const registry = new FinalizationRegistry<number>((key) => {
    if (drop(key)) account.collected++;
  });

  const count = (frame: VideoFrame, how: string, picture = { frames: 0 }): VideoFrame => {
    account.opened++;
    const key = nextKey++;
    open.set(key, { how, frame: new WeakRef(frame), picture });
    keys.set(frame, key);
    registry.register(frame, key, frame);
    if (picture.frames++ === 0) account.peak = Math.max(account.peak, ++account.live);
    return frame;
  };
  const pictureOf = (frame: VideoFrame): { frames: number } | undefined =>
    open.get(keys.get(frame) ?? -1)?.picture;
  const closed = (frame: VideoFrame): void => {
    registry.unregister(frame);
    if (drop(keys.get(frame) ?? -1)) account.closed++;
  };
  /** A frame that was transferred otherwise than by a message is closed without a call of `close()`. */
  const sweep = (): void => {
    for (const [key, { frame }] of open) if (frame.deref()?.codedWidth === 0 && drop(key)) account.closed++;
  };

  Native.prototype.clone = function cloneCounted(): VideoFrame {
    return count(clone.call(this), 'clone()', pictureOf(this));
  };
  Native.prototype.close = function closeCounted(): void {
    close.call(this);
    closed(this);
  };
  globalThis.VideoFrame = new Proxy(Native, {
    construct(target, parameters: [unknown], newTarget) {
      const frame = Reflect.construct(target, parameters, newTarget) as VideoFrame;
      const [source] = parameters;
      return count(frame, 'new VideoFrame()', source instanceof Native ? pictureOf(source) : undefined);
    },
  });
  globalThis.VideoDecoder = new Proxy(NativeDecoder, {
    construct(target, [init]: [VideoDecoderInit], newTarget) {
      const counted: VideoDecoderInit = {
        output: (frame) => init.output(count(frame, 'VideoDecoder')),
        error: (error) => init.error(error),
      };
      return Reflect.construct(target, [counted], newTarget) as VideoDecoder;
    },
  });

  countSent(closed);
  countArrivals((frame) => {
    if (!keys.has(frame)) count(frame, 'a message');
  });
  // Frames that an engine makes and puts into streams: of cameras, of canvases, from other threads.
  const { read } = ReadableStreamDefaultReader.prototype;
  ReadableStreamDefaultReader.prototype.read = async function readCounted(
    this: ReadableStreamDefaultReader<unknown>,
  ): Promise<ReadableStreamReadResult<unknown>> {
    const result = await read.call(this);
    if (result.value instanceof Native && !keys.has(result.value)) count(result.value, 'read()');
    return result;
  };

  const account: FrameAccount = {
    opened: 0,
    closed: 0,
    collected: 0,
    live: 0,
    peak: 0,
    collectionAllowed: false,
    stillOpen() {
      sweep();
      return [...open.values()].map(({ how }) => how);
    },
    reset() {
      open.clear();
      Object.assign(account, {
        opened: 0,
        closed: 0,
        collected: 0,
        live: 0,
        peak: 0,
        collectionAllowed: false,
      });
    },
  };
  return account;
}

/** Reports each frame that leaves by a message. */
function countSent(left: (frame: VideoFrame) => void): void {
  interface Sender {
    postMessage(message: unknown, options?: Transferable[] | StructuredSerializeOptions): void;
  }
  const senders = [MessagePort.prototype, globalThis.Worker?.prototype as Sender | undefined];
  for (const sender of senders) {
    if (sender === undefined) continue;
    const { postMessage } = sender;
    sender.postMessage = function postCounted(this: Sender, message, options): void {
      postMessage.call(this, message, options);
      const transfer = Array.isArray(options) ? options : (options?.transfer ?? []);
      for (const each of transfer) if (each instanceof VideoFrame) left(each);
    };
  }
}

/** Reports each frame that arrives by a message. Its frames start to exist when its data is first read. */
function countArrivals(arrived: (frame: VideoFrame) => void): void {
  const data = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
  const read = data?.get;
  if (read === undefined) throw new Error('messages have no data here');
  const look = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Object.prototype.toString.call(value) === '[object VideoFrame]') arrived(value as VideoFrame);
    else if (depth > 0 && !ArrayBuffer.isView(value)) {
      for (const inside of Object.values(value)) look(inside, depth - 1);
    }
  };
  Object.defineProperty(MessageEvent.prototype, 'data', {
    ...data,
    get(this: MessageEvent): unknown {
      const value: unknown = read.call(this);
      look(value, DEEPEST);
      return value;
    },
  });
}

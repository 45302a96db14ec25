/**
 * Counts every `VideoFrame` that is opened and closed on the page, also those that come by messages. The platform's classes are wrapped once, whichever
 * module asks first: a set-up file and a test may each get a copy of this one.
 */

/** What is counted. `reset()` begins anew. */
export interface FrameAccount {
  opened: number;
  closed: number;
  /** Frames that only a collection closed. */
  collected: number;
  /** Pictures that are open now: a frame and its clones are one. */
  live: number;
  /** The most pictures that were open at one time. */
  peak: number;
  /** Whether this test may leave frames to a collection. */
  collectionAllowed: boolean;
  /** Frames that are open now, by how they came to be. */
  stillOpen(): string[];
  reset(): void;
}

interface Entry {
  readonly how: string;
  readonly frame: WeakRef<VideoFrame>;
  readonly picture: { frames: number };
}

/** How deep in a message a frame is looked for: a channel's envelope, what was said, and a list in it. */
const DEEPEST = 3;

const KEY = Symbol.for('video-frame-pool test account');

/** The page's one account. */
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
  /** A frame that was transferred by other means than messages is closed without a call of `close()`. */
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
  // Frames that an engine makes and hands out by streams: of cameras, of canvases, from other threads.
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

/** Tells of each frame that goes away by a message. */
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

/** A message's frames begin to exist where its data is read, by whoever reads it first. */
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

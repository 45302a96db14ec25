/** Frames out of a file: all of them in order, or the one that is shown at a time. */
import type { EncodedPacket, Input, InputVideoTrack } from 'mediabunny';
import { EncodedPacketSink } from 'mediabunny';
import { decodeFrames } from '../decode/decode-frames.ts';
import { asyncDispose } from '../disposal.ts';
import { encodingError, invalidState, requireTime } from '../errors.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { readableFrames } from '../stream/readable-frames.ts';
import type { FileExtent } from './cut-off.ts';
import { cutOff } from './cut-off.ts';
import { explained } from './explain.ts';
import { isHidden } from './hidden.ts';
import { endOfMicrosecond, toMicroseconds } from './time.ts';

/** Which frames, and into which pool. */
export interface FramesOptions {
  /** Where the frames live, and whose cap holds. */
  readonly pool: VideoFramePool;
  /** Time in µs: the first frame is the one shown then. From the very first frame by default, negative times included. */
  readonly from?: number | undefined;
  /** Time in µs before which the frames end. To the last by default. */
  readonly to?: number | undefined;
  /** Ends the iteration with its reason; frames that were decoded and not taken are released. */
  readonly signal?: AbortSignal | undefined;
  /** Who holds the frames, as `holders()` will name it. */
  readonly holder?: string | undefined;
  /** Milliseconds without a frame after which a wait ends with a `PoolStarvedError`. 10,000 by default. */
  readonly starvationMs?: number | undefined;
}

/** Where one frame goes, and what ends the wait for it. */
export type FrameAtOptions = Omit<FramesOptions, 'from' | 'to'>;

/** What opening the file found. */
export interface VideoHead {
  readonly input: Input;
  readonly extent: FileExtent;
  readonly track: InputVideoTrack;
  readonly config: VideoDecoderConfig;
  readonly decoder: typeof VideoDecoder | undefined;
  readonly duration: number;
  readonly firstTimestamp: number;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/**
 * An open video file. Made by `openVideo()`, owned by whoever called that, and to be closed.
 *
 * Any number of iterations may run at a time, each with a decoder of its own.
 */
export class VideoReader {
  /** When the last frame ends, in µs. */
  readonly duration: number;
  /** When the first frame begins, in µs; below 0 where an edit list cuts the beginning off. */
  readonly firstTimestamp: number;
  /** By how many degrees clockwise frames are to be turned to stand upright. Frames come as they are stored. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Width of the upright picture in square pixels. */
  readonly displayWidth: number;
  /** Height of the upright picture in square pixels. */
  readonly displayHeight: number;
  /** The codec string, as WebCodecs takes it: `'vp09.00.10.08'`, `'avc1.64001f'`. */
  readonly codec: string;

  readonly #input: Input;
  readonly #extent: FileExtent;
  readonly #packets: EncodedPacketSink;
  readonly #config: VideoDecoderConfig;
  readonly #decoder: typeof VideoDecoder | undefined;
  readonly #closing = new AbortController();
  // What one decoder of this file was found to keep back, the next one keeps too.
  #lag = 0;

  /** @internal */
  constructor(head: VideoHead) {
    this.duration = head.duration;
    this.firstTimestamp = head.firstTimestamp;
    this.rotation = head.rotation;
    this.displayWidth = head.displayWidth;
    this.displayHeight = head.displayHeight;
    this.codec = head.config.codec;
    this.#input = head.input;
    this.#extent = head.extent;
    this.#packets = new EncodedPacketSink(head.track);
    this.#config = head.config;
    this.#decoder = head.decoder;
  }

  /**
   * Decodes frames in presentation order, at the pace at which they are taken.
   *
   * Each handle is the caller's, to be released once. A codec that the browser takes away is opened again, and goes on
   * with the frame that was due.
   *
   * @throws `TypeError` for what is no pool or no time; `InvalidStateError` when the reader is closed. At once.
   * @throws From `next()`, after the good frames before it: `EncodingError` where the file is damaged, and all that
   *   `decodeFrames()` throws.
   */
  frames(options: FramesOptions): AsyncIterableIterator<FrameHandle> {
    this.#requireOpen('frames()');
    const { from = -Infinity, to = Infinity } = options;
    requireTime('from', from);
    requireTime('to', to);
    if (from === -Infinity) return this.#decode(options, from, to, (start) => this.#chunksFrom(start));
    const shown = async (): Promise<number> => {
      const packet = await this.#shownAt(from);
      return packet === null ? -Infinity : toMicroseconds(packet.timestamp);
    };
    return this.#decode(options, shown, to, (start) => this.#chunksFrom(start), from);
  }

  /**
   * The same frames as a stream, for pipes. A cancel ends the decoding and releases what was decoded and not read.
   *
   * @throws As `frames()`: at once, and from the stream.
   */
  readable(options: FramesOptions): ReadableStream<FrameHandle> {
    return readableFrames(this.frames(options));
  }

  /**
   * Decodes the one frame that is shown at a time: the last that begins at or before it. Before the first frame that is
   * the first, and after the last the last.
   *
   * @param timestamp - In µs.
   * @returns One share, owned by the caller: to be released once.
   * @throws As `frames()`; all of it as a rejection.
   */
  async frameAt(timestamp: number, options: FrameAtOptions): Promise<FrameHandle> {
    this.#requireOpen('frameAt()');
    requireTime('timestamp', timestamp);
    // A packet that should give a frame and gives none is damaged or was dropped; what is shown then is the one before.
    for (
      let packet = await this.#shownAt(timestamp);
      packet !== null;
      packet = await this.#shownBefore(packet)
    ) {
      const handle = await this.#frameOf(options, packet);
      if (handle !== null) return handle;
    }
    const first = this.frames(options);
    try {
      const { value } = await first.next();
      if (value !== undefined) return value;
    } finally {
      await first.return?.();
    }
    throw encodingError('the file has a video track, and no frame in it');
  }

  /** Lets go of the file, and ends what is running on it with `AbortError`. Frames that were taken stay. Idempotent. */
  close(): Promise<void> {
    this.#closing.abort(new DOMException('the reader was closed', 'AbortError'));
    this.#input.dispose();
    return Promise.resolve();
  }

  /** Does what `close()` does, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The frame of a packet, or null where the decoder gives none. */
  async #frameOf(options: FrameAtOptions, packet: EncodedPacket): Promise<FrameHandle | null> {
    const time = toMicroseconds(packet.timestamp);
    const frames = this.#decode(options, time, time + 1, (start) => this.#chunksThrough(start, packet));
    try {
      const { value } = await frames.next();
      return value ?? null;
    } finally {
      await frames.return?.();
    }
  }

  #decode(
    options: FrameAtOptions,
    from: number | (() => Promise<number>),
    to: number,
    chunks: (start: number) => AsyncIterable<EncodedVideoChunk>,
    start = typeof from === 'number' ? from : -Infinity,
  ): AsyncIterableIterator<FrameHandle> {
    const { pool, signal, holder, starvationMs } = options;
    const closing = this.#closing.signal;
    return decodeFrames(pool, chunks(start), this.#config, {
      signal: signal === undefined ? closing : AbortSignal.any([signal, closing]),
      decoder: this.#decoder,
      starvationMs,
      holder: holder ?? 'VideoReader',
      from,
      to,
      lag: this.#lag,
      onLag: (lag) => (this.#lag = lag),
      restart: chunks,
    });
  }

  /** All chunks from the key frame before a time on. */
  async *#chunksFrom(start: number): AsyncGenerator<EncodedVideoChunk> {
    const key = await this.#keyPacketFor(start);
    const last = yield* chunksOf(this.#packets.packets(key ?? undefined));
    const why = await cutOff(this.#packets, last, this.#extent);
    if (why !== null) throw encodingError(`the file is cut off after ${secondsOf(last)} s: ${why}`);
  }

  /** The chunks from the key frame before a time through a packet, which is all that its frame needs to be decoded. */
  async *#chunksThrough(start: number, last: EncodedPacket): AsyncGenerator<EncodedVideoChunk> {
    const key = await this.#keyPacketFor(start);
    const end = await found(this.#packets.getNextPacket(last));
    yield* chunksOf(this.#packets.packets(key ?? undefined, end ?? undefined));
  }

  /**
   * The packet to start at. Verified, for containers also mark pictures as key frames that a decoder cannot start at
   * (open groups of pictures).
   */
  #keyPacketFor(start: number): Promise<EncodedPacket | null> {
    if (start === -Infinity) return Promise.resolve(null);
    return found(this.#packets.getKeyPacket(endOfMicrosecond(start), { verifyKeyPackets: true }));
  }

  /** The last packet at or before a time that gives a frame, or null before the first. */
  async #shownAt(timestamp: number): Promise<EncodedPacket | null> {
    const packet = await found(this.#packets.getPacket(endOfMicrosecond(timestamp)));
    return packet !== null && isHidden(this.codec, packet.data) ? this.#shownBefore(packet) : packet;
  }

  #shownBefore(packet: EncodedPacket): Promise<EncodedPacket | null> {
    return this.#shownAt(toMicroseconds(packet.timestamp) - 1);
  }

  #requireOpen(call: string): void {
    if (this.#closing.signal.aborted) throw invalidState(`${call}: the reader is closed`);
  }
}

/** Packets as chunks; what mediabunny stumbles over is the file's fault. Returns the last packet. */
async function* chunksOf(
  packets: AsyncIterable<EncodedPacket>,
): AsyncGenerator<EncodedVideoChunk, EncodedPacket | null> {
  let last: EncodedPacket | null = null;
  try {
    for await (const packet of packets) {
      last = packet;
      yield packet.toEncodedVideoChunk();
    }
  } catch (error) {
    throw explained(error, `the file is damaged after ${secondsOf(last)} s`);
  }
  return last;
}

/** A packet that was looked for. */
async function found(packet: Promise<EncodedPacket | null>): Promise<EncodedPacket | null> {
  try {
    return await packet;
  } catch (error) {
    throw explained(error, 'the file is damaged');
  }
}

const secondsOf = (packet: EncodedPacket | null): string => (packet?.timestamp ?? 0).toFixed(3);

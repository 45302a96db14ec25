/** Tests of the declarations in a compiler: an app that uses every entry, and has its libraries checked. */
import { describe, expect, test } from 'vitest';
import { compile, compilerOptions, useApp } from './app.ts';

const strictOptions = {
  ...compilerOptions,
  lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};

/**
 * Errors in mediabunny 1.61 and the WebCodecs types that it brings: they do not pass the check themselves, because
 * they declare types of the DOM again, and need `lib: esnext`.
 */
const OTHERS =
  /node_modules\/(mediabunny|@types\/dom-|@typescript\/|[\w.-]*typescript[\w.-]*\/).*: error TS|^ /u;

/**
 * Lines that must compile, and lines that must not: types that were lost on the way are `any`, and would accept
 * everything.
 */
const CORE = `
import {
  canvasStorage, connectPool, decodeFrames, FrameBudget, FrameDecoder, memoryStorage, pooledFrames, PoolStarvedError,
  readableFrames, receiveFrames, shareFrames, trackFrames, VideoFramePool,
} from 'video-frame-pool';
import type {
  BufferStorage, CanvasStorage, FrameHandle, HolderReport, MemoryStorage, PoolLink, PoolNotice, PoolStats,
} from 'video-frame-pool';
import { LimitedVideoDecoder, ManualClock } from 'video-frame-pool/testing';
import { textureStorage } from 'video-frame-pool/webgpu';
import 'video-frame-pool/worker';

export async function core(chunks: AsyncIterable<EncodedVideoChunk>, config: VideoDecoderConfig, worker: Worker): Promise<void> {
  const budget = new FrameBudget({ maxBytes: 1e6 });
  const pool = new VideoFramePool({ capacity: 4, budget, clock: new ManualClock() });
  pool.setListener((notice: PoolNotice) => notice.freeCount.toFixed());
  for await (const handle of decodeFrames(pool, chunks, config, { decoder: LimitedVideoDecoder.with({ surfaces: 4 }) })) {
    const frame: VideoFrame = handle.frame;
    // @ts-expect-error no such thing on a decoded frame
    handle.canvas;
    // @ts-expect-error a number of µs
    const time: string = handle.timestamp;
    handle.retain('other').release();
    const link: PoolLink = connectPool(pool, worker);
    await link.send(handle, { frame: frame.codedWidth, time });
  }
  const canvases = new VideoFramePool({ capacity: 2, storage: canvasStorage({ width: 8, height: 8 }) });
  const picture: FrameHandle<CanvasStorage> = await canvases.acquire();
  picture.context.fillRect(0, 0, 8, 8);
  const memory = new VideoFramePool({ capacity: 2, storage: memoryStorage({ format: 'RGBA', codedWidth: 8, codedHeight: 8 }) });
  const copy: FrameHandle<MemoryStorage> = await picture.copyTo(memory, { fit: 'cover' });
  copy.data.fill(copy.layout[0]?.stride ?? 0);
  const storages: BufferStorage[] = [canvasStorage({ width: 1, height: 1 })];
  const stats: PoolStats = pool.stats();
  const holders: readonly HolderReport[] = pool.holders();
  // @ts-expect-error capacity is asked for
  new VideoFramePool({});
  // @ts-expect-error a pool of canvases decodes nothing
  decodeFrames(canvases, chunks, config);
  try { pool.assertNoLeaks(); } catch (error) { if (error instanceof PoolStarvedError) error.holders.length; }
  const decoder = new FrameDecoder({ pool, config, output: (handle) => handle.release(), error: (error: DOMException) => error.name });
  decoder.close();
  void [storages, stats, holders];
}

export async function streams(pool: VideoFramePool, track: MediaStreamTrack, port: MessagePort): Promise<void> {
  const [one, two] = shareFrames(readableFrames(trackFrames(pool, track)), ['one', 'two']);
  pooledFrames(pool).writable.getWriter();
  for await (const { handle, data } of receiveFrames(port)) { handle.frame.close(); String(data); }
  void [one, two];
}

export function textures(device: Parameters<typeof textureStorage>[0]['device']) {
  const pool = new VideoFramePool({ capacity: 1, storage: textureStorage({ device, width: 8, height: 8 }) });
  return pool.tryAcquire()?.texture;
}
`;

const MEDIA = `
import type { FrameHandle, VideoFramePool } from 'video-frame-pool';
import { FrameWriter, openVideo } from 'video-frame-pool/media';
import type { VideoReader, WriterStatistics } from 'video-frame-pool/media';
import { BufferTarget, Mp4OutputFormat } from 'mediabunny';

export async function media(file: Blob, pool: VideoFramePool): Promise<WriterStatistics> {
  const reader: VideoReader = await openVideo(file, { worker: () => new Worker('worker.js') });
  const at: FrameHandle = await reader.frameAt(0, { pool });
  const writer = new FrameWriter({ format: new Mp4OutputFormat(), target: new BufferTarget() });
  const video: number = await writer.addVideoStream({ codec: 'avc', width: 8, height: 8 });
  await writer.beginWriting();
  await writer.writeSample(video, at, { timestamp: 0 });
  // @ts-expect-error a stream is a number
  writer.flush('video');
  return writer.getStatistics(video);
}
`;

/** Adds the tests for compilers, each a version and a path in node_modules. */
export function testCompilers(compilers: readonly (readonly [version: string, path: string])[]): void {
  const app = useApp({
    'core.ts': CORE,
    'media.ts': MEDIA,
    'core.json': JSON.stringify({ compilerOptions: strictOptions, files: ['core.ts'] }),
    'media.json': JSON.stringify({ compilerOptions: strictOptions, files: ['media.ts'] }),
  });

  // The two programs of a compiler at a time: each uses one core.
  describe.each(compilers)('TypeScript %s, with `lib: es2022` and the libraries checked', (version, path) => {
    test.concurrent('compiles an app that uses all entries but that of files', async () => {
      expect(await compile(app, path, '--version')).toEqual([expect.stringContaining(`Version ${version}.`)]);
      expect(await compile(app, path, '-p', 'core.json')).toEqual([]);
    });

    test.concurrent(
      'compiles an app with files, except for errors in mediabunny’s own declarations',
      async () => {
        const output = await compile(app, path, '-p', 'media.json');
        expect(output.filter((line) => !OTHERS.test(line))).toEqual([]);
      },
    );
  });
}

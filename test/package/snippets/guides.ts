/** Code before and after each snippet of the guides when it runs. */
import { NEWEST } from './newest.ts';
import {
  CHUNKS,
  CORE,
  EXAMINING,
  FILE,
  HANDLE,
  HANDLE_END,
  MEDIA,
  POOL_END,
  SCREEN,
  standIns,
  WRITER,
} from './part.ts';
import type { Part, Snippets } from './part.ts';

/** Copies a picture onto a texture and draws it. */
const TEXTURES: Part = {
  before: `${MEDIA}${standIns('equal', 'gpuDevice', 'until')}${HANDLE}
    const device = await gpuDevice();
    const sizes: number[] = [];
    const draw = (texture: GPUTexture) => void sizes.push(texture.width, texture.height);`,
  after: `await until(() => textures.lentCount === 0);
    equal(sizes, [1280, 720]);
    textures.close();
    device.destroy();${HANDLE_END}`,
};

/** Uploads the picture of a canvas to WebGL. */
const WEBGL: Part = {
  before: `import { canvasStorage } from 'video-frame-pool';
    ${CORE}${MEDIA}${standIns('equalNotBlack', 'glContext')}${HANDLE}
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 64 }) });
    const gl = glContext();
    const texture = gl.createTexture();`,
  after: `equalNotBlack(gl, texture);
    canvases.assertNoLeaks();${HANDLE_END}`,
};

/** Two pools under one budget. */
const BUDGET: Part = {
  before: standIns('equal'),
  after: `strip.tryAcquire()?.release();
    equal(budget.bytes, 160 * 90 * 4);
    film.close();
    strip.close();`,
};

const HOLDING: Snippets = {
  // The second video begins at 1.47 s.
  'guides/holding-frames.md › Thumbnails › 1': ['film.mp4', 'late.m2t'].map((film) => ({
    run: film,
    before: `${standIns('equal')}${FILE.replace('film.mp4', film)}`,
    after: `equal(new Set(thumbnails.map(({ timestamp }) => timestamp)).size, 12);
      equal(thumbnails[0].timestamp, reader.firstTimestamp);
      equal(strip.holders()[0].holder, 'strip');
      for (const thumbnail of thumbnails) thumbnail.release();
      strip.assertNoLeaks();
      frames.assertNoLeaks();`,
  })),
  'guides/holding-frames.md › Samples › 1': {
    before: `${MEDIA}${standIns('equal')}${HANDLE.replace('film.mp4', 'large.webm')}`,
    after: `equal(sum > 0, true);
      luma.assertNoLeaks();${HANDLE_END}`,
  },
  'guides/holding-frames.md › Samples › 2': {
    before: `${CORE}${MEDIA}${standIns('equal')}${HANDLE}
      let analysed = 0;
      const analyse = (data: Uint8Array, stride: number) => void (analysed = data.length / stride);`,
    after: `equal(analysed, 180);
      pixels.assertNoLeaks();${HANDLE_END}`,
  },
  'guides/holding-frames.md › WebGL › 1': WEBGL,
  'guides/holding-frames.md › three.js › 1': {
    before: `${CORE}${MEDIA}${standIns('equal')}${HANDLE}
      const texture: { image: VideoFrame | null; needsUpdate: boolean } = { image: null, needsUpdate: false };`,
    after: `show(handle);
      const next = await source.frameAt(500_000, { pool: frames });
      show(next);
      equal([texture.image?.timestamp, texture.needsUpdate], [next.timestamp, true]);
      next.release();
      equal(frames.lentCount, 2);
      (shown as FrameHandle | null)?.release();${HANDLE_END}`,
  },
  'guides/holding-frames.md › WebGPU › 1': TEXTURES,
  'guides/budgets.md › 1': BUDGET,
};

const LEAKS: Snippets = {
  "guides/leaks-and-stalls.md › In an app's tests › 1": {
    before: `${CORE}${MEDIA}import { ran } from 'vitest';
      ${standIns('equal')}
      const pool = new VideoFramePool({ capacity: 2 });
      const source = await openVideo('film.mp4');
      const startPlayer = (of: VideoFramePool) => {
        const shown = source.frameAt(0, { pool: of });
        return { leave: async () => (await shown).release() };
      };`,
    after: `equal(await Promise.all(ran), ['leaving the player returns all frames']);
      await source.close();`,
  },
  "guides/leaks-and-stalls.md › In an app's tests › 2": {
    before: `import { expect } from 'vitest';
      ${standIns('equal')}${CHUNKS}`,
    after: `equal(held.length, 4);${POOL_END}`,
  },
  'guides/leaks-and-stalls.md › A stall › 1': {
    before: `${CORE}${standIns('equal')}
      const pool = new VideoFramePool({ capacity: 2 });`,
    after: `equal([lentCount, decodingCount, waitingCount, overcommitted, dropped], [0, 0, 0, 0, 0]);`,
  },
  'guides/leaks-and-stalls.md › Recovered frames › 1': {
    before: `${CORE}${MEDIA}
      const pool = new VideoFramePool({ capacity: 2 });`,
    after: `const source = await openVideo('film.mp4');
      (await source.frameAt(0, { pool })).release();
      await source.close();${POOL_END}`,
  },
};

const COUNT = `
let count = 0;
const show = (frame: VideoFrame) => void (count += frame.codedWidth > 0 ? 1 : 0);
`;

const REPORT = `
const report = (error: DOMException) => {
  throw error;
};
`;

/** `made()` returns the number of decoders. */
const DECODERS = `
let decoders = 0;
const made = () => decoders;
globalThis.VideoDecoder = class extends VideoDecoder {
  constructor(init: VideoDecoderInit) {
    super(init);
    decoders++;
  }
};
`;

const MOVING: Snippets = {
  'guides/moving.md › From raw WebCodecs › 1': {
    before: `${CORE}${standIns('equal')}${CHUNKS}${REPORT}import type { FrameHandle } from 'video-frame-pool';
      let count = 0;
      const show = (handle: FrameHandle) => {
        count++;
        handle.release();
      };`,
    after: `decoder.configure(config);
      for await (const chunk of chunks) decoder.decode(chunk);
      await decoder.flush();
      decoder.close();
      equal(count, 60);${POOL_END}`,
  },
  'guides/moving.md › From raw WebCodecs › 2': {
    before: `${standIns('equal')}${CHUNKS}${COUNT}${REPORT}`,
    after: `equal(count, 60);${POOL_END}`,
  },
  'guides/moving.md › From raw WebCodecs › 3': {
    before: `${CORE}${standIns('equal')}${CHUNKS}${COUNT}
      const pool = new VideoFramePool({ capacity: 2 });`,
    after: `equal(count, 60);${POOL_END}`,
  },
  "guides/moving.md › From mediabunny's sinks › 1": {
    before: `import { VideoSampleSink } from 'mediabunny';
      ${standIns('equal', 'videoTrackOf')}${SCREEN}
      const videoTrack = await videoTrackOf('large.webm');`,
    after: `equal(drawn(), 181);`,
  },
  "guides/moving.md › From mediabunny's sinks › 2": {
    before: `${CORE}${MEDIA}${standIns('equal')}${FILE.replace('film.mp4', 'large.webm')}${SCREEN}
      const pool = new VideoFramePool({ capacity: 4 });`,
    after: `equal(drawn(), 181);${POOL_END}`,
  },
  'guides/moving.md › HLS and other sources › 1': {
    before: `${CORE}${MEDIA}${standIns('equal')}${SCREEN}
      const pool = new VideoFramePool({ capacity: 4 });`,
    after: `equal(drawn() > 10, true);${POOL_END}`,
  },
  'guides/moving.md › Cut without loss › 1': {
    before: `import { BufferTarget, Mp4OutputFormat } from 'mediabunny';
      import { FrameWriter, openVideo } from 'video-frame-pool/media';
      ${standIns('equal')}${FILE}
      const target = new BufferTarget();
      const writer = new FrameWriter({ format: new Mp4OutputFormat(), target });`,
    after: `const cut = await openVideo(new Blob([target.buffer ?? '']));
      equal(cut.duration > 0, true);
      await cut.close();`,
  },
  // The video begins at 7 ms, and one sample is null.
  'guides/moving.md › Frames at given times › 1': {
    before: `import { VideoSampleSink } from 'mediabunny';
      ${standIns('equal', 'videoTrackOf')}${SCREEN}${DECODERS}
      const sink = new VideoSampleSink(await videoTrackOf('large.webm'));`,
    after: `equal([drawn(), made()], [2, 1]);`,
  },
  'guides/moving.md › Frames at given times › 2': {
    before: `import { VideoSampleSink } from 'mediabunny';
      ${CORE}${MEDIA}${standIns('equal', 'videoTrackOf')}${SCREEN}${DECODERS}
      const reader = await openVideo('large.webm');
      const pool = new VideoFramePool({ capacity: 4 });`,
    after: `equal([drawn(), made()], [3, 3]);
      const sink = new VideoSampleSink(await videoTrackOf('large.webm'));
      const times = [-1, 0, 2, 2.001, 4, 99];
      const theirs: (number | null)[] = [];
      for await (const sample of sink.samplesAtTimestamps(times)) {
        theirs.push(sample === null ? null : sample.microsecondTimestamp);
        sample?.close();
      }
      const ours: number[] = [];
      for (const seconds of times) {
        const handle = await reader.frameAt(Math.round(seconds * 1e6), { pool });
        ours.push(handle.timestamp);
        handle.release();
      }
      const first = reader.firstTimestamp;
      equal(theirs, [null, null, ...ours.slice(2)]);
      equal([ours[0], ours[1], ours[3]], [first, first, ours[2]]);
      equal(ours[5] > 11e6, true);
      await reader.close();${POOL_END}`,
  },
};

/** A page with a pool and a worker. */
const WATCHED = `
const pool = new VideoFramePool({ capacity: 4 });
const worker = new Worker(new URL('./analysis.ts', import.meta.url), { type: 'module' });
`;

const ANALYSIS = {
  'analysis.ts': `import { receiveFrames } from 'video-frame-pool';
    for await (const { handle } of receiveFrames(self)) handle.release();`,
};

const WORKERS: Snippets = {
  'guides/workers.md › Decode in a worker › 1': {
    before: `${standIns('equal')}${FILE}${SCREEN}`,
    after: `equal(drawn(), 60);${POOL_END}`,
  },
  'guides/workers.md › Decode in a worker › 2': {
    before: `${CORE}${MEDIA}`,
    after: `const pool = new VideoFramePool({ capacity: 1 });
      const reader = await openVideo('film.mp4', { worker });
      (await reader.frameAt(0, { pool })).release();
      await reader.close();${POOL_END}`,
  },
  'guides/workers.md › Send frames to a worker › 1': {
    before: `${CORE}${MEDIA}${standIns('equal', 'until')}${WATCHED}${SCREEN}
      const reader = await openVideo('film.mp4');`,
    after: `equal(drawn(), 60);
      await until(() => pool.lentCount === 0);
      await reader.close();
      worker.terminate();${POOL_END}`,
    more: ANALYSIS,
  },
  'guides/workers.md › Send frames to a worker › 2': {
    as: 'analysis.ts',
    before: EXAMINING,
    more: {
      'main.ts': `import { connectPool } from 'video-frame-pool';
        ${CORE}${MEDIA}${standIns('until')}${HANDLE}${WATCHED}
        const seen: unknown[] = [];
        new BroadcastChannel('examined').onmessage = ({ data }) => void seen.push(data);
        const link = connectPool(frames, worker);
        await link.send(handle.retain(), { time: handle.timestamp });
        await until(() => seen.length === 1 && frames.lentCount === 1);
        link.close();
        worker.terminate();
        pool.close();${HANDLE_END}`,
    },
  },
  'guides/workers.md › Only the newest frame › 1': NEWEST,
  'guides/cameras.md › 1': {
    before: `${standIns('equal', 'screen')}
      const { context, drawn } = screen(5, () => leaving.abort());`,
    after: `equal([drawn(), track.readyState], [5, 'ended']);${POOL_END}`,
  },
  'guides/cameras.md › The number of open frames › 1': {
    before: `${standIns('equal', 'movingTrack', 'until')}
      const pool = new VideoFramePool({ capacity: 4 });
      const track = movingTrack();
      void until(() => kept.length === last.capacity).then(() => track.stop());`,
    after: `equal(kept.length, 30);
      for (const copy of kept) copy.release();
      last.assertNoLeaks();${POOL_END}`,
  },
  'guides/cameras.md › Record › 1': {
    before: `import { trackFrames } from 'video-frame-pool';
      ${CORE}import { FrameWriter, openVideo } from 'video-frame-pool/media';
      ${standIns('equal', 'movingTrack')}${WRITER}
      const pool = new VideoFramePool({ capacity: 4 });
      const track = movingTrack();
      let returned = 0;
      pool.setListener(() => {
        if (++returned === 10) track.stop();
      });`,
    after: `const reader = await openVideo(new Blob([target.buffer ?? '']));
      equal(reader.duration > 0, true);
      await reader.close();${POOL_END}`,
  },
};

const STREAMS_AND_WRITING: Snippets = {
  'guides/streams.md › 1': {
    before: `${CORE}import { FrameWriter, openVideo } from 'video-frame-pool/media';
      ${standIns('equal', 'fileOf', 'screen as stage')}${WRITER}
      const blob = await fileOf('film.mp4');
      const pool = new VideoFramePool({ capacity: 6 });
      const { signal } = new AbortController();
      const { context, drawn } = stage();
      const frames = new ReadableStream<VideoFrame>({
        start(controller) {
          const picture = new OffscreenCanvas(16, 16);
          picture.getContext('2d');
          for (const timestamp of [0, 1, 2]) controller.enqueue(new VideoFrame(picture, { timestamp }));
          controller.close();
        },
      });`,
    after: `equal(drawn(), 60);
      equal(writer.getStatistics(video).written, 60);
      const times: number[] = [];
      const taken = handles.getReader();
      for (let next = await taken.read(); !next.done; next = await taken.read()) {
        times.push(next.value.timestamp);
        next.value.release();
      }
      equal(times, [0, 1, 2]);
      await reader.close();${POOL_END}`,
  },
  'guides/writing.md › 1': {
    before: `${CORE}${MEDIA}${standIns('equal')}
      const draw = (context: OffscreenCanvasRenderingContext2D, index: number) => {
        context.fillStyle = \`hsl(\${index} 50% 50%)\`;
        context.fillRect(0, 0, 1280, 720);
      };
      const saved: BlobPart[] = [];
      const save = (buffer: ArrayBuffer | null) => void (buffer && saved.push(buffer));`,
    after: `const reader = await openVideo(new Blob(saved));
      equal(Math.round(reader.duration / 1e6), 12);
      const pool = new VideoFramePool({ capacity: 1 });
      const last = await reader.frameAt(299 * 40_000, { pool });
      equal(last.timestamp, 299 * 40_000);
      last.release();
      await reader.close();${POOL_END}`,
  },
};

export const GUIDES: Snippets = { ...HOLDING, ...LEAKS, ...MOVING, ...WORKERS, ...STREAMS_AND_WRITING };

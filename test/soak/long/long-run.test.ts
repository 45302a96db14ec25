/**
 * A million small frames through every part: nothing stays open, the heap is flat, and the last frames are as fast
 * as the first.
 */
import { commands } from 'vitest/browser';
import { expect, inject, test } from 'vitest';
import { frameAccount } from '../../support/frame-account.ts';
import type { Heaps } from './heap-commands.ts';
import { Pipeline } from './pipeline.ts';
import type { SmallFrames } from './small-frames.ts';
import { HEIGHT, smallFrames, WIDTH } from './small-frames.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    heaps(): Promise<Heaps>;
  }
}

const FRAMES = inject('soakFrames');

const PARTS = 10;

/** Blocks in each part: one of frames, and one through bare codecs, so that variations of the machine cancel out. */
const BLOCKS = 10;
const BLOCK = Math.ceil(FRAMES / PARTS / BLOCKS);

/** The heap is measured after this many blocks. */
const LOOKS_EVERY = 2;

/** Allowed growth of a heap from the first tenth to the last: engines keep data for code that has become hot. */
const GROWTH = { ratio: 1.05, bytes: 500_000 };

/**
 * Allowed growth of a frame's time, relative to bare codecs: more than noise, less than a cost that grows with the
 * frames.
 */
const SLOWER = 2;

/** Maximum of frames inside the bare codecs: as many as the pool of the long run has. */
const INSIDE = 4;

/** Measurements of a tenth. */
type Part = Record<'ms' | 'bareMs' | 'page' | 'workers', number[]>;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * share)] ?? NaN;
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The time of a frame relative to bare codecs, in good blocks: other work of the machine only adds time. */
const ratio = ({ ms, bareMs }: Part): number => quantile(ms, 0.25) / quantile(bareMs, 0.25);

/** The same chunks through a bare decoder into a bare encoder: the present speed of the machine. */
function bareLoop({ config, chunk }: SmallFrames) {
  let fed = 0;
  let out = 0;
  let wake = (): void => {};
  let failure: DOMException | null = null;
  const error = (thrown: DOMException): void => {
    failure = thrown;
    wake();
  };
  const output = (): void => {
    out++;
    wake();
  };
  const encoder = new VideoEncoder({ output, error });
  encoder.configure({ codec: 'vp8', width: WIDTH, height: HEIGHT, bitrate: 100_000 });
  const encode = (frame: VideoFrame): void => {
    encoder.encode(frame);
    frame.close();
  };
  const decoder = new VideoDecoder({ output: encode, error });
  decoder.configure(config);
  return {
    /** Milliseconds per frame, over this many frames. */
    async run(count: number): Promise<number> {
      const began = performance.now();
      const last = fed + count;
      while (out < last) {
        while (fed < last && fed - out < INSIDE) decoder.decode(chunk(fed++));
        await new Promise<void>((resolve) => (wake = resolve));
        if (failure !== null) throw failure;
      }
      return (performance.now() - began) / count;
    },
    close() {
      decoder.close();
      encoder.close();
    },
  };
}

async function runPart(pipeline: Pipeline, bare: ReturnType<typeof bareLoop>): Promise<Part> {
  const part: Part = { ms: [], bareMs: [], page: [], workers: [] };
  for (let block = 1; block <= BLOCKS; block++) {
    part.ms.push(await pipeline.run(BLOCK));
    part.bareMs.push(await bare.run(BLOCK));
    for (const { lentCount, decodingCount, waitingCount } of pipeline.pools)
      expect([lentCount, decodingCount, waitingCount]).toEqual([0, 0, 0]);
    expect(frameAccount().stillOpen()).toEqual([]);
    if (block % LOOKS_EVERY !== 0) continue;
    const { page, workers } = await commands.heaps();
    part.page.push(page);
    part.workers.push(workers);
  }
  return part;
}

test(`${FRAMES} frames are all closed, the heap is flat, the last are as fast as the first`, async () => {
  const account = frameAccount();
  const began = performance.now();
  const frames = await smallFrames();
  const bare = bareLoop(frames);
  const pipeline = await Pipeline.start(frames);
  const parts: Part[] = [];
  for (let part = 0; part < PARTS; part++) {
    if (part > 0) await pipeline.nextFile();
    parts.push(await runPart(pipeline, bare));
    console.log(described(part, parts.at(-1) as Part));
  }
  await pipeline.finish();
  bare.close();

  const total = PARTS * BLOCKS * BLOCK;
  const { pools, notices, written } = pipeline;
  expect(written).toBe(total);
  // One notice for each frame, and for each copy; none of them lost or recovered.
  expect(notices).toEqual({ released: 2 * total, recovered: 0, lost: 0 });
  expect(pools.map((pool) => pool.stats().released)).toEqual([total, total / 2, total / 2]);
  for (const pool of pools) {
    pool.assertNoLeaks();
    pool.close();
    expect(pool.bytes).toBe(0);
  }
  expect([account.closed, account.collected, account.live]).toEqual([account.opened, 0, 0]);

  const [first, last] = [parts[0], parts.at(-1)] as [Part, Part];
  const heap = (of: 'page' | 'workers'): [number, number] => [median(first[of]), median(last[of])];
  const slower = ratio(last) / ratio(first);
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(2);
  console.log(
    `${total} frames in ${((performance.now() - began) / 60_000).toFixed(1)} minutes; heap in the first and the last tenth: ` +
      `page ${heap('page').map(mb).join(' and ')} MB, worker ${heap('workers').map(mb).join(' and ')} MB; ` +
      `time of a frame, in that of bare codecs: ${ratio(first).toFixed(2)} and ${ratio(last).toFixed(2)} (× ${slower.toFixed(2)})`,
  );
  for (const of of ['page', 'workers'] as const) {
    const [before, after] = heap(of);
    expect(before).toBeGreaterThan(0);
    expect(after, `heap of ${of}, from ${before} bytes`).toBeLessThan(before * GROWTH.ratio + GROWTH.bytes);
  }
  expect(slower, 'the last tenth against the first, each in the time of bare codecs').toBeLessThan(SLOWER);
});

const described = (part: number, { ms, bareMs, page, workers }: Part): string =>
  `tenth ${part + 1}: ${Math.round(1000 / median(ms))} frames a second, bare codecs ${Math.round(1000 / median(bareMs))}; ` +
  `heap ${(median(page) / 1e6).toFixed(2)} MB, worker ${(median(workers) / 1e6).toFixed(2)} MB`;

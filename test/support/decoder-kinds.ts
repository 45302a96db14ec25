/**
 * Test matrix: kinds of decoders × capacities × numbers of frames that the app holds. Imports no test runner, so that a page in a
 * hidden tab can also call `decodeCell()`.
 */
import type { Clock, FrameHandle } from '../../src/index.ts';
import { decodeFrames, PoolStarvedError, VideoFramePool } from '../../src/index.ts';
import type { DecoderLimits } from '../../src/testing/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import type { Track } from './packets.ts';
import { streamOf } from './packets.ts';

/** Kinds of decoders, by their differences from a browser's software decoder. */
export const KINDS = {
  'software, unchanged': {},
  'of one surface': { surfaces: 1 },
  'of two surfaces': { surfaces: 2 },
  'of four surfaces': { surfaces: 4 },
  'of sixteen surfaces': { surfaces: 16 },
  'of two surfaces that always takes chunks': { surfaces: 2, takesAlways: true },
  'of four surfaces without dequeue events': { surfaces: 4, dispatchesDequeue: false },
  'that puts out bursts of four': { burst: 4 },
  'that puts out within decode()': { synchronous: true },
  'that puts out late': { lateTasks: 20 },
  'that puts out in decode order': { order: 'decode' },
  'that is reclaimed': { surfaces: 4, reclaimAfter: 7 },
} as const satisfies Record<string, DecoderLimits>;

export type Kind = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

/** Makes the decoder class of a kind, with more limits. `reclaimAfter` counts separately for each class. */
export const decoderOf = (kind: Kind, limits: DecoderLimits = {}): typeof LimitedVideoDecoder =>
  LimitedVideoDecoder.with({ ...KINDS[kind], ...limits });

/** One case of the matrix. */
export interface Cell {
  readonly kind: Kind;
  readonly capacity: number;
  /** Number of frames that the app holds while it requests the next one. */
  readonly held: number;
}

const CAPACITIES = [1, 2, 4, 8];

/** All cells. Each number of held frames occurs once for a kind and a capacity. */
export const CELLS: readonly Cell[] = KIND_NAMES.flatMap((kind) =>
  CAPACITIES.flatMap((capacity) =>
    [...new Set([0, 1, capacity - 1])].map((held) => ({ kind, capacity, held })),
  ),
);

/** Whether the app itself holds every slot or every surface. */
export function starves({ kind, capacity, held }: Cell): boolean {
  const { surfaces = Infinity }: DecoderLimits = KINDS[kind];
  return held >= Math.min(capacity, surfaces);
}

/** Whether a decoder takes a chunk only while one of few surfaces is free. */
export function waitsForSurface({ kind }: Cell): boolean {
  const { surfaces = Infinity, takesAlways = false }: DecoderLimits = KINDS[kind];
  return surfaces < Infinity && !takesAlways;
}

/** Times of the frames of a track, in the output order of a kind of decoder. */
export function timesOf(kind: Kind, { chunks }: Pick<Track, 'chunks'>): number[] {
  const { synchronous, order }: DecoderLimits = KINDS[kind];
  const times = chunks.map(({ timestamp }) => timestamp);
  return synchronous === true || order === 'decode' ? times : times.sort((one, other) => one - other);
}

/** The result of a cell. */
export interface CellResult {
  /** Times of the frames that the app received, in order. */
  readonly timestamps: readonly number[];
  /** Holders of lent frames, as listed by a `PoolStarvedError`. Null if the iteration reached its end. */
  readonly starvedBy: readonly (string | undefined)[] | null;
  /** Number of chunks that were read. */
  readonly read: number;
  /** The delay of the decoder, as far as it is known. */
  readonly decoderDelay: number;
  /** Slots and waiters that are left at the end. */
  readonly left: { readonly lent: number; readonly decoding: number; readonly waiting: number };
}

/** Options of `decodeCell()`. */
export interface CellOptions {
  readonly clock?: Clock;
  readonly decoderDelay?: number;
  readonly starvationMs?: number;
}

/**
 * Iterations in progress. A clock that stands still has no timer to keep an iteration alive, and decoders refer to their
 * iteration weakly. So an iteration could be collected while its `next()` is pending.
 */
const underWay = new Set<object>();

/**
 * Decodes a track whose chunks give one frame each. The app holds its newest `held` frames, and releases all of them at the end.
 *
 * @throws All errors except `PoolStarvedError`.
 */
export async function decodeCell(
  track: Track,
  { kind, capacity, held }: Cell,
  { clock, decoderDelay = 0, starvationMs = 1000 }: CellOptions = {},
): Promise<CellResult> {
  const pool = new VideoFramePool({ capacity, ...(clock !== undefined && { clock }) });
  let known = decoderDelay;
  let read = 0;
  const frames = decodeFrames(
    pool,
    counted(streamOf(track.chunks), () => read++),
    track.config,
    {
      decoder: decoderOf(kind),
      holder: 'app',
      starvationMs,
      decoderDelay,
      onDecoderDelay: (learned) => (known = learned),
      restart: (_timestamp, { index }) => streamOf(track.chunks.slice(index)),
    },
  );
  underWay.add(frames);
  const timestamps: number[] = [];
  const kept: FrameHandle[] = [];
  let starvedBy: (string | undefined)[] | null = null;
  try {
    for await (const handle of frames) {
      timestamps.push(handle.timestamp);
      kept.push(handle);
      if (kept.length > held) kept.shift()?.release();
    }
  } catch (error) {
    if (!(error instanceof PoolStarvedError)) throw error;
    starvedBy = error.holders.filter(({ state }) => state === 'lent').map(({ holder }) => holder);
  } finally {
    for (const handle of kept) handle.release();
    underWay.delete(frames);
  }
  const left = { lent: pool.lentCount, decoding: pool.decodingCount, waiting: pool.waitingCount };
  pool.close();
  return { timestamps, starvedBy, read, decoderDelay: known, left };
}

async function* counted<T>(source: AsyncIterable<T>, onRead: () => void): AsyncGenerator<T, void> {
  for await (const value of source) {
    onRead();
    yield value;
  }
}

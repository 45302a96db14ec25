/** Pools of each storage that can go to another thread, and one handle of each with a colour in it. */
import type { BufferStorage, FrameHandle, Storage } from '../../../src/index.ts';
import { canvasStorage, memoryStorage, VideoFramePool } from '../../../src/index.ts';
import { colourFrame } from '../frames.ts';

/** The colour of every picture here. */
export const COLOUR = [200, 100, 50] as const;

const memory = (shared: boolean): BufferStorage =>
  memoryStorage({ format: 'RGBA', codedWidth: 64, codedHeight: 48, shared });

const STORAGES: Record<string, (() => Storage) | null> = {
  'a decoded frame': null,
  'a canvas': () => canvasStorage({ width: 64, height: 48 }),
  memory: () => memory(false),
  'shared memory': () => memory(true),
};

/** Their names, for tables of tests. */
export const KINDS = Object.keys(STORAGES);

/** A pool that can be asked for a handle with a picture in it. */
export interface FilledPool {
  readonly pool: VideoFramePool<Storage>;
  fill(timestamp: number, holder?: string): Promise<FrameHandle<Storage>>;
}

export function poolOfKind(kind: string, capacity: number): FilledPool {
  const storage = STORAGES[kind]?.();
  const pool = new VideoFramePool<Storage>({
    capacity,
    name: kind,
    ...(storage === undefined ? {} : { storage }),
  });
  return {
    pool,
    fill(timestamp, holder) {
      const frame = colourFrame(COLOUR, { timestamp, duration: 40 });
      const named = holder === undefined ? {} : { holder };
      return storage === undefined ? Promise.resolve(pool.adopt(frame, named)) : pool.capture(frame, named);
    },
  };
}

/** One pool of a program, made in the library and as a model. */
import type { FrameBudget, PoolOptions, Storage } from '../../../src/index.ts';
import { memoryStorage, VideoFramePool } from '../../../src/index.ts';
import type { ManualClock } from '../../../src/testing/manual-clock.ts';
import { canvases } from '../fake-pools.ts';
import type { FakeRegistry } from '../fake-registry.ts';
import { takeRegistries } from '../fake-registry.ts';
import { BudgetModel } from './budget-model.ts';
import type { Course, Kind, ModelLoan, ModelShare, Size } from './model-loan.ts';
import { PoolModel } from './pool-model.ts';
import type { ModelSettings } from './room-model.ts';

/** What all pools of a program have in common. */
interface Shared {
  readonly clock: ManualClock;
  readonly course: Course;
  readonly budget: FrameBudget | null;
  readonly budgetModel: BudgetModel | null;
}

/** How one pool of a program is made. */
export type PoolSetup = ModelSettings & {
  readonly kind: Kind;
  readonly idleMs: number;
  readonly tracks: boolean;
};

export interface Setup {
  readonly pools: readonly PoolSetup[];
  /** Shared by all of the pools; null where each is by itself. */
  readonly budget: { readonly maxBytes: number; readonly maxFrames: number } | null;
}

/** A pool, its model, and its net. */
export interface Player {
  readonly name: string;
  readonly kind: Kind;
  readonly pool: VideoFramePool<Storage>;
  readonly model: PoolModel;
  readonly registry: FakeRegistry;
  readonly settled: string[];
}

/** A share that the program has. */
export interface Held<T> {
  readonly player: Player;
  readonly loan: ModelLoan;
  readonly share: ModelShare;
  readonly real: T;
}

export function storageOf(kind: Kind, { width, height }: Size): Storage | undefined {
  if (kind === 'decoded') return undefined;
  if (kind === 'canvas') return canvases(width, height);
  return memoryStorage({ format: 'RGBA', codedWidth: width, codedHeight: height });
}

export function makePlayer(setup: PoolSetup, name: string, shared: Shared): Player {
  const { kind, capacity, initial, maxBytes, size, idleMs, tracks } = setup;
  const storage = storageOf(kind, size);
  const more = shared.budget === null ? {} : { budget: shared.budget };
  const options = {
    name,
    capacity,
    initial,
    maxBytes,
    idleMs,
    trackHolders: tracks,
    clock: shared.clock,
    ...more,
  };
  // Without a storage it is a pool of decoded frames, as the general type cannot say.
  const pool = new VideoFramePool<Storage>({ ...options, storage } as PoolOptions<Storage>);
  const [registry] = takeRegistries();
  if (registry === undefined) throw new Error('a pool without a net');
  const budget = shared.budgetModel ?? new BudgetModel();
  const character = { kind, budget, course: shared.course, idleMs, tracks };
  const model = new PoolModel(character, { capacity, initial, maxBytes, size });
  return { name, kind, pool, model, registry, settled: [] };
}

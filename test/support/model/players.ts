/** Pool of a program, made both in the library and as a model. */
import type { PoolOptions, Storage } from '../../../src/index.ts';
import { memoryStorage, VideoFramePool } from '../../../src/index.ts';
import { canvases } from '../fake-pools.ts';
import { takeRegistries } from '../fake-registry.ts';
import { BudgetModel } from './budget-model.ts';
import type { Kind, ModelLoan, ModelShare, Size } from './model-loan.ts';
import { PoolModel } from './pool-model.ts';
import type { ModelCharacter, ModelSettings } from './stock-model.ts';
import type { World } from './world.ts';

/** Options of one pool of a program. */
export type PoolSetup = ModelSettings & Pick<ModelCharacter, 'kind' | 'idleMs' | 'tracks'>;

export interface Setup {
  readonly pools: readonly PoolSetup[];
  /** Shared by all pools. Null if each pool has its own limits. */
  readonly budget: { readonly maxBytes: number; readonly maxFrames: number } | null;
}

/** A pool, its model, and its leak detection. */
export type Player = ReturnType<typeof makePlayer>;

/** A share that the program holds. */
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

export function makePlayer(setup: PoolSetup, name: string, world: World) {
  const { clock, course, budget, budgetModel } = world;
  const { kind, idleMs, tracks, capacity, initial, maxBytes, size } = setup;
  const options = { name, capacity, initial, maxBytes, idleMs, trackHolders: tracks, clock };
  const limits = budget === null ? {} : { budget };
  // Without a storage it is a pool of decoded frames. The general type cannot express that.
  const general = { ...options, ...limits, storage: storageOf(kind, size) } as PoolOptions<Storage>;
  const pool = new VideoFramePool<Storage>(general);
  const registry = takeRegistries().at(-1);
  if (registry === undefined) throw new Error('a pool without a leak detector');
  const character = { kind, budget: budgetModel ?? new BudgetModel(), course, idleMs, tracks };
  const settled: string[] = [];
  const model = new PoolModel(character, { capacity, initial, maxBytes, size });
  return { name, kind, pool, model, registry, settled };
}

/** Choices of a move: a pool, a share, a frame or a size by number. */
import { makeFrame } from '../fake-video-frame.ts';
import type { Kind, ModelFrame, Size } from './model-loan.ts';
import { bytesOf } from './model-loan.ts';
import type { Player } from './players.ts';
import type { World } from './world.ts';

/** Numbers that choose the objects of a move. Every number is valid. */
export interface Choice {
  /** Chooses the pool. */
  readonly pool: number;
  /** Chooses the item of a list. */
  readonly pick: number;
  /** Chooses the variant of the move. */
  readonly how: number;
}

/** Makes a move and returns its description, or null if there was nothing to do. */
export type Move = (world: World, choice: Choice) => string | null;

/** Sizes with the bytes of a standard buffer, a quarter of them, twice and eight times as many. */
export const SIZES: readonly Size[] = [
  { width: 16, height: 16 },
  { width: 8, height: 8 },
  { width: 32, height: 16 },
  { width: 64, height: 32 },
];
const HOLDERS = [undefined, 'a', 'b'] as const;

/** Returns the item of a list that a number chooses. Undefined if the list is empty. */
export const itemOf = <T>(list: readonly T[], pick: number): T | undefined =>
  list[pick % Math.max(1, list.length)];

export function oneOf<T>(list: readonly T[], index: number): T {
  const one = itemOf(list, index);
  if (one === undefined) throw new RangeError('nothing to choose from');
  return one;
}
export const sizeBy = (how: number): Size => oneOf(SIZES, how);
export const holderBy = (how: number): string | undefined => HOLDERS[how % HOLDERS.length];

type PoolMove = (world: World, player: Player, choice: Choice) => string | null;

/** Makes a move on a pool of one of the kinds. Does nothing without such a pool. */
export const onPoolOf =
  (kinds: readonly Kind[], move: PoolMove): Move =>
  (world, choice) => {
    const fitting = world.players.filter(({ kind }) => kinds.includes(kind));
    const player = itemOf(fitting, choice.pool);
    return player === undefined ? null : move(world, player, choice);
  };

export const onPool = (move: PoolMove): Move => onPoolOf(['decoded', 'canvas', 'memory'], move);

/** Makes a move that takes an item out of one of the program's lists. Does nothing if the list is empty. */
export const withTaken =
  <K extends 'handles' | 'permits' | 'works' | 'own'>(
    key: K,
    move: (taken: World[K][number], world: World, choice: Choice) => string,
  ): Move =>
  (world, choice) => {
    const list: World[K][number][] = world[key];
    const [taken] = list.splice(choice.pick % Math.max(1, list.length), 1);
    return taken === undefined ? null : move(taken, world, choice);
  };

export const isDecoded = ({ kind }: Player): boolean => kind === 'decoded';

/** Makes a frame of one of the sizes, with a known or hidden format. */
export function frameBy(pick: number, how: number): { frame: VideoFrame; facts: ModelFrame } {
  const size = sizeBy(pick);
  const [timestamp, duration] = [pick * 10, how % 2 === 0 ? null : 5];
  const isOpaque = how % 3 !== 0;
  const init = { codedWidth: size.width, codedHeight: size.height, timestamp, duration };
  const bytes = isOpaque ? bytesOf(size) : (bytesOf(size) * 3) / 8;
  const frame = makeFrame({ ...init, format: isOpaque ? null : 'I420' });
  return { frame, facts: { bytes, estimated: isOpaque, size, timestamp, duration } };
}

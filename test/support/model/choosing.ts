/** Parts of moves: a pool, a share, a frame or a size by number. */
import { makeFrame } from '../fake-video-frame.ts';
import type { Kind, ModelFrame, Size } from './model-loan.ts';
import { bytesOf } from './model-loan.ts';
import type { Player } from './players.ts';
import type { World } from './world.ts';

/** The numbers that a move chooses by. Any will do. */
export interface Choice {
  /** The pool. */
  readonly pool: number;
  /** The item of a list. */
  readonly pick: number;
  /** The variant of the move. */
  readonly how: number;
}

/** Describes what was done. Null means that there was nothing to do. */
export type Move = (world: World, choice: Choice) => string | null;

/** Sizes with the bytes of a usual buffer, a quarter of it, twice and eight times as many. */
export const SIZES: readonly Size[] = [
  { width: 16, height: 16 },
  { width: 8, height: 8 },
  { width: 32, height: 16 },
  { width: 64, height: 32 },
];
const HOLDERS = [undefined, 'a', 'b'] as const;

/** An item of a list, by any number. Undefined if the list is empty. */
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

/** A move on a pool of one of the kinds, if there is such a pool. */
export const onPoolOf =
  (kinds: readonly Kind[], move: PoolMove): Move =>
  (world, choice) => {
    const fitting = world.players.filter(({ kind }) => kinds.includes(kind));
    const player = itemOf(fitting, choice.pool);
    return player === undefined ? null : move(world, player, choice);
  };

export const onPool = (move: PoolMove): Move => onPoolOf(['decoded', 'canvas', 'memory'], move);

/** A move with something that is taken out of a list of the program, if there is anything in it. */
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

/** A frame of one of the sizes, whose format is known or hidden. */
export function frameBy(pick: number, how: number): { frame: VideoFrame; facts: ModelFrame } {
  const size = sizeBy(pick);
  const [timestamp, duration] = [pick * 10, how % 2 === 0 ? null : 5];
  const isOpaque = how % 3 !== 0;
  const init = { codedWidth: size.width, codedHeight: size.height, timestamp, duration };
  const bytes = isOpaque ? bytesOf(size) : (bytesOf(size) * 3) / 8;
  const frame = makeFrame({ ...init, format: isOpaque ? null : 'I420' });
  return { frame, facts: { bytes, estimated: isOpaque, size, timestamp, duration } };
}

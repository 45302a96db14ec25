/** What moves are made of: who plays, with what, and what came of a call. */
import { makeFrame } from '../fake-video-frame.ts';
import { failureOf, same } from './comparing.ts';
import type { ModelFrame, Size } from './model-loan.ts';
import { bytesOf, nameOf } from './model-loan.ts';
import type { Player } from './players.ts';
import type { World } from './world.ts';

/** What a move chooses by: any numbers will do. */
export interface Choice {
  /** Which pool. */
  readonly pool: number;
  /** Which of what there is. */
  readonly pick: number;
  /** How. */
  readonly how: number;
}

/** What was done, in words; null where there was nothing to do. */
export type Move = (world: World, choice: Choice) => string | null;

/** Bytes of a quarter of the usual buffer, of one, two and eight. */
export const SIZES: readonly Size[] = [
  { width: 16, height: 16 },
  { width: 8, height: 8 },
  { width: 32, height: 16 },
  { width: 64, height: 32 },
];
const HOLDERS = [undefined, 'a', 'b'] as const;

export function oneOf<T>(list: readonly T[], index: number): T {
  const one = list[index % list.length];
  if (one === undefined) throw new RangeError('nothing to choose from');
  return one;
}
export const sizeBy = (how: number): Size => oneOf(SIZES, how);
export const holderBy = (how: number): string | undefined => HOLDERS[how % HOLDERS.length];
export const takeOne = <T>(list: T[], pick: number): T | undefined =>
  list.splice(pick % Math.max(1, list.length), 1)[0];

export function playerOf(
  { players }: World,
  pool: number,
  which: (player: Player) => boolean = () => true,
): Player | null {
  const fitting = players.filter(which);
  return fitting[pool % Math.max(1, fitting.length)] ?? null;
}
export const isDecoded = ({ kind }: Player): boolean => kind === 'decoded';
export const isBuffers = ({ kind }: Player): boolean => kind !== 'decoded';
export const isCanvas = ({ kind }: Player): boolean => kind === 'canvas';

/** A frame of one of the sizes, whose bytes can be told or not. */
export function frameBy(pick: number, how: number): { frame: VideoFrame; facts: ModelFrame } {
  const size = sizeBy(pick);
  const [timestamp, duration] = [pick * 10, how % 2 === 0 ? null : 5];
  const isOpaque = how % 3 !== 0;
  const init = { codedWidth: size.width, codedHeight: size.height, timestamp, duration };
  const bytes = isOpaque ? bytesOf(size) : (bytesOf(size) * 3) / 8;
  return {
    frame: makeFrame({ ...init, format: isOpaque ? null : 'I420' }),
    facts: { bytes, estimated: isOpaque, size, timestamp, duration },
  };
}

/** Both refuse with an error of this name, or neither does. */
export function both(what: string, model: string | null, call: () => unknown): void {
  same(what, failureOf(call), model ?? 'none');
}

/** What a call gives, or the name of what it throws. */
export function given<T>(call: () => T): { value: T | null; name: string } {
  try {
    return { value: call(), name: 'none' };
  } catch (error) {
    return { value: null, name: nameOf(error) };
  }
}

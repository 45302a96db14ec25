/** All moves of programs: each makes one call to the library, and the same to the model. */
import type { Move } from './choosing.ts';
import { lifeMoves } from './life-moves.ts';
import { slotMoves } from './slot-moves.ts';

/** By their names. */
export const MOVES: Readonly<Record<string, Move>> = { ...slotMoves, ...lifeMoves };

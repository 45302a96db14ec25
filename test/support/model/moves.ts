/** Table of all moves of programs. Each makes one call to the library, and the same call to the model. */
import type { Move } from './choosing.ts';
import { lifeMoves } from './life-moves.ts';
import { slotMoves } from './slot-moves.ts';

/** The moves, by their names. */
export const MOVES: Readonly<Record<string, Move>> = { ...slotMoves, ...lifeMoves };

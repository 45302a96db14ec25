/** All moves of programs: each makes one call to the library, and the same to the model. */
import { askingMoves } from './asking-moves.ts';
import type { Move } from './choosing.ts';
import { frameMoves } from './frame-moves.ts';
import { lifeMoves } from './life-moves.ts';
import { shareMoves } from './share-moves.ts';

/** By their names. */
export const MOVES: Readonly<Record<string, Move>> = {
  ...askingMoves,
  ...frameMoves,
  ...shareMoves,
  ...lifeMoves,
};

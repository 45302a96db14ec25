/** List of all variants. */
import type { Variant } from './clips/clip.ts';
import { CONTAINERS } from './clips/containers.ts';
import { CUTS } from './clips/cuts.ts';
import { DAMAGE } from './clips/damage.ts';
import { EDIT_LISTS, MISSING, OFFSETS } from './clips/edits.ts';
import { PICTURES } from './clips/pictures.ts';
import { TIMES } from './clips/times.ts';

export const VARIANTS: readonly Variant[] = [
  ...CONTAINERS,
  ...EDIT_LISTS,
  ...CUTS,
  ...OFFSETS,
  ...MISSING,
  ...TIMES,
  ...PICTURES,
  ...DAMAGE,
];

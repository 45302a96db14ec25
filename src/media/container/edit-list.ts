/** Parser of edit lists in MP4 and MOV files. mediabunny applies the beginning of the first edit; this file finds its end. */
import { boxAt, boxesOf, trackId, viewOf } from './boxes.ts';

/** The end of a track by its edit list, as a fraction of seconds. */
export interface EditEnd {
  readonly ticks: number;
  readonly ticksPerSecond: number;
}

const NORMAL_SPEED = 0x10000;

/**
 * Ends of the tracks whose edit list consists of one edit, possibly after empty ones, with a length and at normal speed. A list
 * of several edits is not applied, and fragments follow their own length.
 *
 * @param moov - The contents of the box.
 * @returns By track ID.
 */
export function editEndsOf(moov: Uint8Array): Map<number, EditEnd> {
  const ends = new Map<number, EditEnd>();
  const ticksPerSecond = movieScaleOf(boxAt(moov, 'mvhd'));
  if (ticksPerSecond === 0 || boxAt(moov, 'mvex') !== null) return ends;
  for (const { name, bytes } of boxesOf(moov)) {
    if (name !== 'trak') continue;
    const id = trackId(boxAt(bytes, 'tkhd'));
    const ticks = endOf(boxAt(bytes, 'edts', 'elst'));
    if (id !== null && ticks !== null) ends.set(id, { ticks, ticksPerSecond });
  }
  return ends;
}

function movieScaleOf(mvhd: Uint8Array | null): number {
  if (mvhd === null || mvhd.length < 24) return 0;
  return viewOf(mvhd).getUint32(mvhd[0] === 1 ? 20 : 12);
}

function endOf(elst: Uint8Array | null): number | null {
  if (elst === null || elst.length < 8) return null;
  const view = viewOf(elst);
  const isLarge = elst[0] === 1;
  const size = isLarge ? 20 : 12;
  const entries = view.getUint32(4);
  if (entries > Math.floor((elst.length - 8) / size)) return null;
  let end = 0;
  for (let n = 0; n < entries; n++) {
    const at = 8 + n * size;
    const length = isLarge ? Number(view.getBigUint64(at)) : view.getUint32(at);
    const from = isLarge ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4);
    end += length;
    if (from < 0) continue;
    // A length of 0 means the whole track.
    return n === entries - 1 && length > 0 && view.getUint32(at + size - 4) === NORMAL_SPEED ? end : null;
  }
  return null;
}

/** Sample tables of MP4 and MOV files that have both tables and fragments. */
import { boxAt, boxesOf, viewOf } from './boxes.ts';

/** Tables whose number of entries follows version and flags. */
const TABLES = ['stts', 'ctts', 'stsc', 'stco', 'co64', 'stss'];

function sampleTablesOf(moov: Uint8Array): Uint8Array[] {
  return [...boxesOf(moov)]
    .filter(({ name }) => name === 'trak')
    .flatMap(({ bytes }) => boxAt(bytes, 'mdia', 'minf', 'stbl') ?? []);
}

/** Whether a `moov` box lists samples although fragments follow. Takes the contents of the box. */
export function hasTablesAndFragments(moov: Uint8Array): boolean {
  if (boxAt(moov, 'mvex') === null) return false;
  return sampleTablesOf(moov).some((table) => {
    const sizes = boxAt(table, 'stsz');
    return sizes !== null && sizes.length >= 12 && viewOf(sizes).getUint32(8) > 0;
  });
}

/** Returns the contents of a `moov` box without any listed sample. */
export function withoutSamples(moov: Uint8Array): Uint8Array {
  const copy = moov.slice();
  for (const table of sampleTablesOf(copy)) {
    for (const name of TABLES) {
      const box = boxAt(table, name);
      if (box !== null && box.length >= 8) viewOf(box).setUint32(4, 0);
    }
    const sizes = boxAt(table, 'stsz');
    if (sizes !== null && sizes.length >= 12) viewOf(sizes).setBigUint64(4, 0n);
  }
  return copy;
}

/** Parser of the boxes of MP4 and MOV files. */

/** A box without its header. */
export interface Box {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Yields the sibling boxes in these bytes, up to the first truncated one. */
export function* boxesOf(bytes: Uint8Array): Generator<Box, undefined> {
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.length;) {
    const isLarge = view.getUint32(at) === 1 && at + 16 <= bytes.length;
    const header = isLarge ? 16 : 8;
    const size = isLarge ? Number(view.getBigUint64(at + 8)) : view.getUint32(at) || bytes.length - at;
    if (size < header || at + size > bytes.length) return;
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    yield { name, bytes: bytes.subarray(at + header, at + size) };
    at += size;
  }
}

/** The contents of the first box at a path, or null. */
export function boxAt(bytes: Uint8Array, ...path: string[]): Uint8Array | null {
  let inside: Uint8Array | null = bytes;
  for (const name of path) {
    if (inside === null) return null;
    inside = [...boxesOf(inside)].find((box) => box.name === name)?.bytes ?? null;
  }
  return inside;
}

/** The track ID from a track header. */
export function trackId(tkhd: Uint8Array | null): number | null {
  if (tkhd === null || tkhd.length < 24) return null;
  return viewOf(tkhd).getUint32(tkhd[0] === 1 ? 20 : 12);
}

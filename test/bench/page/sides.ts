/** All ways to decode a clip: a side is added by its file in `sides/decoding`. */
import type { Side, SideOptions } from '../sides/side.ts';
import type { BenchClip } from './clips.ts';

const files = Object.values(import.meta.glob<{ side: Side }>('../sides/decoding/*.ts', { eager: true }));

/** Each of our sides beside each other side with the same input, on the terms of the latter. */
export function pairsOf(from: Side['from']) {
  const sides = files.map(({ side }) => side).filter((side) => side.from === from);
  const rivals = sides.flatMap((other) => (other.rival === null ? [] : [{ other, rival: other.rival }]));
  return sides
    .filter(({ rival }) => rival === null)
    .flatMap((ours) => rivals.map((pair) => ({ ours, ...pair })));
}

/** Gets a side ready to decode a clip. Each run throws if a frame is lost: a side that loses frames is not faster. */
export async function prepared(
  side: Side,
  clip: BenchClip,
  options: SideOptions = {},
): Promise<() => Promise<number>> {
  const decode = await side.prepare(clip, options);
  return async () => {
    const frames = await decode();
    if (frames !== clip.chunks.length)
      throw new Error(`${side.name} gave ${frames} of ${clip.chunks.length} frames`);
    return frames;
  };
}

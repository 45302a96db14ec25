/** Makes a `VideoFrame` of a buffer of memory. */
import { invalidState } from '../errors.ts';
import { packedLayout, planesOf } from './layout.ts';
import type { MemoryItem, MemorySpec } from './memory-item.ts';
import { isSideways } from './orientation.ts';

/**
 * A frame of the caller's own. The constructor copies: the memory may be written again at once.
 *
 * @throws `InvalidStateError` when the memory was taken away.
 */
export function frameOf(item: MemoryItem, init: VideoFrameInit): VideoFrame {
  if (!item.isReusable) {
    throw invalidState('toVideoFrame(): the memory of this buffer was transferred to somebody else');
  }
  const { spec, facts } = item;
  const { displayWidth, displayHeight } = facts;
  // The constructor takes the display size before the turn, where frames tell it after.
  const [width, height] = isSideways(facts) ? [displayHeight, displayWidth] : [displayWidth, displayHeight];
  const { format, codedWidth, codedHeight } = spec;
  const bufferInit = {
    format,
    codedWidth,
    codedHeight,
    ...facts,
    displayWidth: width,
    displayHeight: height,
    ...init,
  };
  // TypeScript's DOM types lack the deep formats, and cannot see that the pool always gives a timestamp.
  const frame = new VideoFrame(withoutGaps(spec, item.data), bufferInit as VideoFrameBufferInit);
  if (init.alpha !== 'discard') return frame;
  // Only the constructor that takes pictures knows `alpha`.
  try {
    return new VideoFrame(frame, { alpha: 'discard' });
  } finally {
    frame.close();
  }
}

/** The planes one after the other. The constructor has a `layout` for others, which Firefox 153 reads past in silence. */
function withoutGaps({ format, codedWidth, codedHeight, layout }: MemorySpec, data: Uint8Array): Uint8Array {
  const planes = planesOf(format, codedWidth, codedHeight);
  const { layout: wanted, byteLength } = packedLayout(planes);
  const stands = (index: number): PlaneLayout => layout[index] ?? { offset: 0, stride: 0 };
  const asWanted = wanted.every(
    ({ offset, stride }, index) => stands(index).offset === offset && stands(index).stride === stride,
  );
  if (asWanted) return data;
  const bytes = new Uint8Array(byteLength);
  for (const [index, { rowBytes, rows }] of planes.entries()) {
    const { offset, stride } = stands(index);
    const to = wanted[index]?.offset ?? 0;
    for (let row = 0; row < rows; row++) {
      const start = offset + row * stride;
      bytes.set(data.subarray(start, start + rowBytes), to + row * rowBytes);
    }
  }
  return bytes;
}

/** Creation of a `VideoFrame` from a memory buffer. */
import { invalidState } from '../base/errors.ts';
import { packedLayout, planesOf } from './layout.ts';
import type { MemoryItem, MemorySpec } from './memory-item.ts';
import { isSideways } from './orientation.ts';

/**
 * Creates a frame that the caller owns. The constructor copies, so the memory may be overwritten at once.
 *
 * @throws `InvalidStateError` if the memory was transferred.
 */
export function frameOf(item: MemoryItem, init: VideoFrameInit): VideoFrame {
  if (!item.isReusable) {
    throw invalidState('toVideoFrame(): the memory of this buffer was transferred');
  }
  const { spec, facts } = item;
  const { displayWidth, displayHeight } = facts;
  // The constructor takes the display size before rotation, while frames report it after rotation.
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
  // Only the constructor that takes image sources supports `alpha`.
  try {
    return new VideoFrame(frame, { alpha: 'discard' });
  } finally {
    frame.close();
  }
}

/**
 * The planes without gaps. The constructor's `layout` option is not used, because Firefox 153 ignores it without an
 * error.
 */
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

/** Grey pictures, and buffers of each kind that can show them. */
import type { BufferStorage, CanvasStorage, FrameHandle, MemoryStorage } from '../../../src/index.ts';
import { canvasStorage, memoryStorage } from '../../../src/index.ts';
import type { Size } from './buffer-model.ts';

export const KINDS = ['canvas', 'memory', 'planes', 'shared'] as const;
export type Kind = (typeof KINDS)[number];

export type Buffer = FrameHandle<CanvasStorage> | FrameHandle<MemoryStorage>;

/** A grey frame, of planes or of colours. */
export function shadedFrame(shade: number, { width, height }: Size, isPlanes: boolean): VideoFrame {
  const pixels = width * height;
  const data = new Uint8Array(isPlanes ? pixels * 1.5 : pixels * 4).fill(isPlanes ? 128 : shade);
  if (isPlanes) data.fill(shade, 0, pixels);
  // Opaque, also where an engine takes the fourth byte of RGBX for alpha, as Chromium does where it draws.
  else for (let at = 3; at < data.length; at += 4) data[at] = 255;
  const format = isPlanes ? 'I420' : 'RGBX';
  return new VideoFrame(data, { format, codedWidth: width, codedHeight: height, timestamp: shade });
}

export function storageOf(kind: Kind, { width, height }: Size): BufferStorage {
  if (kind === 'canvas') return canvasStorage({ width, height, context: { willReadFrequently: true } });
  const format = kind === 'planes' ? 'I420' : 'RGBA';
  return memoryStorage({ format, codedWidth: width, codedHeight: height, shared: kind === 'shared' });
}

/** The shade in the middle of a buffer. */
export function shadeOf(handle: Buffer): number {
  if ('canvas' in handle) {
    const { width, height } = handle.canvas;
    return handle.context.getImageData(width >> 1, height >> 1, 1, 1).data[0] ?? NaN;
  }
  const { data, layout, format, codedWidth, codedHeight } = handle;
  const { offset, stride } = layout[0] as PlaneLayout;
  return data[offset + stride * (codedHeight >> 1) + (codedWidth >> 1) * (format === 'I420' ? 1 : 4)] ?? NaN;
}

/** Width and height of a buffer. */
export const sizeOf = (handle: Buffer): number[] =>
  'canvas' in handle ? [handle.canvas.width, handle.canvas.height] : [handle.codedWidth, handle.codedHeight];

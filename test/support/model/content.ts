/** What handles show, and what apps do with it: looked at, spoilt, read too late. */
import type { FrameHandle, Storage } from '../../../src/index.ts';
import { same } from './comparing.ts';
import type { ModelBuffer, ModelLoan } from './model-loan.ts';
import { fakeContext, FakeOffscreenCanvas } from '../fake-canvas.ts';

type Handle = FrameHandle<Storage>;

/** A handle is new: it must show what the model says, and nothing of its last holder. */
export function lookAt(handle: Handle, loan: ModelLoan, holder: string | undefined, isCopy: boolean): void {
  const { buffer, timestamp, duration } = loan;
  same('a new handle is released', handle.released, false);
  same('the holder', handle.holder, holder);
  same('the time', `${handle.timestamp} ${handle.duration}`, `${timestamp} ${duration}`);
  if (buffer === null) return;
  if ('context' in handle && 'canvas' in handle) {
    // A handle with a context is one of canvases; the general type says nothing of what it shows.
    const { drawn, isPristine } = fakeContext(handle.context as OffscreenCanvasRenderingContext2D);
    buffer.real ??= handle.canvas as OffscreenCanvas;
    same('the buffer that was used last', handle.canvas === buffer.real, true);
    same('pictures on it', drawn.length, isCopy ? 1 : 0);
    same('like new', isPristine, !isCopy);
  } else if ('data' in handle) lookAtMemory(handle.data, buffer);
}

function lookAtMemory(data: unknown, buffer: ModelBuffer): void {
  if (buffer.real !== null) same('what the last holder sees still', (buffer.real as Uint8Array).length, 0);
  buffer.real = data as Uint8Array;
  same('the bytes', (data as Uint8Array).length, buffer.size.width * buffer.size.height * 4);
}

/** The context of a canvas is lost, or memory taken away. */
export function harm(buffer: ModelBuffer): boolean {
  const { real } = buffer;
  if (buffer.harmed || real === null) return false;
  if (real instanceof FakeOffscreenCanvas) real.getContext('2d')?.lose();
  else {
    const { buffer: bytes } = real as Uint8Array;
    if (bytes.byteLength === 0) return false;
    structuredClone(bytes, { transfer: [bytes as ArrayBuffer] });
  }
  buffer.harmed = true;
  return true;
}

/** What reading through a released handle throws. */
export function readingOf(handle: Handle): string {
  try {
    const seen =
      'frame' in handle ? handle.frame : 'canvas' in handle ? handle.canvas : 'data' in handle && handle.data;
    return `shows ${String(seen)}`;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

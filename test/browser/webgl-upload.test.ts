/** Test of the example in guides/holding-frames.md: a pool's canvas as a WebGL texture. */
import { expect, test } from 'vitest';
import { canvasPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { quadrantFrame, quartersOf } from '../support/quadrants.ts';

test('a pooled canvas can be uploaded to a WebGL texture, and then released', async () => {
  const gl = new OffscreenCanvas(64, 48).getContext('webgl2');
  if (gl === null) throw new Error('no WebGL 2');
  const pool = canvasPool();
  const handle = await copyAndClose(pool, quadrantFrame('I420'));

  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, handle.canvas);
  handle.release();

  // The next holder's picture does not reach the texture.
  (await copyAndClose(pool, quadrantFrame('I420', 64, 48, { rotation: 180 }))).release();
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const pixels = new Uint8Array(64 * 48 * 4);
  gl.readPixels(0, 0, 64, 48, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  expect(gl.getError()).toBe(gl.NO_ERROR);
  const pixelAt = (x: number, y: number): Uint8Array => pixels.subarray((y * 64 + x) * 4);
  expect(quartersOf(64, 48, pixelAt)).toEqual([0, 1, 2, 3]);
});

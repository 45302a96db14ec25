/** Tests of pictures of another origin on a pool's canvas: the browser forbids reading it, and no picture leaks. */
import { expect, test } from 'vitest';
import { canvasPool, listen } from '../support/checked-pools.ts';

/** The same server under another name, which is another origin. */
async function foreignImage(): Promise<HTMLImageElement> {
  const url = new URL('/test/media/dot.svg', location.href);
  url.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  const image = new Image();
  image.src = url.href;
  await image.decode();
  return image;
}

test('a tainted canvas passes on the browser’s SecurityError, and is not lent again [C13]', async () => {
  const [pool, copies] = [canvasPool(8, 8), canvasPool(8, 8)];
  const notices = listen(pool);
  const handle = await pool.acquire();
  handle.context.drawImage(await foreignImage(), 0, 0);
  expect(() => handle.toVideoFrame()).toThrow(expect.objectContaining({ name: 'SecurityError' }));
  await expect(handle.copyTo(copies)).rejects.toMatchObject({ name: 'SecurityError' });
  expect([pool.lentCount, copies.lentCount, copies.waitingCount]).toEqual([1, 0, 0]);
  const waiting = pool.acquire();
  handle.release();
  const clean = await waiting;
  expect(pool.stats()).toMatchObject({ discarded: 1, allocated: 2, lentCount: 1 });
  const frame = clean.toVideoFrame();
  expect(frame.codedWidth).toBe(8);
  frame.close();
  clean.release();
  await Promise.resolve();
  expect(notices).toEqual(['released, discarded', 'released']);
});

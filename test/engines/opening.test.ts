/** Errors of opening unreadable files, and of an aborted opening: they have the platform's names in every engine. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clipBlob, trackOf } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';

describe('openVideo()', () => {
  test('reports that an address cannot be read', async () => {
    // Mediabunny logs each failure before it retries, although it does not retry: the browser may have blocked
    // another origin.
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => logged.mockRestore());
    await expect(openVideo('http://127.0.0.1:9/film.mp4')).rejects.toMatchObject({
      name: 'NetworkError',
      message: expect.stringContaining('http://127.0.0.1:9/film.mp4 (the address is wrong') as string,
    });
    expect(logged).not.toHaveBeenCalled();
  });

  test('reports that a file is no video', async () => {
    const letter = new Blob(['This is no film. '.repeat(100)]);
    await expect(openVideo(letter)).rejects.toMatchObject({ name: 'NotSupportedError' });
  });

  test.each(WAYS)('reads chunks and a stream $way', async ({ open }) => {
    const blob = await clipBlob('vp8.webm');
    const { chunks } = await trackOf('vp8.webm');
    await using reader = await open(blob.stream());
    const sizes: number[] = [];
    for await (const { byteLength } of reader.packets()) sizes.push(byteLength);
    expect(sizes).toEqual(chunks.map(({ byteLength }) => byteLength));
  });

  test.each(WAYS)('reports $way that a codec cannot be decoded', async ({ open }) => {
    const pool = new VideoFramePool({ capacity: 1 });
    await using reader = await open(await clipBlob('prores.mov'));
    expect(reader.canDecode).toBe(false);
    expect(() => reader.frames({ pool })).toThrow('cannot decode ProRes, "apco"');
  });

  test('ends with the reason of a signal that had fired, or fires meanwhile', async () => {
    const blob = await clipBlob('vp8.webm');
    const fired = AbortSignal.abort(new Error('not now'));
    await expect(openVideo(blob, { signal: fired })).rejects.toThrow('not now');
    const controller = new AbortController();
    const opening = openVideo(blob, { signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(opening).rejects.toThrow('changed my mind');
  });

  test('ends by its signal while a response is silent', async () => {
    const controller = new AbortController();
    let isAsked = false;
    const mute = new ReadableStream({ pull: () => void (isAsked = true) }, { highWaterMark: 0 });
    const stuck = openVideo(new Response(mute), { signal: controller.signal });
    await expect.poll(() => isAsked).toBe(true);
    controller.abort(new Error('too slow'));
    await expect(stuck).rejects.toThrow('too slow');
  });
});

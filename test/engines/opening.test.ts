/** Errors of opening what cannot be read, and of opening that is aborted: they have the platform's names in every engine. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openVideo } from '../../src/media/index.ts';
import { clipBlob } from '../support/packets.ts';

describe('openVideo()', () => {
  test('says that an address cannot be read', async () => {
    // Mediabunny logs each failure before it tries again.
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => logged.mockRestore());
    await expect(openVideo('http://127.0.0.1:9/film.mp4')).rejects.toMatchObject({ name: 'NetworkError' });
    expect(logged).toHaveBeenCalledWith('Retrying failed fetch. Error:', expect.any(TypeError));
  });

  test('says that a file is no film', async () => {
    const letter = new Blob(['This is no film. '.repeat(100)]);
    await expect(openVideo(letter)).rejects.toMatchObject({ name: 'NotSupportedError' });
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

  test('ends by its signal while a response says nothing', async () => {
    const controller = new AbortController();
    let isAsked = false;
    const mute = new ReadableStream({ pull: () => void (isAsked = true) }, { highWaterMark: 0 });
    const stuck = openVideo(new Response(mute), { signal: controller.signal });
    await expect.poll(() => isAsked).toBe(true);
    controller.abort(new Error('too slow'));
    await expect(stuck).rejects.toThrow('too slow');
  });
});

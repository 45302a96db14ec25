/** Error texts about files that are not videos, and about servers that reject requests. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { clipBlob } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';

/** An image of a type that the browser encodes. */
async function image(type: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(16, 16);
  canvas.getContext('2d')?.fillRect(0, 0, 8, 8);
  return canvas.convertToBlob({ type });
}

const bytes = (text: string): Blob => new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))]);

const KINDS: readonly [words: string, make: () => Blob | Promise<Blob>][] = [
  ['the file is empty', () => new Blob([])],
  ['the file is an HTML page, not a video', () => new Blob(['\n<!DOCTYPE html><html><title>404</title>'])],
  ['the file is a JSON document', () => new Blob(['{"error": "no such video"}'])],
  ['the file is a text', () => new Blob(['No such video.'])],
  ['the file is a Git LFS pointer', () => new Blob(['version https://git-lfs.github.com/spec/v1\noid'])],
  ['the file is an SVG image', () => new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'])],
  ['the file is an HLS playlist', () => new Blob(['#EXTM3U\n#EXT-X-VERSION:3\n'])],
  [
    'the file is a DASH manifest',
    () => new Blob(['<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">']),
  ],
  ['the file is a PNG image', () => image('image/png')],
  ['the file is a JPEG image', () => image('image/jpeg')],
  ['the file is a WebP image', () => image('image/webp')],
  ['the file is a GIF image', () => bytes('GIF89a\x01\0\x01\0')],
  ['the file is an AVIF image', () => bytes('\0\0\0\x18ftypavif\0\0\0\0avifmif1')],
  ['the file is an AVI file', () => bytes('RIFF\0\0\0\0AVI LIST')],
  ['the file is an MP3 file, sound only', () => bytes('ID3\x04\0\0\0\0\0\0')],
  ['the file has no video track, only sound', () => clipBlob('sound_only.mp4')],
];

const notSupported = (words: string): object => ({
  name: 'NotSupportedError',
  message: expect.stringContaining(words) as string,
});

describe.each(WAYS)('$way > openVideo()', ({ open }) => {
  test.each(KINDS)('rejects with: %s', async (words, make) => {
    await expect(open(await make())).rejects.toMatchObject(notSupported(words));
  });

  test('explains how to open a playlist', async () => {
    await expect(open(new Blob(['#EXTM3U\n']))).rejects.toMatchObject(notSupported('formats: HLS_FORMATS'));
  });

  test('reports a file without frames whose beginning is intact', async () => {
    const whole = await clipBlob('h264_fragmented.mp4');
    const text = new TextDecoder('latin1').decode(await whole.arrayBuffer());
    const beginning = whole.slice(0, text.indexOf('moof') - 4);
    await expect(open(beginning)).rejects.toMatchObject({
      name: 'EncodingError',
      message: expect.stringContaining('a video track without frames') as string,
    });
  });

  test.each([
    ['404', (url: string) => ({ name: 'NetworkError', message: `404 Not Found: ${url}` })],
    ['500', (url: string) => ({ name: 'NetworkError', message: `500 Internal Server Error: ${url}` })],
    ['empty', (url: string) => ({ name: 'NotSupportedError', message: `the file is empty: ${url}` })],
    [
      'a-page',
      (url: string) => notSupported(`the response is an HTML page, not a video`) && notSupported(url),
    ],
  ])('rejects without a retry when the server responds: %s', async (fault, expected) => {
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => {
      logged.mockRestore();
      warned.mockRestore();
    });
    const url = new URL(`/faults/opening?fault=${fault}&film=${performance.now()}`, location.href).href;
    await expect(open(url)).rejects.toMatchObject(expected(url));
    // Mediabunny logs each failure that it retries.
    expect(logged).not.toHaveBeenCalled();
  });
});

/** Colours of decoded frames, compared with those of <video>. */
import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { caseBlob } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';

type Colour = readonly number[];

/** The middle pixel of a picture, drawn onto a canvas. */
function colourOf(picture: CanvasImageSource): Colour {
  const context = new OffscreenCanvas(16, 16).getContext('2d');
  if (context === null) throw new Error('no 2d context');
  context.drawImage(picture, 0, 0, 16, 16);
  return [...context.getImageData(8, 8, 1, 1).data];
}

/** The colour that <video> shows. */
async function colourInVideo(blob: Blob): Promise<Colour> {
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(blob);
  try {
    await new Promise<void>((resolve, reject) => {
      video.requestVideoFrameCallback(() => resolve());
      video.onerror = () => reject(new Error(video.error?.message));
      video.play().catch(reject);
    });
    return colourOf(video);
  } finally {
    URL.revokeObjectURL(video.src);
    video.removeAttribute('src');
    video.load();
  }
}

const distance = (one: Colour, other: Colour): number =>
  Math.max(...one.map((value, index) => Math.abs(value - (other[index] ?? NaN))));

describe.each(WAYS)('$way', ({ open }) => {
  const colourHere = async (blob: Blob): Promise<Colour> => {
    const pool = new VideoFramePool({ capacity: 1 });
    const reader = await open(blob);
    const handle = await reader.frameAt(0, { pool });
    const colour = colourOf(handle.frame);
    handle.release();
    pool.assertNoLeaks();
    await reader.close();
    return colour;
  };

  test.each([
    'hd_untagged.mp4',
    'h264_544.mp4',
    'h264_576.mp4',
    'vp8_720.webm',
    'vp8_180.webm',
    'vp9_720.webm',
    'vp9_180.webm',
    'vp9_bt709.webm',
    'h264_bt709.mp4',
    'h264_full.mp4',
  ])('%s has the colours that <video> shows', async (file) => {
    const blob = await caseBlob(file);
    const [here, there] = [await colourHere(blob), await colourInVideo(blob)];
    expect(distance(here, there), `${here.join()} and ${there.join()}`).toBeLessThanOrEqual(3);
  });

  test('a matrix tag alone is respected', async () => {
    const [tagged, whole] = await Promise.all(['h264_matrix709.mp4', 'h264_bt709.mp4'].map(caseBlob));
    const [here, there] = [await colourHere(tagged as Blob), await colourHere(whole as Blob)];
    expect(distance(here, there), `${here.join()} and ${there.join()}`).toBeLessThanOrEqual(3);
  });
});

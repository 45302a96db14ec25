/** Reader of the numbers in the pictures of test/media/cases. */

/** Number of blocks of a number, across the top eighth of the picture. */
const BLOCKS = 16;

/** Reads the number in a picture: block k from the left is bright if bit k is set. */
export function numberIn(frame: VideoFrame): number {
  const { displayWidth: width, displayHeight: height } = frame;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2d context');
  context.drawImage(frame, 0, 0, width, height);
  const row = context.getImageData(0, Math.floor(height / 16), width, 1).data;
  let number = 0;
  for (let block = 0; block < BLOCKS; block++) {
    const x = Math.floor(((block + 0.5) * width) / BLOCKS);
    if ((row[x * 4] ?? 0) > 128) number += 2 ** block;
  }
  return number;
}

/**
 * Comparison of the marks in all frames of the clips, as ffmpeg decodes them, with clips.json: at full size and scaled to 160 pixels.
 * Run by hand: `node test/media/run.mjs verify [part of a file name]`.
 */
import { readMark } from '../support/marks.ts';
import { CLIPS, numbersOf } from './clips.ts';
import { media, run } from './ffmpeg.ts';

/** Marks of a clip's frames at one size. The timestamps and the cut at the start are ignored, and rotation is applied. */
function marksIn(file: string, width: number, height: number): number[] {
  const input = `${file.endsWith('.mp4') ? '-ignore_editlist 1 ' : ''}-i ${media(file)}`;
  const output = `-an -fps_mode passthrough -s ${width}x${height} -f rawvideo -pix_fmt rgba -`;
  const stdout = run('ffmpeg', `${input} ${output}`.split(' '));
  const length = width * height * 4;
  return Array.from({ length: stdout.length / length }, (_, i) => {
    const data = new Uint8ClampedArray(stdout.buffer, stdout.byteOffset + i * length, length);
    return readMark({ data, width, height });
  });
}

let failed = false;
for (const clip of CLIPS) {
  if (clip.codec === null || !clip.file.includes(process.argv[3] ?? '')) continue;
  const [width, height] = clip.rotation % 180 === 0 ? [clip.width, clip.height] : [clip.height, clip.width];
  const expected = numbersOf(clip).join();
  for (const scale of [1, 160 / width]) {
    const size = [Math.round(width * scale), Math.round(height * scale)];
    const good = marksIn(clip.file, size[0] ?? 0, size[1] ?? 0).join() === expected;
    if (!good) failed = true;
    console.log(`${good ? 'ok ' : 'BAD'} ${clip.file} at ${size.join('x')}: ${clip.frames} frames`);
  }
}
process.exitCode = failed ? 1 : 0;

/** Exports of the built demo in an engine: the files, and the messages if it cannot export. */
import { expect, test } from 'vitest';
import { BUILT_IN } from '../demo/page.ts';
import { useDemo } from './demo.ts';

const demo = useDemo();

/** Exports a range in seconds, and waits until the run ends. */
async function exportPart(kind: string, from: string, to: string): Promise<string> {
  await demo.set('#export-from', from, 'input');
  await demo.set('#export-to', to, 'input');
  await demo.set('#export-kind', kind, 'change');
  await demo.click('#export-start');
  await expect.poll(() => demo.state('#export')).not.toBeOneOf(['idle', 'running']);
  return demo.text('#export-status');
}

test.each(['webm-vp8', 'webm-vp9', 'mp4-avc'])('%s is written, and plays as expected', async (kind) => {
  const first = BUILT_IN.findLastIndex((time) => time <= 2e6);
  const last = BUILT_IN.findLastIndex((time) => time < 3e6);
  expect(await exportPart(kind, '2', '3')).toContain(`: ${last - first + 1} frames, `);
  await demo.click('#export-play');
  await expect.poll(() => demo.text('#file-name')).toContain('export');
  await demo.reaches('paused');
  await demo.shows(first, 'the first');
  await demo.click('#play');
  await demo.reaches('ended');
  await demo.shows(last, 'the last');
});

test('an invalid range shows an error, and nothing starts', async () => {
  expect(await exportPart('webm-vp8', '3', '3')).toContain('from 0 to 12.01 seconds');
  expect(await demo.state('#export')).toBe('failed');
});

test('a file that is no video shows an error, and the next video opens', async () => {
  await demo.offer('letter.mp4', Buffer.from('This is no video. '.repeat(100)));
  await expect.poll(() => demo.problem()).toMatch(/^This video cannot be played: .*Try another file\.$/u);
  await demo.click('#built-in');
  await demo.shows(0, 'the clip that is built in');
});

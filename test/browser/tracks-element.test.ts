/** A camera where the engine has no MediaStreamTrackProcessor: its absence is staged. */
import { expect, test } from 'vitest';
import { trackFrames, VideoFramePool } from '../../src/index.ts';
import { camera, hideProcessor } from '../support/tracks.ts';

test('trackFrames() without a processor reads a camera', async () => {
  const showProcessor = hideProcessor();
  const pool = new VideoFramePool({ capacity: 4 });
  const track = await camera();
  const times: number[] = [];
  for await (const handle of trackFrames(pool, track)) {
    expect(handle.frame.displayWidth).toBe(track.getSettings().width);
    times.push(handle.timestamp);
    handle.release();
    if (times.length === 5) break;
  }
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  expect(track.readyState).toBe('live');
  track.stop();
  showProcessor();
  pool.assertNoLeaks();
});

/** A camera in an engine without MediaStreamTrackProcessor: its absence is simulated. */
import { expect, test } from 'vitest';
import { trackFrames } from '../../src/index.ts';
import { checkedPool } from '../support/checked-pools.ts';
import { camera, expectGrowing, hideProcessor, watch } from '../support/tracks.ts';

test('trackFrames() without a processor reads a camera', async () => {
  hideProcessor();
  const track = await camera();
  const frames = trackFrames(checkedPool({ capacity: 4 }), track);
  const { width } = track.getSettings();
  expectGrowing(await watch(frames, 5, ({ frame }) => expect(frame.displayWidth).toBe(width)));
  expect(track.readyState).toBe('live');
});

/** Tests that the picture matches `<video>`: rotated and mirrored by its track. */
import { describe, expect, test } from 'vitest';
import { checkedPool } from '../support/checked-pools.ts';
import { does } from '../support/engine.ts';
import { caseBlob, clipBlob } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';
import { farthestChannel, NEAR, shownByVideo, turnedPixels } from '../support/shown-by-video.ts';
import { ORIENTATIONS, withTrackMatrix } from '../support/track-matrix.ts';
import { uprightCopies } from '../support/upright-copies.ts';

/** A time within the fourth frame of clips of 30 frames a second, in µs. */
const TIME = 110_000;

describe.each(WAYS)('a video that is opened $way', ({ open }) => {
  test.each(ORIENTATIONS)(
    'is rotated by $rotation° and mirrored ($flip) by its track [edge 15]',
    async ({ rotation, flip, matrix }) => {
      const stored = await clipBlob('h264_baseline.mp4');
      await using reader = await open(await withTrackMatrix(stored, matrix));
      const [displayWidth, displayHeight] = rotation % 180 === 0 ? [320, 180] : [180, 320];
      expect(reader).toMatchObject({ rotation, flip, displayWidth, displayHeight });
      using frame = await reader.frameAt(TIME, { pool: checkedPool() });
      const upright = turnedPixels(await shownByVideo(stored, TIME), { rotation, flip });
      for await (const [storage, copy] of uprightCopies(frame, reader))
        expect(farthestChannel(copy, upright), storage).toBeLessThanOrEqual(NEAR);
    },
  );

  test('is mirrored as <video> mirrors it, at every time [edge 15]', async () => {
    const file = await caseBlob('mirror.mp4');
    await using reader = await open(file);
    expect(reader).toMatchObject({ rotation: 0, flip: true });
    const pool = checkedPool();
    for (const time of [0, 1_010_000, 2_980_000]) {
      using frame = await reader.frameAt(time, { pool });
      const shown = await shownByVideo(file, time);
      // The `<video>` of an engine without mirroring shows the picture as stored.
      const upright = does('mirrorsVideos') ? shown : turnedPixels(shown, { rotation: 0, flip: true });
      for await (const [storage, copy] of uprightCopies(frame, reader))
        expect(farthestChannel(copy, upright), `${storage} at ${time} µs`).toBeLessThanOrEqual(NEAR);
    }
  });
});

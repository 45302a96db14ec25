/** The demo's player without its page: the stage, its pool and a canvas. */
import { VideoFramePool } from '../../../src/index.ts';
import { Stage } from '../../../demo/player/stage.ts';
import { contextOf } from '../page/paint.ts';
import type { Player } from './player.ts';
import { nextPaint } from './player.ts';

/** Initial capacity of the demo. */
const CAPACITY = 6;

export const player: Player = {
  name: 'the demo’s player',
  rival: null,
  async open(video, screen) {
    const context = contextOf(screen);
    const pool = new VideoFramePool({ capacity: CAPACITY, name: 'player' });
    let onChange = (): void => {};
    let onFirst = (): void => {};
    const first = new Promise<void>((resolve) => (onFirst = resolve));
    const stage = new Stage(pool, {
      show({ frame }) {
        context.drawImage(frame, 0, 0, screen.width, screen.height);
        onFirst();
      },
      change: () => onChange(),
      leave() {},
      enter(what) {
        if (what === null || !('reader' in what)) return;
        screen.width = what.reader.displayWidth;
        screen.height = what.reader.displayHeight;
      },
      ready() {},
      fail(error) {
        throw error;
      },
      nextPaint,
    });
    const opened = stage.openVideo({ name: 'video', source: video });
    // The stage opens the sound after the first frame.
    await first;
    const { seekable } = stage.current;
    if (seekable === null) throw new Error('the video did not open');
    return {
      async seek(time) {
        await opened;
        await seekable.seek(time);
      },
      async play() {
        await seekable.seek(seekable.start);
        const before = seekable.droppedCount;
        await new Promise<void>((resolve) => {
          onChange = () => {
            if (stage.current.state === 'ended') resolve();
          };
          stage.current.play();
        });
        onChange = () => {};
        return seekable.droppedCount - before;
      },
      async close() {
        stage.close();
        pool.assertNoLeaks();
        pool.close();
      },
    };
  },
};

/** An equal loop on mediabunny's `VideoSampleSink`, as its own player example has it: no pool, each sample closed by hand. */
import { VideoSampleSink } from 'mediabunny';
import type { VideoSample } from 'mediabunny';
import { videoTrackOf } from '../page/clips.ts';
import { atMost } from '../page/goal.ts';
import { contextOf } from '../page/paint.ts';
import type { Player } from './player.ts';
import { nextPaint } from './player.ts';

const MICROSECONDS = 1e6;

export const player: Player = {
  name: 'mediabunny’s sample sink',
  rival: {
    why: 'the same player without a pool: pictures as soon, and no more of them dropped',
    times: atMost(1.1),
    drops: atMost(1),
  },
  async open(film, screen) {
    const track = await videoTrackOf(film);
    const context = contextOf(screen);
    screen.width = await track.getDisplayWidth();
    screen.height = await track.getDisplayHeight();
    const sink = new VideoSampleSink(track);
    const first = await track.getFirstTimestamp();
    const draw = (sample: VideoSample): void => sample.draw(context, 0, 0, screen.width, screen.height);
    const seek = async (time: number): Promise<void> => {
      const sample = await sink.getSample(time / MICROSECONDS);
      if (sample === null) throw new Error(`no picture at ${time} µs`);
      draw(sample);
      sample.close();
    };
    await seek(first * MICROSECONDS);
    return { seek, play: () => play(sink.samples(first), draw), close: async () => track.input.dispose() };
  },
};

/** Each is displayed when it is due, and dropped when the next one is already due. */
async function play(
  samples: AsyncIterable<VideoSample>,
  draw: (sample: VideoSample) => void,
): Promise<number> {
  let base: number | null = null;
  let dropped = 0;
  for await (const sample of samples) {
    let now = await nextPaint();
    base ??= now - sample.timestamp * 1000;
    const due = base + sample.timestamp * 1000;
    while (now < due) now = await nextPaint();
    if (now >= due + sample.duration * 1000) dropped++;
    else draw(sample);
    sample.close();
  }
  return dropped;
}

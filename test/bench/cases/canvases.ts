/** Draws each frame of a 1080p clip onto canvases: the pool's, one by hand, and mediabunny's ring. */
import { CanvasSink } from 'mediabunny';
import type { CanvasStorage } from '../../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../../src/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import type { Case, Settings } from '../page/case.ts';
import { casesOf } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { largeClips, madeClip, videoTrackOf } from '../page/clips.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { contextOf } from '../page/paint.ts';
import { framesPerSecond, inTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { counted, paired } from '../page/statistics.ts';
import { eachFrame } from '../sides/each-frame.ts';
import { App, CAPACITY, HELD } from '../sides/side.ts';

const WIDTH = 1920;
const HEIGHT = 1080;

/** Pixels that are compared of a held picture: a small copy of it. */
const PROBE = 16;

/** Cases of drawn pictures. */
export const cases = (settings: Settings): Case[] => [
  ...casesOf('decode and draw', largeClips(settings), drawing),
  ...casesOf(`pictures that change under a holder of ${HELD}`, [madeClip], ring),
];

const canvasPool = (capacity: number): VideoFramePool<CanvasStorage> =>
  new VideoFramePool({ capacity, storage: canvasStorage({ width: WIDTH, height: HEIGHT }) });

async function drawing(clip: BenchClip, name: string, rounds: number): Promise<Measure[]> {
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const context = contextOf(canvas);
  const pool = canvasPool(2);
  const copy = async (frame: VideoFrame): Promise<void> => {
    const handle = await pool.copyFrom(frame);
    frame.close();
    // Its copy is made when the canvas is drawn on again: both sides pay for it.
    handle.toVideoFrame().close();
    handle.release();
  };
  const drawByHand = async (frame: VideoFrame): Promise<void> => {
    context.drawImage(frame, 0, 0, WIDTH, HEIGHT);
    frame.close();
    new VideoFrame(canvas, { timestamp: frame.timestamp }).close();
  };
  const figures = await inTurns(
    {
      ours: () => framesPerSecond(() => eachFrame(clip, copy)),
      byHand: () => framesPerSecond(() => eachFrame(clip, drawByHand)),
      reader: () => framesPerSecond(() => drawnByReader(clip, new Holder(1))),
      mediabunny: () => framesPerSecond(() => drawnBySink(clip, new Holder(1))),
    },
    rounds,
  );
  pool.close();
  return [
    {
      name: `${name}: copyFrom() / one reused canvas by hand`,
      why: 'a pool of canvases draws as fast as a careful loop',
      unit: '1/s',
      compared: paired(figures.ours, figures.byHand),
      goal: atLeast(0.97),
    },
    {
      name: `${name}: reader and copyFrom(), capacity 3 / CanvasSink, poolSize 3`,
      why: 'another library’s ring of canvases, from the same file',
      unit: '1/s',
      compared: paired(figures.reader, figures.mediabunny),
      goal: atLeast(1),
    },
  ];
}

/** Whether a picture is unchanged when the holder of three releases it. */
async function ring(clip: BenchClip, name: string): Promise<Measure[]> {
  const [ours, other] = [new Holder(HELD), new Holder(HELD)];
  await drawnByReader(clip, ours);
  await drawnBySink(clip, other);
  return [
    {
      name: `${name}: capacity ${HELD} beside CanvasSink, poolSize ${HELD}`,
      why: 'a ring draws over a held picture; a pool waits',
      unit: 'pictures',
      compared: counted(ours.changed, other.changed, 'number'),
      goal: atMost(0),
    },
  ];
}

/**
 * Holder of the newest pictures. With room for more than one, it counts the pictures that changed before their
 * release.
 */
class Holder extends App<() => void> {
  changed = 0;
  readonly #most: number;

  constructor(most: number) {
    super((release) => release(), most);
    this.#most = most;
  }

  hold(canvas: OffscreenCanvas | HTMLCanvasElement, release?: () => void): void {
    const probe = (): string => (this.#most === 1 ? '' : smallCopy(canvas));
    const before = probe();
    this.take(() => {
      if (probe() !== before) this.changed++;
      release?.();
    });
  }

  /** Resolves after all pictures of a clip. Throws if there were fewer. */
  endOf({ chunks }: BenchClip): number {
    const taken = this.end();
    if (taken !== chunks.length) throw new Error(`${taken} of ${chunks.length} frames`);
    return taken;
  }
}

async function drawnByReader(clip: BenchClip, holder: Holder): Promise<number> {
  const reader = await openVideo(clip.blob);
  const frames = new VideoFramePool({ capacity: CAPACITY });
  const pool = canvasPool(HELD);
  for await (const handle of reader.frames({ pool: frames })) {
    const copying = handle.copyTo(pool);
    // The pool has no fourth canvas: the copy waits until the holder of three releases one, however long that takes.
    if (pool.waitingCount > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    holder.makeRoom();
    const copy = await copying;
    handle.release();
    holder.hold(copy.canvas, () => copy.release());
  }
  const count = holder.endOf(clip);
  await reader.close();
  pool.close();
  frames.close();
  return count;
}

async function drawnBySink(clip: BenchClip, holder: Holder): Promise<number> {
  const track = await videoTrackOf(clip.blob);
  const sink = new CanvasSink(track, { poolSize: HELD });
  for await (const { canvas } of sink.canvases()) {
    holder.makeRoom();
    holder.hold(canvas);
  }
  track.input.dispose();
  return holder.endOf(clip);
}

function smallCopy(canvas: OffscreenCanvas | HTMLCanvasElement): string {
  const context = contextOf(new OffscreenCanvas(PROBE, PROBE));
  context.drawImage(canvas, 0, 0, PROBE, PROBE);
  return context.getImageData(0, 0, PROBE, PROBE).data.join();
}

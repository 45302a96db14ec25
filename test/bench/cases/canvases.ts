/** Drawing each frame of a 1080p clip onto canvases: the pool's, one by hand, and mediabunny's ring. */
import type { WrappedCanvas } from 'mediabunny';
import { CanvasSink } from 'mediabunny';
import type { CanvasStorage } from '../../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../../src/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import type { Case, Settings } from '../page/case.ts';
import type { BenchClip, NamedClip } from '../page/clips.ts';
import { largeClips, madeClip, videoTrackOf } from '../page/clips.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { contextOf } from '../page/paint.ts';
import { framesPerSecond, inTurns } from '../page/rounds.ts';
import { counted, paired } from '../page/statistics.ts';
import { eachFrame } from '../sides/each-frame.ts';
import { CAPACITY, HELD } from '../sides/side.ts';

const WIDTH = 1920;
const HEIGHT = 1080;

/** Pixels that are compared of a picture that is held: a small copy of it. */
const PROBE = 16;

/** Cases of pictures drawn. */
export const cases = (settings: Settings): Case[] => [...largeClips(settings).map(drawing), ring(madeClip)];

const canvasPool = (capacity: number): VideoFramePool<CanvasStorage> =>
  new VideoFramePool({ capacity, storage: canvasStorage({ width: WIDTH, height: HEIGHT }) });

function drawing({ what, load }: NamedClip): Case {
  const name = `decode and draw, ${what}`;
  return {
    name,
    async run(rounds) {
      const clip = await load();
      const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
      const context = contextOf(canvas);
      const pool = canvasPool(2);
      const capture = async (frame: VideoFrame): Promise<void> => {
        const handle = await pool.capture(frame);
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
          ours: () => framesPerSecond(() => eachFrame(clip, capture)),
          byHand: () => framesPerSecond(() => eachFrame(clip, drawByHand)),
          reader: () => framesPerSecond(() => drawnByReader(clip, new Holder(1))),
          mediabunny: () => framesPerSecond(() => drawnBySink(clip, new Holder(1))),
        },
        rounds,
      );
      pool.close();
      return [
        {
          name: `${name}: capture() / one reused canvas by hand`,
          why: 'a pool of canvases draws as fast as a careful loop',
          unit: '1/s',
          compared: paired(figures.ours, figures.byHand),
          goal: atLeast(0.97),
        },
        {
          name: `${name}: reader and capture(), capacity 3 / CanvasSink, poolSize 3`,
          why: 'another library’s ring of canvases, from the same file',
          unit: '1/s',
          compared: paired(figures.reader, figures.mediabunny),
          goal: atLeast(1),
        },
      ];
    },
  };
}

/** Whether a picture is still what it was when the holder of three releases it. */
function ring({ what, load }: NamedClip): Case {
  const name = `pictures that change under a holder of ${HELD}, ${what}`;
  return {
    name,
    async run() {
      const clip = await load();
      const [ours, other] = [new Holder(HELD), new Holder(HELD)];
      await drawnByReader(clip, ours);
      await drawnBySink(clip, other);
      return [
        {
          name: `${name}: capacity ${HELD} beside CanvasSink, poolSize ${HELD}`,
          why: 'a ring draws over what somebody holds; a pool waits',
          unit: 'pictures',
          compared: counted(ours.changed, other.changed, 'number'),
          goal: atMost(0),
        },
      ];
    },
  };
}

/** Holder of the newest pictures. If it holds more than one, it counts those that changed before their release. */
class Holder {
  changed = 0;
  readonly #most: number;
  readonly #kept: (() => void)[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Releases the oldest, until one more fits. */
  makeRoom(): void {
    while (this.#kept.length >= this.#most) this.#kept.shift()?.();
  }

  take(canvas: OffscreenCanvas | HTMLCanvasElement, release?: () => void): void {
    this.#taken++;
    const probe = (): string => (this.#most === 1 ? '' : smallCopy(canvas));
    const before = probe();
    this.#kept.push(() => {
      if (probe() !== before) this.changed++;
      release?.();
    });
  }

  /** Releases all, and returns the number of pictures. Throws if there were fewer than the clip has. */
  end({ chunks }: BenchClip): number {
    for (const release of this.#kept) release();
    if (this.#taken !== chunks.length) throw new Error(`${this.#taken} of ${chunks.length} frames`);
    return this.#taken;
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
    holder.take(copy.canvas, () => copy.release());
  }
  const count = holder.end(clip);
  await reader.close();
  pool.close();
  frames.close();
  return count;
}

async function drawnBySink(clip: BenchClip, holder: Holder): Promise<number> {
  const track = await videoTrackOf(clip.blob);
  const sink = new CanvasSink(track, { poolSize: HELD });
  for await (const { canvas } of sink.canvases() as AsyncIterable<WrappedCanvas>) {
    holder.makeRoom();
    holder.take(canvas);
  }
  track.input.dispose();
  return holder.end(clip);
}

function smallCopy(canvas: OffscreenCanvas | HTMLCanvasElement): string {
  const context = contextOf(new OffscreenCanvas(PROBE, PROBE));
  context.drawImage(canvas, 0, 0, PROBE, PROBE);
  return context.getImageData(0, 0, PROBE, PROBE).data.join();
}

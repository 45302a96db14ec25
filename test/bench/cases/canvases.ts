/** Drawing each frame of a 1080p clip onto canvases: the pool's, one by hand, and mediabunny's ring. */
import type { WrappedCanvas } from 'mediabunny';
import { ALL_FORMATS, BlobSource, CanvasSink, Input } from 'mediabunny';
import { canvasStorage, VideoFramePool } from '../../../src/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import type { Case, Settings } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { madeClip, realClip } from '../page/clips.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { inTurns } from '../page/rounds.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { counted, paired } from '../page/statistics.ts';
import { eachFrame } from '../sides/each-frame.ts';
import { CAPACITY, HELD } from '../sides/side.ts';

const WIDTH = 1920;
const HEIGHT = 1080;

/** Pixels that are compared of a picture that somebody holds: a small copy of it. */
const PROBE = 16;

/** Cases of pictures drawn. */
export const cases = ({ realClip: url }: Settings): Case[] => [
  drawing('1080p, made here', madeClip),
  ...(url === null ? [] : [drawing('VP8 1080p, real', () => realClip(url))]),
  ring('1080p, made here', madeClip),
];

function drawing(what: string, load: () => Promise<BenchClip>): Case {
  const name = `decode and draw, ${what}`;
  return {
    name,
    async run(rounds): Promise<Row[]> {
      const clip = await load();
      const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no 2D context');
      const pool = new VideoFramePool({
        capacity: 2,
        storage: canvasStorage({ width: WIDTH, height: HEIGHT }),
      });
      const perSecond = (frames: number, start: number): number => {
        if (frames !== clip.chunks.length) throw new Error(`${frames} of ${clip.chunks.length} frames`);
        return (frames * 1000) / (performance.now() - start);
      };
      const figures = await inTurns(
        {
          async ours() {
            const start = performance.now();
            const frames = await eachFrame(clip, async (frame) => {
              const handle = await pool.capture(frame);
              // Its copy is made when the canvas is drawn on again: both sides pay for it.
              handle.toVideoFrame().close();
              handle.release();
            });
            return perSecond(frames, start);
          },
          async byHand() {
            const start = performance.now();
            const frames = await eachFrame(clip, async (frame) => {
              context.drawImage(frame, 0, 0, WIDTH, HEIGHT);
              frame.close();
              new VideoFrame(canvas, { timestamp: frame.timestamp }).close();
            });
            return perSecond(frames, start);
          },
          async reader() {
            const start = performance.now();
            return perSecond(await oursWithHolder(clip, () => {}, 1), start);
          },
          async mediabunny() {
            const start = performance.now();
            return perSecond(await sinkWithHolder(clip, () => {}, 1), start);
          },
        },
        rounds,
      );
      pool.close();
      return [
        rowOf({
          name: `${name}: capture() / one reused canvas by hand`,
          why: 'a pool of canvases draws as fast as a careful loop',
          unit: '1/s',
          compared: paired(figures.ours, figures.byHand),
          goal: atLeast(0.97),
        }),
        rowOf({
          name: `${name}: reader and capture(), capacity 3 / CanvasSink, poolSize 3`,
          why: 'another library’s ring of canvases, from the same file',
          unit: '1/s',
          compared: paired(figures.reader, figures.mediabunny),
          goal: atLeast(1),
        }),
      ];
    },
  };
}

/** Whether a picture is still what it was when the holder of three lets go of it. */
function ring(what: string, load: () => Promise<BenchClip>): Case {
  const name = `pictures that change under a holder of ${HELD}, ${what}`;
  return {
    name,
    async run(): Promise<Row[]> {
      const clip = await load();
      const changed = async (run: typeof oursWithHolder): Promise<number> => {
        let count = 0;
        await run(clip, (same) => void (same || count++), HELD);
        return count;
      };
      const ours = await changed(oursWithHolder);
      const other = await changed(sinkWithHolder);
      return [
        rowOf({
          name: `${name}: capacity ${HELD} beside CanvasSink, poolSize ${HELD}`,
          why: 'a ring draws over what somebody holds; a pool waits',
          unit: 'pictures',
          compared: counted(ours, other, 'number'),
          goal: atMost(0),
        }),
      ];
    },
  };
}

/** Told of each picture that is let go: whether it is what it was when it came. */
type OnLetGo = (same: boolean) => void;

async function oursWithHolder(clip: BenchClip, onLetGo: OnLetGo, held: number): Promise<number> {
  const reader = await openVideo(clip.blob);
  const frames = new VideoFramePool({ capacity: CAPACITY });
  const pool = new VideoFramePool({
    capacity: HELD,
    storage: canvasStorage({ width: WIDTH, height: HEIGHT }),
  });
  const kept: (() => void)[] = [];
  let count = 0;
  for await (const handle of reader.frames({ pool: frames })) {
    const copying = handle.copyTo(pool);
    // The pool has no fourth canvas: the copy waits, however long it takes whoever holds three to let one go.
    if (pool.waitingCount > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    while (kept.length >= held) kept.shift()?.();
    const copy = await copying;
    handle.release();
    count++;
    const same = probe(copy.canvas, held);
    kept.push(() => {
      onLetGo(same());
      copy.release();
    });
  }
  for (const letGo of kept) letGo();
  await reader.close();
  pool.close();
  frames.close();
  return count;
}

async function sinkWithHolder(clip: BenchClip, onLetGo: OnLetGo, held: number): Promise<number> {
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(clip.blob) });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no video');
  const sink = new CanvasSink(track, { poolSize: HELD });
  const kept: (() => void)[] = [];
  let count = 0;
  for await (const { canvas } of sink.canvases() as AsyncIterable<WrappedCanvas>) {
    while (kept.length >= held) kept.shift()?.();
    count++;
    const same = probe(canvas, held);
    kept.push(() => onLetGo(same()));
  }
  for (const letGo of kept) letGo();
  return count;
}

/** Remembers a picture, where more than one is held; tells later whether it is still there. */
function probe(canvas: OffscreenCanvas | HTMLCanvasElement, held: number): () => boolean {
  if (held === 1) return () => true;
  const before = smallCopy(canvas);
  return () => smallCopy(canvas) === before;
}

function smallCopy(canvas: OffscreenCanvas | HTMLCanvasElement): string {
  const context = new OffscreenCanvas(PROBE, PROBE).getContext('2d');
  if (context === null) throw new Error('no 2D context');
  context.drawImage(canvas, 0, 0, PROBE, PROBE);
  return context.getImageData(0, 0, PROBE, PROBE).data.join();
}

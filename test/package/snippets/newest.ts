/** Runs of the recipe for a slow worker: a source that is faster than the worker, and each way in which the loop can end. */
import { CORE, standIns } from './part.ts';
import type { Part } from './part.ts';

/**
 * A source that numbers its frames by their timestamps, a worker, and a record of events: the frames that `came`
 * to the page, and for each result its frame and the newest one that had come by then.
 */
const SETTING = `${CORE}${standIns('until')}
import type { PoolLink, VideoFramePool as Pool } from 'video-frame-pool';

export const pool = new VideoFramePool({ capacity: 4 });
export const worker = new Worker(new URL('./analysis.ts', import.meta.url), { type: 'module' });
worker.addEventListener('error', (event) => event.preventDefault());

export const came: number[] = [];
export const results: { of: number; newest: number }[] = [];
export const on = { draw(): void {}, result(): void {} };
export const recipe: { link?: PoolLink; copies?: Pool<any> } = {};

worker.addEventListener('message', ({ data }) => {
  if (data?.type !== 'result') return;
  results.push({ of: data.result, newest: came.at(-1) ?? -1 });
  on.result();
});

export const context = {
  drawImage({ timestamp }: VideoFrame, ..._: number[]): void {
    came.push(timestamp);
    on.draw();
  },
};

const picture = new OffscreenCanvas(32, 18);
picture.getContext('2d');
let next = 0;
let isOver = false;
export const end = (): void => void (isOver = true);
export const track = new ReadableStream<VideoFrame>(
  {
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (!isOver) controller.enqueue(new VideoFrame(picture, { timestamp: next++ }));
      else if (next !== Infinity) controller.close();
    },
    cancel() {
      [isOver, next] = [true, Infinity];
    },
  },
  { highWaterMark: 0 },
);

/** Runs the recipe. Resolves to how its loop ended, once nothing is lent. */
export async function run(): Promise<string> {
  const how = await import('./recipe.ts').then(() => 'with the source', (error: Error) => error.message);
  await recipe.link?.closed;
  await until(() => recipe.copies?.lentCount === 0);
  pool.assertNoLeaks();
  worker.terminate();
  return how;
}
`;

const RECIPE = `import { context, pool, recipe, track, worker } from './setting.ts';
const showResult = (result: number): void => void result;
setTimeout(() => Object.assign(recipe, { copies, link }));
`;

/** The worker takes 300 ms for each frame, and does nothing else meanwhile. */
const ANALYSE = `
const analyse = ({ timestamp }: VideoFrame): number => {
  for (const begun = performance.now(); performance.now() - begun < 300; );
  return timestamp;
};
`;

const ANALYSE_ONE = `${ANALYSE.replace('return timestamp', 'if (analysed++ > 0) throw new Error("cannot analyse this"); return timestamp')}
let analysed = 0;
`;

function parts(run: string, main: string, analyse = ANALYSE): Part[] {
  const names = 'came, end, on, recipe, results, run, worker';
  const head = `${standIns('equal')}import { ${names} } from './setting.ts';\n`;
  return [
    { run, as: 'recipe.ts', before: RECIPE, more: { 'setting.ts': SETTING, 'main.ts': head + main } },
    { from: '// In analysis.ts.', run, as: 'analysis.ts', before: analyse },
  ];
}

/** Ends the loop at the second result, by the call of `cause`. */
const endedBy = (cause: string, how: string): string => `
on.result = () => {
  if (results.length === 2) ${cause};
};
const how = await run();
if (!${how}.test(how)) throw new Error(how);
`;

export const NEWEST: readonly Part[] = [
  ...parts(
    'newest',
    `on.draw = on.result = () => {
      if (results.length >= 6 && came.length > 2 * results.length) end();
    };
    equal(await run(), 'with the source');
    // A frame that came between the sending of a frame and its result waits; if none did, the next one is sent.
    const expected = results.map(({ of, newest }) => (newest > of ? newest : came[came.indexOf(of) + 1]));
    equal(results.slice(1).map(({ of }) => of), expected.slice(0, -1));`,
  ),
  ...parts(
    'left',
    `on.draw = () => {
      if (results.length === 2) throw new Error('the page leaves');
    };
    equal(await run(), 'the page leaves');`,
  ),
  ...parts('closed', endedBy('recipe.link?.close()', '/ended/u')),
  ...parts('lost', endedBy('worker.terminate()', '/ended: lost|gone/u')),
  ...parts(
    'failed',
    `equal(await run(), 'the analysis ended: left');\nequal(results.length, 1);`,
    ANALYSE_ONE,
  ),
];

/**
 * Progress in a tab that is truly hidden, and whose timers never fire: a browser may delay each for a minute. The programs of
 * `test/support/hidden` run in the page, with the sources.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../support/hidden/program.ts';
import { serveSources, TITLE } from '../support/hidden/serve.ts';
import { RawBrowser } from '../support/raw-devtools.ts';

/** Delays of the timers that may be set, in ms: they only end a wait, or free idle buffers. */
const STALL_DETECTOR = 100;
const LAST_FRAME_OF_A_TRACK = 25;
const IDLE_BUFFERS = 10_000;

let server: Awaited<ReturnType<typeof serveSources>>;
let browser: RawBrowser;

beforeAll(async () => {
  server = await serveSources();
  browser = new RawBrowser();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

/** A program: its module in test/support/hidden, its name, and the delays of the timers that it may set. */
interface Program {
  readonly module: string;
  readonly name: string;
  readonly argument?: string;
  readonly delays?: readonly number[];
}

/** Runs a program in a page behind another tab, and returns its result. */
async function runHidden({ module, name, argument, delays: allowed = [] }: Program): Promise<unknown> {
  const tab = await browser.open(server.url);
  await tab.reads('`${document.title} ${document.readyState}`', `${TITLE} complete`);
  await tab.show();
  await tab.hide();
  const call = `${name}(${argument === undefined ? '' : JSON.stringify(argument)})`;
  const { result, delays, ...page } = (await tab.evaluate(
    `import('/test/support/hidden/${module}.ts').then(({ ${name} }) => ${call})`,
  )) as Outcome<unknown>;
  expect(page).toEqual({ visibility: ['hidden', 'hidden'], paintedCount: 0, open: [] });
  expect(delays.filter((delay) => !allowed.includes(delay))).toEqual([]);
  return result;
}

describe('a listener in a hidden tab [fault: page]', () => {
  const module = 'notices';

  test('[C2] is called for 12,000 releases at once, then for steady ones, and is never behind', async () => {
    const counts = { released: 24_000, called: 24_000, mostBehind: 0 };
    expect(await runHidden({ module, name: 'deliverNotices' })).toEqual(counts);
  });

  test('[C2] that makes a notice out of each notice is called for each, without a timer', async () => {
    expect(await runHidden({ module, name: 'answerNotices' })).toEqual({ called: 3000 });
  });

  test('[C1] is called for no release of before its time', async () => {
    expect(await runHidden({ module, name: 'listenLate' })).toEqual({ called: 1 });
  });
});

describe('decoding in a hidden tab [fault: page]', () => {
  test.each(['reader', 'reader in a worker', 'decodeFrames()', 'FrameDecoder'])(
    '[C9] %s: all frames of every clip come in order at every capacity, without a timer',
    async (argument) => {
      const program = { module: 'decoding', name: 'decodeClips', argument, delays: [STALL_DETECTOR] };
      expect(await runHidden(program)).toEqual({ complete: 15, incomplete: [] });
    },
  );
});

describe('decoders of every kind in a hidden tab [fault: page]', () => {
  const module = 'decoders';

  test.each(['vp8.webm', 'h264_bframes.mp4'])(
    '[C9] give all frames at every capacity, and need no timer once the delay is known: %s',
    async (argument) => {
      expect(await runHidden({ module, name: 'decodeKinds', argument })).toEqual({
        hasCells: true,
        wrong: [],
      });
    },
  );

  test('[C9] whose slots or surfaces the app holds end with an error that names it', async () => {
    const program = { module, name: 'starveKinds', argument: 'vp8.webm' };
    expect(await runHidden(program)).toEqual({ hasCells: true, wrong: [] });
  });
});

describe('streams in a hidden tab [fault: page]', () => {
  const module = 'streams';

  test('a pipe through a pool into two branches carries every frame', async () => {
    expect(await runHidden({ module, name: 'pipeFrames' })).toEqual({ counts: [300, 300] });
  });

  test('[C10] a pipe that is aborted ends on both sides, and closes its frames', async () => {
    expect(await runHidden({ module, name: 'abortPipe' })).toEqual({ ends: ['enough', 'enough'] });
  });

  test('a track that gives frames is read whole, to its end', async () => {
    const delays = [STALL_DETECTOR, LAST_FRAME_OF_A_TRACK];
    expect(await runHidden({ module, name: 'readTrack', delays })).toEqual({ count: 300, done: true });
  });
});

describe('a link from a hidden tab [fault: page]', () => {
  test.each([
    ['decoded frames', 'lendDecoded', []],
    ['memory', 'lendMemory', [IDLE_BUFFERS]],
  ])('[C11] carries all %s to a worker, and each comes back', async (_, name, delays) => {
    const counts = { received: 300, notices: 300, delays: [], end: 'closed' };
    expect(await runHidden({ module: 'links', name, delays })).toEqual(counts);
  });
});

describe('a writer in a hidden tab [fault: page]', () => {
  test.each(['VP8 in WebM', 'AV1 in MP4'])('writes all of its samples: %s', async (argument) => {
    const delays = [IDLE_BUFFERS, STALL_DETECTOR];
    const program = { module: 'writing', name: 'writeVideo', argument, delays };
    expect(await runHidden(program)).toEqual({ count: 90 });
  });
});

/**
 * Progress in a tab that is truly hidden, and whose timers never fire: a browser may delay each for a minute. The programs of
 * `test/support/hidden` run in the page, with the sources.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveSources, TITLE } from '../support/hidden/serve.ts';
import { RawBrowser } from '../support/raw-devtools.ts';

/** Delays of timers that may be set, because they only end a wait or free what is idle, in ms. */
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

/** Runs a program in a page behind another tab, and returns its result and the delays of the timers that it has set. */
async function runHidden(
  module: string,
  program: string,
  argument?: string,
): Promise<{ result: unknown; delays: unknown }> {
  const tab = await browser.open(server.url);
  await tab.reads('`${document.title} ${document.readyState}`', `${TITLE} complete`);
  await tab.show();
  await tab.hide();
  const { result, delays, ...page } = (await tab.evaluate(
    `import('/test/support/hidden/${module}.ts').then(({ ${program} }) => ${program}(${JSON.stringify(argument)}))`,
  )) as Record<string, unknown>;
  expect(page).toEqual({ visibility: ['hidden', 'hidden'], paintedCount: 0, open: [] });
  return { result, delays };
}

describe('a listener in a hidden tab [fault: page]', () => {
  test('[C2] is called for 12,000 releases at once and for steady ones behind them, and is never behind', async () => {
    expect(await runHidden('notices', 'deliverNotices')).toEqual({
      result: { released: 24_000, called: 24_000, mostBehind: 0 },
      delays: [],
    });
  });

  test('[C2] that makes a notice out of each notice is called for each, without a timer', async () => {
    expect(await runHidden('notices', 'answerNotices')).toEqual({ result: { called: 3000 }, delays: [] });
  });

  test('[C1] is called for no release of before its time', async () => {
    expect(await runHidden('notices', 'listenLate')).toEqual({ result: { called: 1 }, delays: [] });
  });
});

describe('decoding in a hidden tab [fault: page]', () => {
  test.each(['reader', 'reader in a worker', 'decodeFrames()', 'FrameDecoder'])(
    '[C9] %s: all frames of every clip at every capacity come in order, and no timer is needed',
    async (form) => {
      expect(await runHidden('decoding', 'decodeClips', form)).toEqual({
        result: { complete: 15, incomplete: [] },
        delays: [STALL_DETECTOR],
      });
    },
  );
});

describe('streams in a hidden tab [fault: page]', () => {
  test('a pipe through a pool into two branches carries every frame', async () => {
    expect(await runHidden('streams', 'pipeFrames')).toEqual({ result: { counts: [300, 300] }, delays: [] });
  });

  test('[C10] a pipe that is aborted ends on both sides, and closes its frames', async () => {
    expect(await runHidden('streams', 'abortPipe')).toEqual({
      result: { ends: ['enough', 'enough'] },
      delays: [],
    });
  });

  test('a track that gives frames is read whole, to its end', async () => {
    expect(await runHidden('streams', 'readTrack')).toEqual({
      result: { count: 300, done: true },
      delays: [STALL_DETECTOR, LAST_FRAME_OF_A_TRACK],
    });
  });
});

describe('a link from a hidden tab [fault: page]', () => {
  test.each([
    ['decoded frames', 'lendDecoded', []],
    ['memory', 'lendMemory', [IDLE_BUFFERS]],
  ])('[C11] carries all %s to a worker, and each comes back', async (_, program, delays) => {
    expect(await runHidden('links', program)).toEqual({
      result: { received: 300, notices: 300, delays: [], end: 'closed' },
      delays,
    });
  });
});

describe('a writer in a hidden tab [fault: page]', () => {
  test.each(['VP8 in WebM', 'AV1 in MP4'])('writes all of its samples: %s', async (format) => {
    expect(await runHidden('writing', 'writeVideo', format)).toEqual({
      result: { count: 90 },
      delays: [IDLE_BUFFERS, STALL_DETECTOR],
    });
  });
});

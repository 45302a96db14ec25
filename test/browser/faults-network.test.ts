/**
 * Reading from a server that rejects, disconnects, falls silent or answers wrongly, while a video is opened and
 * while it is read.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { Bystander } from '../support/aside.ts';
import { muteConsole } from '../support/muted-console.ts';
import { WAYS } from '../support/readers.ts';
import { takeAll, takeUntilError } from '../support/taking.ts';

// Output of mediabunny about such servers.
muteConsole(/Retrying failed fetch|Attempting to resume|range request/);

/**
 * All of a small video, or the second half of one that is too large to be read at once; by the names of
 * `faulty-server.ts`.
 */
type Place = 'opening' | 'middle';

let asked = 0;

/** A unique address of a video. */
const addressOf = (place: Place, fault: string): string => {
  const address = new URL(`/faults/${place}`, location.href);
  address.search = String(new URLSearchParams({ fault, film: `${asked++} ${performance.now()}` }));
  return address.href;
};

const FRAMES = 60;
const IN_SECOND_HALF_US = 1_600_000;

/** Texts of an error about missing bytes. */
const NOTHING = 'received no bytes from byte';

/** A fault that is reported at once: its description, its name at the server, and the text of the error. */
const AT_ONCE: readonly [fault: string, name: string, words: string][] = [
  ['404', '404', '404'],
  ['500', '500', '500'],
  ['other bytes than the requested ones', 'another-range', 'other bytes'],
  ['nothing, with another declared length', 'no-bytes', NOTHING],
];

const networkError = (words: string): unknown =>
  expect.objectContaining({ name: 'NetworkError', message: expect.stringContaining(words) as string });

/** Waits until a count is stable. */
async function atRest(count: () => number): Promise<void> {
  for (let before = -1; before !== count();) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

let pool: VideoFramePool;
let other: Bystander;
const readers: VideoReader[] = [];

beforeEach(() => {
  pool = new VideoFramePool({ capacity: 4 });
  other = new Bystander(pool);
});

afterEach(async () => {
  await other.finish();
  for (const reader of readers.splice(0)) await reader.close();
});

/** Opens a video, and closes it after the test. */
async function opened(open: (address: string) => Promise<VideoReader>, place: Place, fault: string) {
  const reader = await open(addressOf(place, fault));
  readers.push(reader);
  return reader;
}

describe.each(WAYS)('a server, of a video that is read $way, answers [fault: server]', ({ open }) => {
  test.each(AT_ONCE)('%s when the video is opened', async (_, fault, words) => {
    await expect(open(addressOf('opening', fault))).rejects.toEqual(networkError(words));
  });

  test.each(AT_ONCE)('%s in the middle of frames()', async (_, fault, words) => {
    const reader = await opened(open, 'middle', fault);
    const { seen, error } = await takeUntilError(reader.frames({ pool }));
    expect(error).toEqual(networkError(words));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(FRAMES);
    // The received frames of the video are still delivered.
    (await reader.frameAt(0, { pool })).release();
  });

  test.each(AT_ONCE)('%s for frameAt()', async (_, fault, words) => {
    const reader = await opened(open, 'middle', fault);
    await expect(reader.frameAt(IN_SECOND_HALF_US, { pool })).rejects.toEqual(networkError(words));
    (await reader.frameAt(0, { pool })).release();
  });

  test.each(['opening', 'middle'] as const)(
    'once too little (%s), and the whole video arrives',
    async (place) => {
      const reader = await opened(open, place, 'breaks-off-once');
      expect((await takeAll(reader.frames({ pool }))).length).toBe(FRAMES);
    },
  );

  test('nothing when the video is opened, which ends by its signal', async () => {
    const ending = new AbortController();
    const opening = open(addressOf('opening', 'stalls'), { signal: ending.signal });
    setTimeout(() => ending.abort(new Error('too slow')), 300);
    await expect(opening).rejects.toThrow('too slow');
  });

  test.each<[string, (reader: VideoReader, ending: AbortController) => unknown, object]>([
    ['the signal', (_, ending) => ending.abort(new Error('too slow')), { message: 'too slow' }],
    ['closing the reader', (reader) => reader.close(), { name: 'AbortError' }],
  ])('nothing in the middle, which ends by %s', async (_, end, outcome) => {
    const ending = new AbortController();
    const reader = await opened(open, 'middle', 'stalls');
    const { signal } = ending;
    let taken = 0;
    const frames = takeUntilError(reader.frames({ pool, signal }), () => ++taken);
    const found = reader.frameAt(IN_SECOND_HALF_US, { pool, signal }).catch((reason: unknown) => reason);
    await atRest(() => taken);
    expect(taken).toBeLessThan(FRAMES);
    await end(reader, ending);
    expect((await frames).error).toMatchObject(outcome);
    expect(await found).toMatchObject(outcome);
  });
});

describe('a server answers [fault: server]', () => {
  test('with a page when the video is opened', async () => {
    const opening = openVideo(addressOf('opening', 'a-page'));
    await expect(opening).rejects.toMatchObject({ name: 'NotSupportedError' });
  });

  test.each([
    [
      'with a page in the middle, like a restarted server',
      'middle',
      'a-page',
      'no longer responds with ranges',
    ],
    ['too little again and again, in the middle', 'middle', 'breaks-off', NOTHING],
    ['too little again and again, when the video is opened', 'opening', 'breaks-off', NOTHING],
    ['less than the declared length, for a request of the whole file', 'opening', 'too-long', NOTHING],
    ['that the video is larger than it is', 'opening', 'too-large', NOTHING],
  ] as const)('%s', async (_, place, fault, words) => {
    const consume = async (): Promise<void> => {
      const reader = await opened(openVideo, place, fault);
      await takeAll(reader.frames({ pool }));
    };
    await expect(consume()).rejects.toEqual(networkError(words));
  });

  test('nothing, while an iteration is left, which does not wait for it', async () => {
    const reader = await opened(openVideo, 'middle', 'stalls');
    const frames = reader.frames({ pool, from: IN_SECOND_HALF_US });
    const pending = frames.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await frames.return?.();
    expect((await pending).done).toBe(true);
  });
});

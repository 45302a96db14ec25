/** Reading from a server that refuses, breaks off, falls silent or answers wrongly, while a film is opened and while it is read. */
import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { Bystander } from '../support/aside.ts';
import { muteConsole } from '../support/muted-console.ts';
import { WAYS } from '../support/readers.ts';
import { takeAll, takeUntilError } from '../support/taking.ts';

// What mediabunny prints of such servers.
muteConsole(/Retrying failed fetch|Attempting to resume|range request/);

/** All of a small film, or the second half of one that is too large to be read at once; as `faulty-server.ts` has them. */
type Place = 'opening' | 'middle';

let asked = 0;

/** An address that is a film of its own. */
const addressOf = (place: Place, fault: string): string => {
  const address = new URL(`/faults/${place}`, location.href);
  address.search = String(new URLSearchParams({ fault, film: `${asked++} ${performance.now()}` }));
  return address.href;
};

const FRAMES = 60;
const IN_SECOND_HALF_US = 1_600_000;

/** A fault that is told at once: what it is, its name at the server, and what the error says of it. */
const AT_ONCE: readonly [fault: string, name: string, words: string][] = [
  ['404', '404', '404'],
  ['500', '500', '500'],
  ['other bytes than those asked for', 'another-range', 'other bytes'],
  ['nothing, though it says otherwise', 'no-bytes', 'nothing came from byte'],
];

const networkError = (words: string): unknown =>
  expect.objectContaining({ name: 'NetworkError', message: expect.stringContaining(words) as string });

/** Waits until a count stands still. */
async function atRest(count: () => number): Promise<void> {
  for (let before = -1; before !== count();) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

describe.each(WAYS)('a server, of a film that is read $way, answers [fault: server]', ({ open }) => {
  test.each(AT_ONCE)('%s when the film is opened', async (_, fault, words) => {
    const pool = new VideoFramePool({ capacity: 3 });
    const other = new Bystander(pool);
    const error = await open(addressOf('opening', fault)).catch((reason: unknown) => reason);
    expect(error).toEqual(networkError(words));
    await other.finish();
  });

  test.each(AT_ONCE)('%s in the middle of frames()', async (_, fault, words) => {
    const pool = new VideoFramePool({ capacity: 3 });
    const other = new Bystander(pool);
    await using reader = await open(addressOf('middle', fault));
    const { seen, error } = await takeUntilError(reader.frames({ pool }));
    expect(error).toEqual(networkError(words));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(FRAMES);
    // What can be had of the film still comes.
    (await reader.frameAt(0, { pool })).release();
    await other.finish();
  });

  test.each(AT_ONCE)('%s for frameAt()', async (_, fault, words) => {
    const pool = new VideoFramePool({ capacity: 3 });
    const other = new Bystander(pool);
    await using reader = await open(addressOf('middle', fault));
    const found = reader.frameAt(IN_SECOND_HALF_US, { pool });
    expect(await found.catch((reason: unknown) => reason)).toEqual(networkError(words));
    (await reader.frameAt(0, { pool })).release();
    await other.finish();
  });

  test.each(['opening', 'middle'] as const)(
    'once too little (%s), and all of the film comes',
    async (place) => {
      const pool = new VideoFramePool({ capacity: 3 });
      await using reader = await open(addressOf(place, 'breaks-off-once'));
      expect((await takeAll(reader.frames({ pool }))).length).toBe(FRAMES);
      pool.assertNoLeaks();
    },
  );

  test('nothing when the film is opened, which the signal ends', async () => {
    const ending = new AbortController();
    const opening = open(addressOf('opening', 'stalls'), { signal: ending.signal });
    setTimeout(() => ending.abort(new Error('too slow')), 300);
    await expect(opening).rejects.toThrow('too slow');
  });

  test.each<[string, (given: { ending: AbortController; close(): Promise<void> }) => unknown, object]>([
    ['the signal', ({ ending }) => ending.abort(new Error('too slow')), { message: 'too slow' }],
    ['closing the reader', ({ close }) => close(), { name: 'AbortError' }],
  ])('nothing in the middle, which is ended by %s', async (_, end, outcome) => {
    const pool = new VideoFramePool({ capacity: 4 });
    const other = new Bystander(pool);
    const ending = new AbortController();
    const reader = await open(addressOf('middle', 'stalls'));
    const { signal } = ending;
    let taken = 0;
    const frames = takeUntilError(reader.frames({ pool, signal }), () => ++taken);
    const found = reader.frameAt(IN_SECOND_HALF_US, { pool, signal }).catch((reason: unknown) => reason);
    await atRest(() => taken);
    expect(taken).toBeLessThan(FRAMES);
    await end({ ending, close: () => reader.close() });
    expect((await frames).error).toMatchObject(outcome);
    expect(await found).toMatchObject(outcome);
    await other.finish();
    await reader.close();
  });
});

describe('a server answers [fault: server]', () => {
  test('with a page when the film is opened', async () => {
    await expect(openVideo(addressOf('opening', 'a-page'))).rejects.toMatchObject({
      name: 'NotSupportedError',
    });
  });

  test.each([
    ['with a page in the middle, as one does that has restarted', 'middle', 'a-page', 'something else'],
    ['too little again and again, in the middle', 'middle', 'breaks-off', 'nothing came from byte'],
    [
      'too little again and again, when the film is opened',
      'opening',
      'breaks-off',
      'nothing came from byte',
    ],
    ['less than it says, to who asked for all', 'opening', 'too-long', 'nothing came from byte'],
    ['that the film is larger than it is', 'opening', 'too-large', 'nothing came from byte'],
  ] as const)('%s', async (_, place, fault, words) => {
    const pool = new VideoFramePool({ capacity: 3 });
    const other = new Bystander(pool);
    const consume = async (): Promise<void> => {
      await using reader = await openVideo(addressOf(place, fault));
      await takeAll(reader.frames({ pool }));
    };
    expect(await consume().catch((reason: unknown) => reason)).toEqual(networkError(words));
    await other.finish();
  });

  test('nothing, while an iteration is left, which does not wait for it', async () => {
    const pool = new VideoFramePool({ capacity: 3 });
    await using reader = await openVideo(addressOf('middle', 'stalls'));
    const frames = reader.frames({ pool, from: IN_SECOND_HALF_US });
    const pending = frames.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await frames.return?.();
    expect((await pending).done).toBe(true);
    pool.assertNoLeaks();
  });
});

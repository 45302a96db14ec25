/** Decoders of colour and alpha in one: every end closes the frames of both. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AlphaOf } from '../../src/media/alpha-decoder.ts';
import { alphaDecoder } from '../../src/media/alpha-decoder.ts';
import { isAlphaKey } from '../../src/media/alpha-pairs.ts';
import { AlphaMerger } from '../../src/media/alpha-merger.ts';
import { livePictures } from '../support/accounting.ts';
import type { AlphaClip } from '../support/alpha-clips.ts';
import { alphaOf as alphaOfFrame, codecOf, packetsOf, seenIn, STEP } from '../support/alpha-clips.ts';
import { BROKEN, hookedDecoder } from '../support/decoders.ts';
import { outcomeOf, tasks } from '../support/streams.ts';

const SIZE = { codedWidth: 64, codedHeight: 48 };

/** A decoder of a clip's chunks, which is closed after the test. Its frames are closed; `times` lists theirs. */
async function decoderOf(
  clip: AlphaClip,
  {
    base = VideoDecoder,
    merger = new AlphaMerger(),
  }: { base?: typeof VideoDecoder; merger?: AlphaMerger } = {},
) {
  const chunks: EncodedVideoChunk[] = [];
  const alphas = new Map<EncodedVideoChunk, Uint8Array>();
  for (const packet of await packetsOf(clip)) {
    const chunk = packet.toEncodedVideoChunk();
    chunks.push(chunk);
    if (packet.sideData.alpha !== undefined) alphas.set(chunk, packet.sideData.alpha);
  }
  const alphaOf: AlphaOf = (chunk) => {
    const data = alphas.get(chunk);
    return data === undefined ? null : { data, isKey: isAlphaKey(codecOf(clip), data) };
  };
  const times: number[] = [];
  const errors: unknown[] = [];
  const made: VideoDecoder[] = [];
  const type = alphaDecoder(listing(base, made), alphaOf, { merger });
  const config = { codec: codecOf(clip), ...SIZE };
  const decoder = new type({
    output(frame) {
      const { timestamp } = frame;
      times.push(timestamp);
      const { alpha } = seenIn(frame);
      frame.close();
      expect(Math.abs(alpha - alphaOfFrame(timestamp / STEP))).toBeLessThanOrEqual(4);
    },
    error: (error) => errors.push(error),
  });
  onTestFinished(() => {
    if (decoder.state !== 'closed') decoder.close();
    expect(made.map(({ state }) => state)).toEqual(made.map(() => 'closed'));
  });
  decoder.configure(config);
  return { decoder, chunks, times, errors, made, config };
}

/** Lists the decoders that are created by a class. */
const listing = (base: typeof VideoDecoder, made: VideoDecoder[]): typeof VideoDecoder =>
  class extends base {
    constructor(init: VideoDecoderInit) {
      super(init);
      made.push(this);
    }
  };

/** Merges on the test's request. */
class HeldMerger extends AlphaMerger {
  held: (() => void)[] = [];

  override async merge(colour: VideoFrame, alpha: VideoFrame | null): Promise<VideoFrame> {
    await new Promise<void>((resolve) => this.held.push(resolve));
    return super.merge(colour, alpha);
  }

  free(): void {
    for (const resolve of this.held.splice(0)) resolve();
  }
}

const timesOf = (chunks: readonly EncodedVideoChunk[]): number[] => chunks.map(({ timestamp }) => timestamp);

describe('alphaDecoder()', () => {
  test('puts frames out in order, and flush() waits for both decoders and all merges', async () => {
    const { decoder, chunks, times, made } = await decoderOf({ frames: 12 });
    expect(made.length).toBe(1);
    for (const chunk of chunks) decoder.decode(chunk);
    expect(made.length).toBe(2);
    await decoder.flush();
    expect(times).toEqual(timesOf(chunks));
    expect([decoder.decodeQueueSize, livePictures()]).toEqual([0, 0]);
  });

  test('counts waiting frames in decodeQueueSize, and each merge dispatches dequeue', async () => {
    const merger = new HeldMerger();
    const { decoder, chunks, times } = await decoderOf({ frames: 4 }, { merger });
    for (const chunk of chunks) decoder.decode(chunk);
    const flushed = outcomeOf(decoder.flush());
    await expect.poll(() => livePictures()).toBe(8);
    expect([decoder.decodeQueueSize, times]).toEqual([4, []]);
    const sizes: number[] = [];
    decoder.ondequeue = () => sizes.push(decoder.decodeQueueSize);
    for (let merged = 1; merged <= 4; merged++) {
      await expect.poll(() => merger.held.length).toBe(1);
      merger.free();
      await expect.poll(() => sizes.length).toBe(merged);
    }
    expect(sizes).toEqual([3, 2, 1, 0]);
    expect(await flushed).toBe('resolved');
    expect(times).toEqual(timesOf(chunks));
  });

  test.each(['close', 'reset'] as const)(
    '%s() during a merge closes all frames, and rejects flush()',
    async (end) => {
      const merger = new HeldMerger();
      const { decoder, chunks, times, errors } = await decoderOf({ frames: 4 }, { merger });
      for (const chunk of chunks) decoder.decode(chunk);
      const flushed = outcomeOf(decoder.flush());
      await expect.poll(() => livePictures()).toBe(8);
      decoder[end]();
      expect(livePictures()).toBe(0);
      expect(await flushed).toMatchObject({ name: 'AbortError' });
      merger.free();
      await tasks();
      expect([times, errors, livePictures()]).toEqual([[], [], 0]);
    },
  );

  test('decodes again after reset() and configure()', async () => {
    const { decoder, chunks, times, config, made } = await decoderOf({ frames: 8 });
    for (const chunk of chunks.slice(0, 4)) decoder.decode(chunk);
    decoder.reset();
    expect(decoder.state).toBe('unconfigured');
    times.length = 0;
    decoder.configure(config);
    for (const chunk of chunks) decoder.decode(chunk);
    await decoder.flush();
    expect([times, made.length]).toEqual([timesOf(chunks), 2]);
  });

  test('continues with another configuration after a flush', async () => {
    const { decoder, chunks, times, config } = await decoderOf({ frames: 4 });
    for (let round = 0; round < 2; round++) {
      for (const chunk of chunks) decoder.decode(chunk);
      await decoder.flush();
      decoder.configure(config);
    }
    expect(times).toEqual([...timesOf(chunks), ...timesOf(chunks)]);
  });

  test.each([0, 1])(
    'an error of decoder %i comes after the good frames before it, and closes both',
    async (index) => {
      const base = hookedDecoder(({ output, error }, made) => {
        let put = 0;
        return {
          output(frame, failing) {
            if (made !== index || put++ < 3) {
              output(frame);
              return;
            }
            frame.close();
            if (failing.state === 'closed') return;
            failing.close();
            error(BROKEN);
          },
        };
      });
      const { decoder, chunks, times, errors, made } = await decoderOf({ frames: 10 }, { base });
      for (const chunk of chunks) decoder.decode(chunk);
      const flushed = outcomeOf(decoder.flush());
      await expect.poll(() => errors).toEqual([BROKEN]);
      expect(await flushed).toBe(BROKEN);
      expect(times).toEqual(timesOf(chunks.slice(0, 3)));
      expect([decoder.state, livePictures(), made.map(({ state }) => state)]).toEqual([
        'closed',
        0,
        ['closed', 'closed'],
      ]);
      expect(() => decoder.decode(chunks[0] as EncodedVideoChunk)).toThrow(
        expect.objectContaining({ name: 'InvalidStateError' }),
      );
    },
  );

  test('an error of a merge closes both decoders and all frames', async () => {
    class Broken extends AlphaMerger {
      #merged = 0;

      override async merge(colour: VideoFrame, alpha: VideoFrame | null): Promise<VideoFrame> {
        if (this.#merged++ === 2) throw new RangeError('no memory');
        return super.merge(colour, alpha);
      }
    }
    const { decoder, chunks, times, errors } = await decoderOf({ frames: 6 }, { merger: new Broken() });
    for (const chunk of chunks) decoder.decode(chunk);
    const flushed = outcomeOf(decoder.flush());
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]).toMatchObject({ name: 'EncodingError', cause: { message: 'no memory' } });
    expect([await flushed, decoder.state, livePictures()]).toEqual([errors[0], 'closed', 0]);
    expect(times).toEqual(timesOf(chunks.slice(0, 2)));
  });

  test('rejects a first chunk that is no key frame, and continues with one', async () => {
    const { decoder, chunks, times } = await decoderOf({ frames: 4 });
    expect(() => decoder.decode(chunks[1] as EncodedVideoChunk)).toThrow(
      expect.objectContaining({ name: 'DataError' }),
    );
    for (const chunk of chunks) decoder.decode(chunk);
    await decoder.flush();
    expect(times).toEqual(timesOf(chunks));
  });
});

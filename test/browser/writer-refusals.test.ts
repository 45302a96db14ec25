/** Writes that are rejected before the sample is taken: the file continues. */
import { BufferTarget, MkvOutputFormat } from 'mediabunny';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { VideoStreamConfig } from '../../src/media/index.ts';
import { allowCollection } from '../support/accounting.ts';
import { probed, soundByFfmpeg } from '../support/probe.ts';
import { begun } from '../support/probe-files.ts';
import { kindOf } from '../support/probe-kinds.ts';
import { numberedFrame, SAMPLE_RATE, tone } from '../support/probe-pictures.ts';
import { outcomeOf } from '../support/streams.ts';
import { failureOf } from '../support/writer/claim.ts';
import { silent } from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { made, put, SOUND, VIDEO, write, writing } from '../support/writer/making.ts';

describe('writeChunk() [C: WriteStreamSample]', () => {
  const chunk = (timestamp: number, type: 'key' | 'delta' = 'key'): EncodedVideoChunk =>
    new EncodedVideoChunk({ type, timestamp, duration: 40_000, data: new Uint8Array(100) });
  const decoderConfig = { codec: 'vp8', codedWidth: 320, codedHeight: 180 };

  const soundChunk = new EncodedAudioChunk({ type: 'key', timestamp: 0, data: new Uint8Array(9) });

  test.each<[string, unknown, object | undefined, string]>([
    ['bytes', new Uint8Array(5), decoderConfig, 'TypeError'],
    ['a chunk of sound', soundChunk, decoderConfig, 'TypeError'],
    ['a first chunk without its configuration', chunk(0), undefined, 'TypeError'],
    ['another codec', chunk(0), { ...decoderConfig, codec: 'vp09.00.10.08' }, 'TypeError'],
    ['a configuration without a size', chunk(0), { codec: 'vp8' }, 'TypeError'],
    ['a first chunk that is no key frame', chunk(0, 'delta'), decoderConfig, 'DataError'],
  ])('rejects %s, and continues', async (_, wrong, config, name) => {
    const { writer } = await writing({}, { input: 'chunks' });
    const metadata = config && { decoderConfig: config as VideoDecoderConfig };
    const written = writer.writeChunk(0, wrong as EncodedVideoChunk, metadata);
    await expect(written).rejects.toMatchObject({ name });
    await writer.writeChunk(0, chunk(0), { decoderConfig });
    expect([writer.state, writer.getStatistics(0).received]).toEqual(['writing', 1]);
    await writer.abort();
  });

  test('refuses chunks before the end of the last group of pictures or of a gap', async () => {
    const { writer } = await writing({}, { input: 'chunks' });
    await writer.writeChunk(0, chunk(1_000_000), { decoderConfig });
    expect(() => writer.sendStreamTick(0, 500_000)).toThrow(RangeError);
    await expect(writer.writeChunk(0, chunk(0))).rejects.toMatchObject({ name: 'DataError' });
    writer.sendStreamTick(0, 2_000_000);
    await expect(writer.writeChunk(0, chunk(1_500_000))).rejects.toMatchObject({ name: 'RangeError' });
    await writer.writeChunk(0, chunk(2_000_000));
    expect(writer.getStatistics(0).received).toBe(2);
    await writer.abort();
  });
});

describe('addVideoStream()', () => {
  const refusalOf = async (config: Partial<VideoStreamConfig>): Promise<unknown> => {
    const { writer } = made();
    const outcome = await outcomeOf(writer.addVideoStream({ ...VIDEO, ...config }));
    expect(writer.state).toBe('configuring');
    await writer.abort();
    return outcome;
  };

  const settingOf = async (config: VideoStreamConfig): Promise<string> => {
    const { writer } = made({}, new MkvOutputFormat());
    const failure = await failureOf(() => writer.addVideoStream(config));
    expect([writer.state, failure.name]).toEqual(['configuring', 'NotSupportedError']);
    await writer.abort();
    const [, setting = ''] =
      /^addVideoStream\(\): "[^"]*" cannot be encoded here with these settings: (.*)$/u.exec(
        failure.message,
      ) ?? [];
    return setting;
  };
  const AVC = { codec: 'avc', width: 320, height: 180 };

  test.each<[string, VideoStreamConfig, string]>([
    [
      'an odd size',
      { ...AVC, width: 321, height: 181 },
      'the encoder takes even sizes only, and 321 × 181 is odd; 320 × 180 is accepted',
    ],
    [
      'an odd width',
      { ...AVC, width: 321 },
      'the encoder takes even sizes only, and 321 × 180 is odd; 320 × 180 is accepted',
    ],
    [
      'a size below the minimum',
      { ...AVC, width: 2, height: 2 },
      '2 × 2 is too small for the encoder; 16 × 16 is accepted',
    ],
    [
      'a level that is too low for the size',
      { ...AVC, codec: 'avc1.42000a', width: 1920, height: 1080, bitrate: 6_000_000 },
      'profile or level of "avc1.42000a" does not support 1920 × 1080 at 6000000 bits a second; "avc1.640028" is accepted',
    ],
    [
      'a mode',
      { ...VIDEO, scalabilityMode: 'L9T9' },
      'the encoder refuses scalabilityMode "L9T9"; the other settings are accepted without it',
    ],
  ])('names the setting that the encoder refuses, and what it accepts: %s', async (_, config, words) => {
    expect(await settingOf(config)).toBe(words);
  });

  test('finds a size and a bitrate that the encoder accepts, near the refused ones', async () => {
    const size = await settingOf({ ...AVC, width: 16_384, height: 16_384 });
    const [, width, height] =
      /^16384 × 16384 is beyond the encoder; (\d+) × (\d+) is accepted$/u.exec(size) ?? [];
    const rate = await settingOf({ ...AVC, bitrate: 1e12 });
    const [, bitrate] =
      /^the encoder refuses a bitrate of 1000000000000 bits a second at this size; (\d+) is accepted$/u.exec(
        rate,
      ) ?? [];
    expect(Number(width)).toBeGreaterThan(1920);
    expect(Number(bitrate)).toBeGreaterThan(10_000_000);
    const { writer } = made({}, new MkvOutputFormat());
    await writer.addVideoStream({ ...AVC, width: Number(width), height: Number(height) });
    await writer.addVideoStream({ ...AVC, bitrate: Number(bitrate) });
    await writer.abort();
  });

  test('names a setting of sound', async () => {
    const { writer } = made();
    const failure = await failureOf(() => writer.addAudioStream({ ...SOUND, numberOfChannels: 31 }));
    expect(failure.message).toBe(
      'addAudioStream(): "opus" cannot be encoded here with these settings: the encoder refuses numberOfChannels 31; 2 is accepted',
    );
    await writer.abort();
  });

  test.each<[string, Partial<VideoStreamConfig>, string]>([
    ['an interval of key frames in seconds', { keyFrameInterval: 2 }, 'RangeError'],
    ['a size of 0', { width: 0 }, 'RangeError'],
    ['a rotation of 45', { rotation: 45 as 90 }, 'TypeError'],
    ['a flip that is no boolean', { flip: 'left' as never }, 'TypeError'],
    ['an unknown sizeChange', { sizeChange: 'fit' as 'scale' }, 'TypeError'],
    ['no codec', { codec: undefined as unknown as string }, 'TypeError'],
  ])('refuses %s', async (_, config, name) => {
    expect(await refusalOf(config)).toMatchObject({ name });
  });

  test('accepts a display size with one side given', async () => {
    const { writer, file } = await begun(kindOf('fast-start MP4'), { codec: 'avc', displayWidth: 640 });
    await write(writer, numberedFrame(0, { timestamp: 0 }));
    expect((await probed(await file(), 640 / 180)).video.sample_aspect_ratio).toBe('2:1');
  });
});

test('a target is good for one writer: the first one’s file is not touched', async () => {
  const target = new BufferTarget();
  const { writer } = await writing({ target });
  expect(() => made({ target })).toThrow(TypeError);
  await put(writer, 0);
  await writer.finalize();
  expect(target.buffer?.byteLength).toBeGreaterThan(100);
});

describe('sound', () => {
  const sound = async (): Promise<Made & { play(timestamp: number, duration: number): Promise<void> }> => {
    const begun = made();
    await begun.writer.addAudioStream(SOUND);
    await begun.writer.beginWriting();
    return { ...begun, play: (...times) => write(begun.writer, tone(...times)) };
  };
  /** In seconds. */
  const soundLevel = async ({ file }: Made): Promise<number> =>
    (await soundByFfmpeg(await file())).length / SAMPLE_RATE;

  test('that overlaps earlier sound plays at its time, and not for longer', async () => {
    const begun = await sound();
    for (let index = 0; index < 10; index++) await begun.play(index * 100_000, 200_000);
    expect(Math.abs((await soundLevel(begun)) - 1.1)).toBeLessThan(0.05);
  });

  test('whose clock drifts from its samples stays in time: 2 % more samples than time', async () => {
    const begun = await sound();
    for (let index = 0; index < 100; index++) await begun.play(index * 20_000, 20_400);
    expect(begun.writer.getStatistics(0).encoderDelay).toBe(0);
    expect(Math.abs((await soundLevel(begun)) - 2)).toBeLessThan(0.04);
  });

  test('after years of silence is rejected: the clock must be another one', async () => {
    const { writer, play } = await sound();
    await play(0, 100_000);
    await expect(play(1.7e15, 100_000)).rejects.toMatchObject({ name: 'RangeError' });
    expect(() => writer.sendStreamTick(0, 120_000_000)).toThrow(RangeError);
    await play(100_000, 100_000);
    expect([writer.state, writer.getStatistics(0).received]).toEqual(['writing', 2]);
    await writer.abort();
  });
});

test('abort() ends a probe that never settles, with its reason', async () => {
  let flushes = 0;
  class Mute extends silent() {
    override flush(): Promise<void> {
      flushes++;
      return super.flush();
    }
  }
  const { writer } = made({ encoders: { video: Mute } });
  const ended = Promise.allSettled([writer.addVideoStream(VIDEO), writer.beginWriting()]);
  await expect.poll(() => flushes).toBe(1);
  const reason = new Error('no more');
  await writer.abort(reason);
  const rejected = { status: 'rejected', reason };
  expect(await ended).toEqual([rejected, rejected]);
  // The probe's own picture is closed when its promise settles, which this one never does.
  allowCollection();
});

test('[C12] after the end calls reject with the reason as cause, and are not unhandled', async () => {
  const onUnhandled = vi.fn<() => void>();
  addEventListener('unhandledrejection', onUnhandled);
  onTestFinished(() => removeEventListener('unhandledrejection', onUnhandled));
  const { writer } = await writing();
  const reason = new Error('enough');
  await writer.abort(reason);
  const refused = { name: 'InvalidStateError', cause: reason };
  await expect(writer.allocateSample(0)).rejects.toMatchObject(refused);
  await expect(writer.beginWriting()).rejects.toMatchObject(refused);
  await expect(writer.placeMarker(0)).rejects.toMatchObject(refused);
  void put(writer, 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(onUnhandled).not.toHaveBeenCalled();
});

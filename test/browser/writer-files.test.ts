/** Every kind of file with every codec that Chromium encodes: written, then read by three readers that agree. */
import { describe, expect, test } from 'vitest';
import { expectRoundTrip, expectWritten } from '../support/probe-expect.ts';
import { begun, writeNumbers, writeTones } from '../support/probe-files.ts';
import { KINDS, KINDS_BY_CODEC } from '../support/probe-kinds.ts';
import { SAMPLE_RATE } from '../support/probe-pictures.ts';
import { soundByFfmpeg } from '../support/probe.ts';
import { sampled } from '../support/sampled.ts';

/** Uneven on purpose, and long enough for a second key frame, a second fragment and a second cluster. */
const FILM = {
  times: [0, 33_333, 66_667, 100_000, 141_667, 143_000, 900_000, 1_900_000, 2_033_333, 2_066_667],
  end: 2_120_000,
};

/** Colour space in which a canvas is encoded. */
const CANVAS_COLORS = { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'bt709', fullRange: true };

/** ffprobe's name for each codec. */
const CODECS = { vp8: 'vp8', vp9: 'vp9', avc: 'h264', av1: 'av1' } as const;

/** Opus comes in pieces of 20 ms: the last one is padded. */
const OPUS_SAMPLES = 0.02 * SAMPLE_RATE;

describe('openVideo(), ffprobe and ffmpeg agree to the tick about a file by FrameWriter', () => {
  test.each(sampled(KINDS_BY_CODEC))('$name with $codec', async ({ kind, codec }) => {
    const { back, probe } = await expectRoundTrip(kind, { codec }, FILM);
    expect(probe.video.codec_name).toBe(CODECS[codec]);
    expect([probe.video.width, probe.video.height]).toEqual([320, 180]);
    expect([back.displayWidth, back.displayHeight, back.rotation]).toEqual([320, 180, 0]);
    expect(probe.keys).toEqual([0, 8]);
    expect(probe.video).toMatchObject({ color_range: 'pc', color_space: 'bt709', color_primaries: 'bt709' });
    // mediabunny does not read the range of VP8 in MOV, so the browser treats the colours as unknown.
    if (kind.name === 'MOV' && codec === 'vp8') return;
    for (const { colorSpace } of back.pictures) expect(colorSpace).toEqual(CANVAS_COLORS);
  });

  test.each(sampled(KINDS))('$name with a tone beside the pictures', async (kind) => {
    const { writer, file } = await begun(kind, { codec: 'vp9' }, { hasSound: true });
    await Promise.all([writeNumbers(writer, FILM), writeTones(writer, FILM.end)]);
    const blob = await file();
    const { probe } = await expectWritten(blob, kind, FILM);
    expect(probe.audio).toMatchObject({ codec_name: 'opus', sample_rate: `${SAMPLE_RATE}`, start_pts: 0 });
    const sound = await soundByFfmpeg(blob);
    const samples = (FILM.end * SAMPLE_RATE) / 1e6;
    expect(sound.length).toBeGreaterThanOrEqual(samples);
    expect(sound.length).toBeLessThan(samples + OPUS_SAMPLES);
    // Every piece of 20 ms has sound: a tone of half the maximum amplitude has a mean square of 1/8.
    for (let at = OPUS_SAMPLES; at + OPUS_SAMPLES <= samples - OPUS_SAMPLES; at += OPUS_SAMPLES) {
      const power = sound.subarray(at, at + OPUS_SAMPLES).reduce((sum, value) => sum + value * value, 0);
      expect(power / OPUS_SAMPLES, `sample ${at}`).toBeGreaterThan(0.08);
    }
  });
});

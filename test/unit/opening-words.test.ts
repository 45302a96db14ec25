/** Codec names, levels of VP9, and sources that Node cannot open. */
import { describe, expect, test } from 'vitest';
import { codecName } from '../../src/media/decodability.ts';
import { withRealLevel } from '../../src/media/decoder-config.ts';
import { openVideo } from '../../src/media/index.ts';

describe('codecName()', () => {
  test.each([
    ['avc1.64001f', 'H.264 (AVC), "avc1.64001f"'],
    ['hev1.1.6.L93.B0', 'HEVC (H.265), "hev1.1.6.L93.B0"'],
    ['vp09.00.10.08', 'VP9, "vp09.00.10.08"'],
    ['apch', 'ProRes, "apch"'],
    ['mp4v', 'MPEG-4 Part 2, "mp4v"'],
    ['V_MPEG4/ISO/ASP', 'MPEG-4 Part 2, "V_MPEG4/ISO/ASP"'],
    ['V_MPEG4/ISO/AVC', 'H.264 (AVC), "V_MPEG4/ISO/AVC"'],
    [2, 'MPEG-2, stream type 2'],
    [16, 'MPEG-4 Part 2, stream type 16'],
    ['none', '"none"'],
  ])('of %s is %s', (identifier, name) => {
    expect(codecName(identifier)).toBe(name);
  });
});

describe('withRealLevel()', () => {
  test.each([
    ['vp09.00.00.08', 256, 144, 'vp09.00.10.08'],
    ['vp09.00.00.08', 320, 180, 'vp09.00.11.08'],
    ['vp09.02.00.10.01.09.16.09.01', 1920, 1080, 'vp09.02.40.10.01.09.16.09.01'],
    ['vp09.00.00.08', 16_384, 8704, 'vp09.00.62.08'],
    ['vp09.00.31.08', 320, 180, 'vp09.00.31.08'],
    ['vp8', 320, 180, 'vp8'],
  ])('of %s at %i × %i is the smallest that fits', (codec, codedWidth, codedHeight, real) => {
    expect(withRealLevel({ codec, codedWidth, codedHeight })).toBe(real);
  });
});

describe('openVideo() in Node', () => {
  test('reports that a relative URL has no base address', async () => {
    await expect(openVideo('video.mp4')).rejects.toThrow('there is no page that it could be relative to');
    await expect(openVideo('video.mp4')).rejects.toThrow(TypeError);
    await expect(openVideo('http://')).rejects.toThrow('source is not a valid URL');
  });
});

/** The comparison of variants finds each kind of difference, and each recipe has a name of its own. */
import { describe, expect, test } from 'vitest';
import { judge } from '../variants/accepted.mjs';
import { compare } from '../variants/compare.ts';
import type { DueEnd } from '../variants/clips/clip.ts';
import type { OursReading, Readings, Rgba } from '../variants/reading.ts';
import { unreadByElement, unreadByOurs } from '../variants/reading.ts';
import { VARIANTS } from '../variants/variants.ts';

const PATCHES: readonly Rgba[] = [[200, 100, 50, 255]];
const SIZE = { width: 320, height: 180 };
const GAP = 40_000;

const frames = [0, 1, 2].map((mark) => ({ mark, time: mark * GAP, duration: GAP }));
const middles = frames.map(({ mark, time }) => ({ mark, time, at: time + GAP / 2 }));

const OURS: OursReading = {
  ...unreadByOurs('', null),
  failure: null,
  size: SIZE,
  patches: PATCHES,
  duration: 3 * GAP,
  firstTimestamp: 0,
  frames,
  shown: middles,
};

const ALIKE: Readings = {
  ours: OURS,
  element: {
    ...unreadByElement('', null),
    failure: null,
    size: SIZE,
    patches: PATCHES,
    duration: 3 * GAP,
    shown: middles,
    plays: true,
  },
  ffmpeg: { failure: null, size: SIZE, patches: PATCHES, frames, isTagged: true },
};

const kinds = (readings: Readings, due: DueEnd = 'end'): string[] =>
  compare('a', readings, due).map(({ aspect, odd }) => `${aspect} ${odd}`);

const withOurs = (ours: Partial<OursReading>): Readings => ({ ...ALIKE, ours: { ...OURS, ...ours } });
const withElement = (element: Partial<Readings['element']>): Readings => ({
  ...ALIKE,
  element: { ...ALIKE.element, ...element },
});
const withFfmpeg = (ffmpeg: Partial<Readings['ffmpeg']>): Readings => ({
  ...ALIKE,
  ffmpeg: { ...ALIKE.ffmpeg, ...ffmpeg },
});

const later = <T extends { time: number }>(list: readonly T[], by: number): T[] =>
  list.map((frame) => ({ ...frame, time: frame.time + by }));

describe('the comparison of three readings', () => {
  test('finds no difference between equal readings, also if two are 1 µs apart', () => {
    expect(kinds(ALIKE)).toEqual([]);
    expect(kinds(withElement({ shown: later(middles, 1) }))).toEqual([]);
  });

  test('names the odd reader', () => {
    expect(kinds(withElement({ shown: later(middles, 9) }))).toEqual(['times video']);
    expect(kinds(withFfmpeg({ frames: later(frames, 9) }))).toEqual(['times ffmpeg']);
    expect(
      kinds({
        ...withElement({ shown: later(middles, 9) }),
        ffmpeg: { ...ALIKE.ffmpeg, frames: later(frames, 20) },
      }),
    ).toEqual(['times all']);
    expect(kinds(withElement(unreadByElement('error 4', null)))).toEqual(['opens video']);
    expect(kinds(withElement({ plays: false }))).toEqual(['opens video']);
    expect(kinds({ ...ALIKE, ours: unreadByOurs('EncodingError', null) })).toEqual(['opens ours']);
  });

  test('finds a size, a colour and an alpha that differ in one reader', () => {
    expect(kinds(withElement({ size: { width: 320, height: 90 } }))).toEqual(['size video']);
    expect(kinds(withFfmpeg({ patches: [[190, 100, 50, 255]] }))).toEqual(['colours ffmpeg']);
    expect(kinds(withFfmpeg({ patches: [[190, 100, 50, 255]], isTagged: false }))).toEqual([]);
    expect(kinds(withOurs({ patches: [[200, 108, 50, 255]] }))).toEqual(['colours ours']);
    expect(kinds(withElement({ patches: [[0, 0, 0, 0]] }))).toEqual(['alpha video']);
  });

  test('finds another picture at a time', () => {
    const shown = middles.map((frame, index) => (index === 1 ? { ...frame, mark: 0, time: 0 } : frame));
    expect(kinds(withElement({ shown }))).toEqual(['pictures video']);
    expect(kinds(withOurs({ shown }))).toEqual(['frameAt ours', 'pictures ours']);
  });

  test('finds frames that are missing, in another order, or without a mark', () => {
    expect(kinds(withFfmpeg({ frames: frames.slice(0, 2) }))).toEqual([
      'frames ours',
      'pictures ffmpeg',
      'duration ffmpeg',
    ]);
    const swapped = [1, 0, 2].flatMap((place) => frames[place] ?? []);
    expect(kinds(withOurs({ frames: swapped }))).toContain('order ours');
    const unreadable = frames.map((frame) => ({ ...frame, mark: null }));
    expect(kinds(withOurs({ frames: unreadable }))).toContain('frames ours');
  });

  test('checks promises without another reader: ends, steps, facts, leaks, hanging', () => {
    expect(kinds(ALIKE, 'error')).toEqual(['end ours']);
    expect(kinds(withElement({ end: 'error 3' }))).toEqual(['stops video']);
    expect(kinds(withOurs({ end: 'EncodingError: cut' }))).toEqual(['end ours', 'stops ours']);
    expect(kinds(withOurs({ end: 'EncodingError: cut' }), 'either')).toEqual(['stops video']);
    const short = frames.map((frame) => ({ ...frame, duration: GAP - 1 }));
    expect(kinds(withOurs({ frames: short }))).toEqual(['steps ours']);
    expect(kinds(withOurs({ firstTimestamp: 5 }))).toEqual(['facts ours']);
    expect(kinds(withOurs({ duration: 3 * GAP + 20_000 }))).toEqual(['facts ours', 'duration ours']);
    expect(kinds(withOurs({ open: ['decoded'] }))).toEqual(['leaks ours']);
    expect(kinds(withOurs({ hangs: 'after 3 frames' }))).toEqual(['hangs ours']);
    expect(kinds(withElement({ hangs: 'seeking to 5 µs' }))).toEqual(['hangs video']);
  });
});

describe('accepted differences', () => {
  const entry = {
    variants: ['times/*.ts', 'b'],
    aspects: ['opens'],
    odd: ['video' as const],
    files: 'MPEG-TS',
    video: '',
    ours: '',
    reason: '',
  };
  const found = (variant: string, aspect = 'opens', odd: 'video' | 'ours' = 'video') => ({
    variant,
    aspect,
    odd,
    text: '',
  });

  test('cover by name, aspect and odd reader', () => {
    const all = [
      found('times/x.ts'),
      found('b'),
      found('times/x.tsx'),
      found('b', 'size'),
      found('b', 'opens', 'ours'),
    ];
    expect(judge([entry], all)).toEqual({ unknown: all.slice(2), unused: [] });
  });

  test('an entry that covers nothing is found', () => {
    expect(judge([entry], [found('b')]).unused).toEqual([]);
    expect(judge([entry], [found('b', 'size')]).unused).toEqual([entry]);
  });
});

test('each variant has a name of its own', () => {
  const names = VARIANTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

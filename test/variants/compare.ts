/** Differences between the three readings of a variant. Pure. */
import type { DueEnd } from './clips/clip.ts';
import type { Difference, Found, Odd, ReaderName } from './difference.ts';
import { TIME_TOLERANCE } from './difference.ts';
import { ownProblems } from './own-promises.ts';
import type { OursReading, ReadFrame, Readings, Rgba, ShownFrame } from './reading.ts';
import { shownAt } from './reading.ts';

/** The values of the readers that have one. */
type Values<T> = Partial<Record<ReaderName, T>>;

/** Milliseconds of a container's header and the last frame's length make durations less exact. In µs. */
const DURATION_TOLERANCE = 10_000;

/** Steps of 0 to 255. The choice of another matrix changes the patches by 10 and more. */
const COLOUR_TOLERANCE = 7;
const ALPHA_TOLERANCE = 40;

/** Compares all aspects. `due` is the end that the file's recipe calls for. */
export function compare(variant: string, readings: Readings, due: DueEnd): Difference[] {
  const found = [...openings(readings), ...hangs(readings), ...ownProblems(readings.ours, due)];
  if (readings.ours.frames.length > 0) found.push(...contents(readings, due), ...stops(readings, due));
  return found.map((difference) => ({ variant, ...difference }));
}

/** Finds the odd reader by a predicate that holds for every two equal values. */
function oddOf<T>(values: Values<T>, agree: (one: T, other: T) => boolean): Odd | null {
  const { ours, video, ffmpeg } = values;
  const check = (one: T | undefined, other: T | undefined): boolean | null =>
    one === undefined || other === undefined ? null : agree(one, other);
  const [withVideo, withFfmpeg, others] = [check(ours, video), check(ours, ffmpeg), check(video, ffmpeg)];
  if (withVideo !== false && withFfmpeg !== false && others !== false) return null;
  if (withVideo === true) return 'ffmpeg';
  if (withFfmpeg === true) return 'video';
  return others === false ? 'all' : 'ours';
}

const listed = <T>(values: Values<T>, show: (value: T) => string): string =>
  (['ours', 'video', 'ffmpeg'] as const)
    .flatMap((name) => (values[name] === undefined ? [] : [`${name} ${show(values[name])}`]))
    .join(', ');

function difference<T>(
  aspect: string,
  values: Values<T>,
  agree: (one: T, other: T) => boolean,
  show: (value: T) => string,
): Found[] {
  const odd = oddOf(values, agree);
  return odd === null ? [] : [{ aspect, odd, text: listed(values, show) }];
}

const is = <T>(one: T, other: T): boolean => one === other;

function openings({ ours, element, ffmpeg }: Readings): Found[] {
  const results = {
    ours: ours.failure ?? (ours.frames.length === 0 ? `no frame: ${ours.end}` : null),
    video: element.failure ?? (element.plays ? null : 'does not play'),
    ffmpeg: ffmpeg.failure,
  };
  const agree = (one: string | null, other: string | null): boolean => (one === null) === (other === null);
  return difference('opens', results, agree, (failure) =>
    failure === null ? 'reads it' : `fails (${failure})`,
  );
}

function hangs({ ours, element, ffmpeg }: Readings): Found[] {
  const found: Found[] = [];
  if (ours.hangs !== null) found.push({ aspect: 'hangs', odd: 'ours', text: `ours hangs ${ours.hangs}` });
  if (element.hangs !== null && ffmpeg.failure === null) {
    found.push({ aspect: 'hangs', odd: 'video', text: `video hangs ${element.hangs}` });
  }
  return found;
}

/** An error of one reader in the middle of a file that the other reads to its end. */
function stops({ ours, element }: Readings, due: DueEnd): Found[] {
  if (element.failure !== null || element.hangs !== null || ours.hangs !== null) return [];
  if ((ours.end === null) === (element.end === null)) return [];
  const right = due === 'error' ? ours.end !== null : ours.end === null;
  const show = (end: string | null): string => (end === null ? 'ends quietly' : `ends with ${end}`);
  return [
    {
      aspect: 'stops',
      odd: right || due === 'either' ? 'video' : 'ours',
      text: listed<string | null>({ ours: ours.end, video: element.end }, show),
    },
  ];
}

/** Frames, times, pictures and sizes of the readers that opened the file. */
function contents({ ours, element, ffmpeg }: Readings, due: DueEnd): Found[] {
  const [hasVideo, hasFfmpeg] = [element.failure === null, ffmpeg.failure === null];
  const values = <T>(of: { ours: T; video: T; ffmpeg: T }): Values<T> => ({
    ours: of.ours,
    ...(hasVideo ? { video: of.video } : {}),
    ...(hasFfmpeg ? { ffmpeg: of.ffmpeg } : {}),
  });
  return [
    ...difference(
      'size',
      values({ ours: ours.size, video: element.size, ffmpeg: ffmpeg.size }),
      (one, other) => one?.width === other?.width && one?.height === other?.height,
      (size) => `${size?.width} x ${size?.height}`,
    ),
    ...(hasFfmpeg ? lists(ours.frames, ffmpeg.frames) : []),
    ...times(
      values<readonly ReadFrame[]>({ ours: ours.frames, video: element.shown, ffmpeg: ffmpeg.frames }),
    ),
    ...pictures(ours, values({ ours: [], video: element.shown, ffmpeg: ffmpeg.frames }), element.shown),
    ...difference(
      'duration',
      {
        ours: ours.duration,
        ...(hasVideo ? { video: Math.round(element.duration) } : {}),
        ...(due === 'end' ? endOf(ffmpeg.frames) : {}),
      },
      (one, other) => Math.abs(one - other) <= DURATION_TOLERANCE,
      String,
    ),
    ...colours({
      ...values({ ours: ours.patches, video: element.patches, ffmpeg: ffmpeg.patches }),
      ...(ffmpeg.isTagged ? {} : { ffmpeg: undefined }),
    } as Values<readonly Rgba[]>),
    ...alphas(values({ ours: ours.patches, video: element.patches, ffmpeg: ffmpeg.patches })),
  ];
}

/** Numbers as ranges: 0-15, 17. A frame without a mark is `?`. */
function ranges(frames: readonly ReadFrame[]): string {
  const parts: { from: number | null; to: number | null }[] = [];
  for (const { mark } of frames) {
    const last = parts.at(-1);
    if (last !== undefined && last.to !== null && mark === last.to + 1) last.to = mark;
    else parts.push({ from: mark, to: mark });
  }
  const shown = parts.slice(0, 8).map(({ from, to }) => (from === to ? (from ?? '?') : `${from}-${to}`));
  return `${frames.length} frames (${shown.join(' ')}${parts.length > 8 ? ' …' : ''})`;
}

function lists(ours: readonly ReadFrame[], ffmpeg: readonly ReadFrame[]): Found[] {
  const same = ours.length === ffmpeg.length && ours.every(({ mark }, index) => mark === ffmpeg[index]?.mark);
  return same
    ? []
    : [{ aspect: 'frames', odd: 'ours', text: `ours ${ranges(ours)}, ffmpeg ${ranges(ffmpeg)}` }];
}

/** Times of the same picture. */
function times(values: Values<readonly ReadFrame[]>): Found[] {
  const byMark = Object.fromEntries(
    Object.entries(values).map(([name, frames]) => [
      name,
      new Map(frames.flatMap(({ mark, time }) => (mark === null ? [] : [[mark, time] as const]))),
    ]),
  ) as Values<Map<number, number>>;
  const agree = (one: Map<number, number>, other: Map<number, number>): boolean =>
    [...one].every(([mark, time]) => Math.abs((other.get(mark) ?? time) - time) <= TIME_TOLERANCE);
  const odd = oddOf(byMark, agree);
  if (odd === null) return [];
  const maps = Object.values(byMark);
  const differing = [...new Set(maps.flatMap((map) => [...map.keys()]))]
    .sort((one, other) => one - other)
    .filter((mark) => {
      const known = maps.flatMap((map) => map.get(mark) ?? []);
      return Math.max(...known) - Math.min(...known) > TIME_TOLERANCE;
    });
  const first = differing[0] ?? 0;
  const show = (map: Map<number, number>): string => String(map.get(first) ?? 'none');
  return [
    { aspect: 'times', odd, text: `${differing.length} frames, first #${first}: ${listed(byMark, show)}` },
  ];
}

/** Pictures at the same times. */
function pictures(
  ours: OursReading,
  { video, ffmpeg }: Values<readonly ReadFrame[]>,
  asked: readonly ShownFrame[],
): Found[] {
  const ourMarks = new Map(ours.shown.map(({ at, mark }) => [at, mark]));
  const places = (asked.length > 0 ? asked : ours.shown).flatMap(({ at }) => {
    const mark = ourMarks.get(at);
    if (mark === undefined) return [];
    const shown = asked.find((one) => one.at === at);
    const values: Values<number | null> = {
      ours: mark,
      ...(video === undefined || shown === undefined ? {} : { video: shown.mark }),
      ...(ffmpeg === undefined ? {} : { ffmpeg: shownAt(ffmpeg, at)?.mark ?? null }),
    };
    const odd = oddOf(values, is);
    return odd === null ? [] : [{ at, odd, values }];
  });
  const odds = [...new Set(places.map(({ odd }) => odd))];
  return odds.map((odd) => {
    const own = places.filter((place) => place.odd === odd);
    const [first] = own;
    const text = `at ${own.length} times, first ${first?.at}: ${listed(first?.values ?? {}, (mark) => `#${mark ?? '?'}`)}`;
    return { aspect: 'pictures', odd, text };
  });
}

/** The end of the last frame in files whose frames have one length. ffmpeg does not report the length of a frame. */
function endOf(frames: readonly ReadFrame[]): { ffmpeg?: number } {
  const times = frames.map(({ time }) => time);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const [first = 0] = gaps;
  const last = times.at(-1);
  const isEven = gaps.every((gap) => Math.abs(gap - first) <= DURATION_TOLERANCE / 5);
  return last === undefined || gaps.length === 0 || !isEven ? {} : { ffmpeg: last + first };
}

const OPAQUE = 200;

function colours(values: Values<readonly Rgba[]>): Found[] {
  const near = (one: Rgba, other: Rgba): boolean =>
    one[3] < OPAQUE ||
    other[3] < OPAQUE ||
    [0, 1, 2].every((n) => Math.abs((one[n] ?? 0) - (other[n] ?? 0)) <= COLOUR_TOLERANCE);
  const agree = (one: readonly Rgba[], other: readonly Rgba[]): boolean =>
    one.every((patch, index) => near(patch, other[index] ?? patch));
  const show = (patches: readonly Rgba[]): string =>
    patches.map((patch) => `(${patch.slice(0, 3).join(' ')})`).join(' ');
  return difference('colours', values, agree, show);
}

function alphas(values: Values<readonly Rgba[]>): Found[] {
  const agree = (one: readonly Rgba[], other: readonly Rgba[]): boolean =>
    one.every(([, , , alpha], index) => Math.abs(alpha - (other[index]?.[3] ?? alpha)) <= ALPHA_TOLERANCE);
  return difference('alpha', values, agree, (patches) => patches.map(([, , , alpha]) => alpha).join(' '));
}

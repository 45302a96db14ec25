/** The copy ladder in engines that do wrong: each is made from the real one by a change for the length of a test. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { CopyLadder } from '../../src/storage/ladder.ts';
import type { CopyTarget } from '../../src/storage/pixels.ts';
import { chart, chartFrame, CHART, expected, farthest, firstDifference } from '../support/memory.ts';

type CopyTo = typeof VideoFrame.prototype.copyTo;

const WIDTH = 64;
const HEIGHT = 48;
const DRIFT = 12;

const realCopyTo: CopyTo = VideoFrame.prototype.copyTo;
const RealFrame = VideoFrame;

afterEach(() => {
  VideoFrame.prototype.copyTo = realCopyTo;
  globalThis.VideoFrame = RealFrame;
});

/** Makes the engine copy so. `copy` does what it does by itself. Returns the formats that it was asked for, in order. */
function engine(
  copyTo: (
    copy: (options?: VideoFrameCopyToOptions) => Promise<PlaneLayout[]>,
    call: { frame: VideoFrame; data: Uint8Array; options: VideoFrameCopyToOptions },
  ) => Promise<PlaneLayout[]> = (copy) => copy(),
): string[] {
  const asked: string[] = [];
  VideoFrame.prototype.copyTo = function (this: VideoFrame, data, options = {}) {
    asked.push(options.format ?? 'own');
    const copy = (changed = options): Promise<PlaneLayout[]> => realCopyTo.call(this, data, changed);
    return copyTo(copy, { frame: this, data: data as Uint8Array, options });
  };
  return asked;
}

/** Makes the engine refuse frames of a format from memory. Those that exist stay. */
function unableToMake(format: string): void {
  globalThis.VideoFrame = new Proxy(RealFrame, {
    construct(target, parameters: [unknown, { format?: string }], newTarget) {
      if (parameters[1]?.format === format) throw new TypeError(`${format} is not supported`);
      return Reflect.construct(target, parameters, newTarget) as VideoFrame;
    },
  });
}

const swapRedAndBlue = (data: Uint8Array): void => {
  for (let at = 0; at < data.length; at += 4)
    data.set([data[at + 2] ?? 0, data[at + 1] ?? 0, data[at] ?? 0], at);
};

function targetOf(format: 'RGBA' | 'RGBX' | 'BGRA' | 'I420' | 'I444', buffer?: ArrayBufferLike): CopyTarget {
  const size = WIDTH * HEIGHT;
  const layout = {
    I420: [
      { offset: 0, stride: WIDTH },
      { offset: size, stride: WIDTH / 2 },
      { offset: size * 1.25, stride: WIDTH / 2 },
    ],
    I444: [0, 1, 2].map((plane) => ({ offset: plane * size, stride: WIDTH })),
  };
  const planes = format === 'I420' || format === 'I444' ? layout[format] : [{ offset: 0, stride: WIDTH * 4 }];
  const byteLength = format === 'I420' ? size * 1.5 : format === 'I444' ? size * 3 : size * 4;
  return {
    format,
    width: WIDTH,
    height: HEIGHT,
    layout: planes,
    data: new Uint8Array(buffer ?? new ArrayBuffer(byteLength)),
  };
}

/** The four colours in a target, as RGB and, where there is one, alpha. */
function colours({ format, data }: CopyTarget): number[][] {
  return [0, 1, 2, 3].map((index) => {
    const at = ((index < 2 ? 12 : 36) * WIDTH + (index % 2 ? 48 : 16)) * 4;
    return ['R', 'G', 'B', 'A'].flatMap((letter) =>
      format.includes(letter) ? [data[at + format.indexOf(letter)] ?? -1] : [],
    );
  });
}

/** Copies a frame of the chart and closes it. Says by which way it went, once the colours were seen to be right. */
async function climb(
  ladder: CopyLadder,
  frame: VideoFrame = chartFrame('I420', WIDTH, HEIGHT),
  target = targetOf('RGBA'),
  source = 'I420',
): Promise<string> {
  try {
    const way = await ladder.copy(frame, target);
    expect(
      farthest(colours(target), expected(source, target.format)),
      `colours by ${way}`,
    ).toBeLessThanOrEqual(DRIFT);
    return way;
  } finally {
    frame.close();
  }
}

describe('an engine that does right', () => {
  test('is tested once for each kind of copy, by a small frame, however many come meanwhile', async () => {
    const ladder = new CopyLadder();
    const asked = engine();
    expect(await Promise.all([climb(ladder), climb(ladder), climb(ladder)])).toEqual([
      'converted',
      'converted',
      'converted',
    ]);
    expect(asked).toEqual(['RGBA', 'RGBA', 'RGBA', 'RGBA']);
    expect(await climb(ladder)).toBe('converted');
    expect(asked.length).toBe(5);
    expect(await climb(ladder, undefined, targetOf('BGRA'))).toBe('converted');
    expect(asked.slice(5)).toEqual(['BGRA', 'BGRA']);
    expect(await climb(ladder, chartFrame('RGBA', WIDTH, HEIGHT), undefined, 'RGBA')).toBe('own');
    expect(asked.slice(7)).toEqual(['own', 'own']);
  });

  test('is asked for nothing before the first copy', () => {
    const asked = engine();
    expect(new CopyLadder()).toBeInstanceOf(CopyLadder);
    expect(asked).toEqual([]);
  });
});

describe('an engine that ignores the conversion in silence, as WebKitGTK 2.50', () => {
  test('is found out, and frames are drawn', async () => {
    const asked = engine((copy) => copy({}));
    const ladder = new CopyLadder();
    expect(await climb(ladder)).toBe('drawn');
    expect(await climb(ladder)).toBe('drawn');
    expect(asked).toEqual(['RGBA']);
    expect(await climb(ladder, undefined, targetOf('BGRA'))).toBe('drawn');
    expect(await climb(ladder, undefined, targetOf('RGBX'))).toBe('drawn');
  });

  test('still copies what needs no conversion', async () => {
    engine((copy, { options: { layout = [] } }) => copy({ layout }));
    const ladder = new CopyLadder();
    expect(await climb(ladder, chartFrame('RGBA', WIDTH, HEIGHT), undefined, 'RGBA')).toBe('own');
    const target = targetOf('I420');
    const frame = chartFrame('I420', WIDTH, HEIGHT);
    expect(await ladder.copy(frame, target)).toBe('own');
    frame.close();
    expect(firstDifference(target.data, chart('I420', WIDTH, HEIGHT))).toBe(-1);
  });
});

describe('an engine that swaps red and blue', () => {
  test('when it converts is found out by the colours, and frames are drawn', async () => {
    engine(async (copy, { data, options }) => {
      const put = await copy();
      if (options.format !== undefined) swapRedAndBlue(data);
      return put;
    });
    expect(await climb(new CopyLadder())).toBe('drawn');
  });

  test('when it copies as is, is found out, and frames are converted', async () => {
    engine(async (copy, { data, options }) => {
      const put = await copy();
      if (options.format === undefined) swapRedAndBlue(data);
      return put;
    });
    const ladder = new CopyLadder();
    expect(await climb(ladder, chartFrame('RGBA', WIDTH, HEIGHT), undefined, 'RGBA')).toBe('converted');
  });
});

describe('an engine that converts 8-bit colours wrongly', () => {
  test('is not asked to: bytes change their order without it, and without a loss', async () => {
    const asked = engine();
    const ladder = new CopyLadder();
    for (const source of ['RGBA', 'RGBX', 'BGRA', 'BGRX'] as const) {
      for (const target of ['RGBA', 'RGBX', 'BGRA'] as const) {
        const bytes = chart('RGBA', WIDTH, HEIGHT);
        const [red, blue] = [source.indexOf('R'), source.indexOf('B')];
        const stored = bytes.map((byte, at) =>
          at % 4 === red ? (bytes[at - red] ?? 0) : at % 4 === blue ? (bytes[at - blue + 2] ?? 0) : byte,
        );
        const size = { codedWidth: WIDTH, codedHeight: HEIGHT };
        const frame = new VideoFrame(stored, { format: source, ...size, timestamp: 0 });
        const copied = targetOf(target);
        expect(await ladder.copy(frame, copied), `${source} into ${target}`).toBe('own');
        frame.close();
        const alphas =
          source.endsWith('A') && target.endsWith('A') ? [255, 255, 255, 128] : [255, 255, 255, 255];
        const seen = colours({ ...copied, format: target.replace('X', 'A') as 'RGBA' });
        const kept = CHART.map(([r, g, b], index) => [r, g, b, alphas[index]]);
        if (source !== target) expect(seen, `${source} into ${target}`).toEqual(kept);
      }
    }
    expect(new Set(asked)).toEqual(new Set(['own']));
  });
});

describe('an engine that writes the byte without a meaning as it likes, as Firefox 153', () => {
  test('is trusted with the others', async () => {
    engine(async (copy, { data }) => {
      const put = await copy();
      for (let at = 3; at < data.length; at += 4) data[at] = 255;
      return put;
    });
    const target = targetOf('RGBX');
    expect(await climb(new CopyLadder(), chartFrame('RGBX', WIDTH, HEIGHT), target, 'RGBX')).toBe('own');
  });
});

describe('an engine that spoils planes', () => {
  test('is found out, and memory of planes is refused', async () => {
    engine(async (copy, { data }) => {
      const put = await copy();
      data[data.length - 1] = 1;
      return put;
    });
    const frame = chartFrame('I420', WIDTH, HEIGHT);
    await expect(new CopyLadder().copy(frame, targetOf('I420'))).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringContaining('memory of I420 cannot take a frame of I420'),
    });
    frame.close();
  });
});

describe('an engine that copies nothing', () => {
  const failing = (): Promise<PlaneLayout[]> => Promise.reject(new DOMException('no', 'NotSupportedError'));

  test('draws, and is asked once', async () => {
    const asked = engine(failing);
    const ladder = new CopyLadder();
    expect(await climb(ladder)).toBe('drawn');
    expect(await climb(ladder)).toBe('drawn');
    expect(asked).toEqual(['RGBA']);
    expect(await climb(ladder, chartFrame('BGRA', WIDTH, HEIGHT), undefined, 'BGRA')).toBe('drawn');
  });

  test('draws a part from where it begins', async () => {
    engine(failing);
    const frame = chartFrame('I420', WIDTH * 2, HEIGHT * 2, { rotation: 180 });
    const target = targetOf('RGBA');
    const ladder = new CopyLadder();
    expect(await ladder.copy(frame, target, { x: WIDTH / 2, y: HEIGHT / 2 })).toBe('drawn');
    expect(farthest(colours(target), expected('I420', 'RGBA'))).toBeLessThanOrEqual(DRIFT);
    frame.close();
  });

  test('draws every pixel as it is stored, whatever way up and in whatever proportions it is shown', async () => {
    engine(failing);
    const ladder = new CopyLadder();
    const noise = new Uint8Array(WIDTH * HEIGHT * 4).map((_, at) =>
      at % 4 === 3 ? 255 : (at * at * 31) % 251,
    );
    const init = { format: 'RGBX', codedWidth: WIDTH, codedHeight: HEIGHT, timestamp: 0 } as const;
    for (const rotation of [0, 90, 180, 270]) {
      for (const flip of [false, true]) {
        for (const displayWidth of [WIDTH / 2, WIDTH, WIDTH * 2]) {
          const shown = { ...init, displayWidth, displayHeight: HEIGHT, rotation, flip };
          const frame = new VideoFrame(noise, shown);
          const target = targetOf('RGBA');
          expect(await ladder.copy(frame, target)).toBe('drawn');
          frame.close();
          expect(firstDifference(target.data, noise), `${rotation}°, flip ${flip}, ${displayWidth}`).toBe(-1);
        }
      }
    }
  });
});

describe('an engine that makes no frames of a format from memory', () => {
  const frames = (count: number): VideoFrame[] =>
    Array.from({ length: count }, () => chartFrame('I444', WIDTH, HEIGHT));

  test('is tested by the first real frame', async () => {
    const [first, second] = frames(2);
    unableToMake('I444');
    const asked = engine();
    const ladder = new CopyLadder();
    expect(await climb(ladder, first)).toBe('converted');
    expect(asked).toEqual(['RGBA', 'RGBA']);
    expect(await climb(ladder, second)).toBe('converted');
    expect(asked.length).toBe(3);
  });

  test('and swaps colours when it converts, is found out by drawing that frame', async () => {
    const [first, second] = frames(2);
    unableToMake('I444');
    const asked = engine(async (copy, { data }) => {
      const put = await copy();
      swapRedAndBlue(data);
      return put;
    });
    const ladder = new CopyLadder();
    expect(await climb(ladder, first)).toBe('drawn');
    expect(await climb(ladder, second)).toBe('drawn');
    expect(asked).toEqual(['RGBA']);
  });

  test('and refuses the conversion, is asked once', async () => {
    const [first, second] = frames(2);
    unableToMake('I444');
    const asked = engine(() => Promise.reject(new DOMException('no', 'NotSupportedError')));
    const ladder = new CopyLadder();
    expect(await climb(ladder, first)).toBe('drawn');
    expect(await climb(ladder, second)).toBe('drawn');
    expect(asked).toEqual(['RGBA']);
  });

  test('and ignores the conversion, is found out by the planes that it names', async () => {
    const [first] = frames(1);
    unableToMake('I444');
    engine((copy) => copy({}));
    expect(await climb(new CopyLadder(), first)).toBe('drawn');
  });

  test('still copies its planes as they are', async () => {
    const [first, second] = frames(2);
    unableToMake('I444');
    engine();
    const ladder = new CopyLadder();
    for (const frame of [first, second]) {
      const target = targetOf('I444');
      expect(await ladder.copy(frame as VideoFrame, target)).toBe('own');
      expect(firstDifference(target.data, chart('I444', WIDTH, HEIGHT))).toBe(-1);
      frame?.close();
    }
  });

  /** A frame without colours, of this brightness at each of its pixels. */
  function colourless(brightness: (index: number) => number): VideoFrame {
    const pixels = WIDTH * HEIGHT;
    const data = Uint8Array.from({ length: pixels * 3 }, (_, at) => (at < pixels ? brightness(at) : 128));
    return new VideoFrame(data, {
      format: 'I444',
      codedWidth: WIDTH,
      codedHeight: HEIGHT,
      timestamp: 0,
    } as unknown as VideoFrameBufferInit);
  }

  test.each<[string, (index: number) => number]>([
    ['black', () => 16],
    ['black and white', (index) => 16 + (index % WIDTH) * 3],
  ])(
    'and swaps colours when it converts, is not believed for a film that begins in %s',
    async (_, brightness) => {
      const [chartOf] = frames(1);
      const first = colourless(brightness);
      unableToMake('I444');
      engine(async (copy, { data }) => {
        const put = await copy();
        swapRedAndBlue(data);
        return put;
      });
      const ladder = new CopyLadder();
      expect(await ladder.copy(first, targetOf('RGBA'))).toBe('drawn');
      first.close();
      expect(await climb(ladder, chartOf)).toBe('drawn');
    },
  );

  test('is tried ever more rarely for a film without colours, which is drawn', async () => {
    const frame = colourless((index) => 16 + (index % WIDTH) * 3);
    unableToMake('I444');
    const asked = engine();
    const ladder = new CopyLadder();
    for (let copies = 1; copies <= 20; copies++) {
      expect(await ladder.copy(frame, targetOf('RGBA'))).toBe('drawn');
    }
    frame.close();
    // At the 1st, 2nd, 4th, 8th and 16th.
    expect(asked.length).toBe(5);
  });

  test('and has no memory for the test, copies what it can and tests the next one', async () => {
    const [first, second] = frames(2);
    unableToMake('I444');
    engine();
    const { Uint8Array: Bytes } = globalThis;
    const ladder = new CopyLadder();
    const target = targetOf('RGBA');
    let refused = 0;
    vi.stubGlobal(
      'Uint8Array',
      new Proxy(Bytes, {
        construct(type, given: [number]) {
          if (given[0] === WIDTH * HEIGHT * 4 && refused++ === 0) throw new RangeError('no memory');
          return Reflect.construct(type, given) as Uint8Array;
        },
      }),
    );
    const way = await climb(ladder, first, target);
    vi.unstubAllGlobals();
    expect([way, refused > 0]).toEqual(['drawn', true]);
    expect(await climb(ladder, second)).toBe('converted');
  });

  test('learns nothing from a frame that is refused for itself', async () => {
    const [awkward, good] = frames(2);
    unableToMake('I444');
    engine((copy, { frame }) =>
      frame === awkward ? Promise.reject(new TypeError('not sample-aligned')) : copy(),
    );
    const ladder = new CopyLadder();
    expect(await climb(ladder, awkward)).toBe('drawn');
    expect(await climb(ladder, good)).toBe('converted');
  });
});

describe('an engine that puts planes elsewhere than it was asked to', () => {
  test('is not trusted with planes, known frame or not', async () => {
    const frames = ['I420', 'I444'].map((format) => chartFrame(format as 'I420', WIDTH, HEIGHT));
    unableToMake('I444');
    engine((copy, { options: { layout = [] } }) =>
      copy({
        layout: layout.map(({ offset, stride }) => ({ offset: offset / 2, stride: stride / 2 })),
      }).catch(() => []),
    );
    const ladder = new CopyLadder();
    for (const frame of frames) {
      await expect(ladder.copy(frame, targetOf(frame.format as 'I420'))).rejects.toMatchObject({
        name: 'NotSupportedError',
      });
      frame.close();
    }
  });
});

describe('a frame that the engine refuses for itself', () => {
  test.each(['TypeError', 'NotSupportedError', 'OperationError'])(
    'by a %s is drawn, and the others of its kind are converted as before',
    async (name) => {
      const awkward = chartFrame('I420', WIDTH, HEIGHT);
      engine((copy, { frame }) => {
        if (frame !== awkward) return copy();
        return Promise.reject(name === 'TypeError' ? new TypeError('odd') : new DOMException('odd', name));
      });
      const ladder = new CopyLadder();
      expect(await climb(ladder)).toBe('converted');
      expect(await climb(ladder, awkward)).toBe('drawn');
      expect(await climb(ladder)).toBe('converted');
    },
  );

  test('is refused by planes, with the engine’s error as the cause', async () => {
    const awkward = chartFrame('I420', WIDTH, HEIGHT);
    const cause = new TypeError('not sample-aligned');
    engine((copy, { frame }) => (frame === awkward ? Promise.reject(cause) : copy()));
    await expect(new CopyLadder().copy(awkward, targetOf('I420'))).rejects.toMatchObject({
      name: 'NotSupportedError',
      cause,
    });
    awkward.close();
  });

  test('and that is closed, rejects as the engine does', async () => {
    const ladder = new CopyLadder();
    expect(await climb(ladder)).toBe('converted');
    const frame = chartFrame('I420', WIDTH, HEIGHT);
    engine(() => Promise.reject(new DOMException('closed', 'InvalidStateError')));
    await expect(ladder.copy(frame, targetOf('RGBA'))).rejects.toMatchObject({ name: 'InvalidStateError' });
    frame.close();
  });
});

describe('an engine that does not write into shared memory', () => {
  test('is served by a detour, and not asked again', async () => {
    const asked = engine((copy, { data }) =>
      data.buffer instanceof SharedArrayBuffer ? Promise.reject(new TypeError('shared')) : copy(),
    );
    const ladder = new CopyLadder();
    const shared = (): CopyTarget => targetOf('RGBA', new SharedArrayBuffer(WIDTH * HEIGHT * 4));
    expect(await climb(ladder, undefined, shared())).toBe('converted');
    expect(asked.length).toBe(3);
    expect(await climb(ladder, undefined, shared())).toBe('converted');
    expect(asked.length).toBe(4);
  });
});

describe('a snapshot of a translucent canvas', () => {
  /** A snapshot by the library, of a canvas that shows the chart. */
  async function snapshot(): Promise<VideoFrame> {
    const pool = new VideoFramePool({
      capacity: 1,
      storage: canvasStorage({ width: WIDTH, height: HEIGHT }),
    });
    const handle = await pool.acquire();
    for (const [index, [red, green, blue, alpha]] of CHART.entries()) {
      handle.context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
      handle.context.fillRect((index % 2) * 32, index < 2 ? 0 : 24, 32, 24);
    }
    const frame = handle.toVideoFrame();
    handle.release();
    pool.close();
    return frame;
  }

  test.each(['RGBA', 'BGRA', 'RGBX'] as const)('has its true colours in %s', async (format) => {
    const frame = await snapshot();
    const source = frame.format ?? '';
    await climb(new CopyLadder(), frame, targetOf(format), source);
  });

  test.each(['RGBA', 'RGBX'] as const)(
    'has its true colours in %s where the engine copies nothing',
    async (format) => {
      engine(() => Promise.reject(new DOMException('no', 'NotSupportedError')));
      const frame = await snapshot();
      expect(await climb(new CopyLadder(), frame, targetOf(format), frame.format ?? '')).toBe('drawn');
    },
  );

  test('is left as it is where the engine keeps true colours', async () => {
    const straight = chart('BGRA', WIDTH, HEIGHT);
    const known: number[] = [];
    engine(async (copy, { data, frame }) => {
      const put = await copy();
      // The library's own test picture is 16 × 16; both are made as an engine would have them that divides by alpha.
      if (frame.codedWidth === WIDTH) data.set(straight);
      else for (let at = 0; at < data.length; at += 4) divide(data, at);
      known.push(frame.codedWidth);
      return put;
    });
    const frame = await snapshot();
    expect(frame.format).toBe('BGRA');
    const target = targetOf('BGRA');
    expect(await climb(new CopyLadder(), frame, target, 'BGRA')).toBe('own');
    expect(firstDifference(target.data, straight)).toBe(-1);
    expect(known).toEqual([16, WIDTH]);
  });

  const divide = (data: Uint8Array, at: number): void => {
    const alpha = (data[at + 3] ?? 255) / 255;
    for (const channel of [at, at + 1, at + 2]) data[channel] = Math.min(255, (data[channel] ?? 0) / alpha);
  };
});

import { describe, expect, test } from 'vitest';
import type { MemoryFormat } from '../../src/index.ts';
import { memoryStorage } from '../../src/index.ts';
import { thrownBy } from '../support/fake-outcomes.ts';

function layoutOf(format: MemoryFormat, codedWidth: number, codedHeight: number, rowAlignment?: number) {
  const { layout, byteLength } = memoryStorage({ format, codedWidth, codedHeight, rowAlignment });
  return { planes: layout.map(({ offset, stride }) => `${offset}/${stride}`).join(' '), byteLength };
}

describe('planes without a layout are adjacent', () => {
  test.each([
    ['I420', 320, 240, '0/320 76800/160 96000/160', 115_200],
    ['I420', 321, 241, '0/321 77361/161 96842/161', 116_323],
    ['I420', 1, 1, '0/1 1/1 2/1', 3],
    ['I420A', 320, 240, '0/320 76800/160 96000/160 115200/320', 192_000],
    ['I420P10', 320, 240, '0/640 153600/320 192000/320', 230_400],
    ['I420P12', 321, 241, '0/642 154722/322 193684/322', 232_646],
    ['I420AP10', 4, 2, '0/8 16/4 20/4 24/8', 40],
    ['I420AP12', 4, 2, '0/8 16/4 20/4 24/8', 40],
    ['I422', 321, 241, '0/321 77361/161 116162/161', 154_963],
    ['I422A', 4, 2, '0/4 8/2 12/2 16/4', 24],
    ['I422P10', 4, 2, '0/8 16/4 24/4', 32],
    ['I422P12', 5, 3, '0/10 30/6 48/6', 66],
    ['I422AP10', 4, 2, '0/8 16/4 24/4 32/8', 48],
    ['I422AP12', 4, 2, '0/8 16/4 24/4 32/8', 48],
    ['I444', 321, 241, '0/321 77361/321 154722/321', 232_083],
    ['I444A', 4, 2, '0/4 8/4 16/4 24/4', 32],
    ['I444P10', 4, 2, '0/8 16/8 32/8', 48],
    ['I444P12', 5, 3, '0/10 30/10 60/10', 90],
    ['I444AP10', 4, 2, '0/8 16/8 32/8 48/8', 64],
    ['I444AP12', 4, 2, '0/8 16/8 32/8 48/8', 64],
    ['NV12', 320, 240, '0/320 76800/320', 115_200],
    ['NV12', 321, 241, '0/321 77361/322', 116_323],
    ['RGBA', 321, 241, '0/1284', 309_444],
    ['RGBX', 3, 2, '0/12', 24],
    ['BGRA', 3, 2, '0/12', 24],
    ['BGRX', 16_384, 16_384, '0/65536', 1_073_741_824],
    ['I444AP12', 16_384, 16_384, '0/32768 536870912/32768 1073741824/32768 1610612736/32768', 2_147_483_648],
  ] as const)('%s, %i × %i', (format, width, height, planes, byteLength) => {
    expect(layoutOf(format, width, height)).toEqual({ planes, byteLength });
  });
});

describe('rowAlignment', () => {
  test.each([
    ['RGBA', 3, 2, 256, '0/256', 512],
    ['RGBA', 64, 2, 256, '0/256', 512],
    ['RGBA', 65, 2, 256, '0/512', 1024],
    ['I420', 321, 241, 256, '0/512 123392/256 154368/256', 185_344],
    ['I420', 10, 2, 1, '0/10 20/5 25/5', 30],
    ['I420P10', 10, 2, 7, '0/21 42/14 56/14', 70],
    ['NV12', 10, 2, 16, '0/16 32/16', 48],
  ] as const)('rounds rows up: %s, %i × %i by %i', (format, width, height, alignment, planes, byteLength) => {
    expect(layoutOf(format, width, height, alignment)).toEqual({ planes, byteLength });
  });

  test('that exceeds 32 bits is refused', () => {
    const options = { format: 'RGBA', codedWidth: 1, codedHeight: 5, rowAlignment: 2 ** 30 } as const;
    expect(String(thrownBy(() => memoryStorage(options)))).toMatch(
      /^RangeError: .*end at byte 4294967295 at most, got 1073741824/u,
    );
    expect(memoryStorage({ ...options, codedHeight: 3 }).byteLength).toBe(3 * 2 ** 30);
  });
});

describe('a layout of the app', () => {
  const at = (offset: number, stride = 160) => ({ offset, stride });
  const [Y, U, V] = [at(0, 320), at(76_800), at(96_000)] as const;
  const make = (layout: readonly PlaneLayout[], format: MemoryFormat = 'I420') =>
    memoryStorage({ format, codedWidth: 320, codedHeight: 240, layout });

  const overlap = (plane: number, least: number, other: number, got: number) =>
    `[${plane}].offset must be at least ${least}, the end of layout[${other}], got ${got}`;
  const STRIDE_BELOW = '[1].stride must be at least 160, the bytes of a row, got 159';
  const END_BEYOND = '[2] must end at byte 4294967295 at most, got an end at 4294967296';

  test('may have gaps, strides and any order, and ends with its last plane', () => {
    const layout = [at(40_000, 384), at(19_200), at(0)];
    const storage = make(layout);
    expect(storage.layout).toEqual(layout);
    expect(storage.byteLength).toBe(40_000 + 384 * 240);
    expect(Object.isFrozen(storage.layout)).toBe(true);
  });

  test('is independent of the array it was given as', () => {
    const layout = [{ offset: 0, stride: 1280 }];
    const storage = make(layout, 'RGBA');
    layout[0] = { offset: 5, stride: 1 };
    expect(storage.layout).toEqual([{ offset: 0, stride: 1280 }]);
    expect(Object.isFrozen(layout[0])).toBe(false);
  });

  test.each([
    ['planes too few', [Y, U], ' must have 3 planes, got 2'],
    ['planes too many', [Y, U, V, V], ' must have 3 planes, got 4'],
    ['a stride below the row', [Y, at(76_800, 159), V], STRIDE_BELOW],
    ['U within Y', [Y, at(76_799), V], overlap(1, 76_800, 0, 76_799)],
    ['V within U', [Y, U, at(95_999)], overlap(2, 96_000, 1, 95_999)],
    ['U within V, which is before it', [Y, at(95_999), at(76_800)], overlap(1, 96_000, 2, 95_999)],
    ['Y within U, which is first', [at(100, 320), at(0), V], overlap(0, 19_200, 1, 100)],
    ['U in the padding of Y', [at(0, 400), at(320), V], overlap(1, 96_000, 0, 320)],
    ['two planes in one place', [Y, U, U], overlap(2, 96_000, 1, 76_800)],
    ['an end beyond 32 bits', [Y, U, at(2 ** 32 - 19_200)], END_BEYOND],
    ['an offset below 0', [at(-1, 320), U, V], '[0].offset must be a whole number from 0'],
    ['a stride that is no integer', [at(0, 320.5), U, V], '[0].stride must be a whole number from 0'],
  ])('is refused with a RangeError that has a valid number: %s', (_what, layout, message) => {
    expect(String(thrownBy(() => make(layout)))).toContain(`RangeError: layout${message}`);
  });

  test('may end at the last byte that 32 bits can address', () => {
    expect(make([Y, U, at(2 ** 32 - 1 - 19_200)]).byteLength).toBe(2 ** 32 - 1);
  });

  test.each([
    ['no array', { 0: Y } as unknown as PlaneLayout[], 'layout must be an array'],
    ['no planes', [Y, null as unknown as PlaneLayout, V], 'layout[1] must be an object'],
    ['no offset', [Y, { stride: 160 } as PlaneLayout, V], 'layout[1].offset must be a whole number'],
  ])('is refused with a TypeError: %s', (_what, layout, message) => {
    expect(String(thrownBy(() => make(layout)))).toContain(`TypeError: ${message}`);
  });
});

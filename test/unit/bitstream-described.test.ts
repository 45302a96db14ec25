import { expect, test } from 'vitest';
import { streamParameters } from '../../src/bitstream/stream-parameters.ts';

const bytes = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../gu) ?? [], (byte) => parseInt(byte, 16));

/** As Firefox 153 writes it for 640 x 360: each parameter set has its header twice. */
const DESCRIPTION = bytes(
  '0142c01f03010018676742c01fd900a02ff9610000030001001e84800f1832480100066868cb83cb20',
);
const PACKET = bytes('000000176742c01fd900a02ff9610000030001001e84800f1832480000000568cb83cb20');

test('parameter sets in the packet override those of a wrong description', () => {
  const found = streamParameters({ codec: 'avc1.42001f', description: DESCRIPTION }, PACKET);
  expect(found).toMatchObject({ width: 640, height: 360, pixelAspect: null, isInterlaced: false });
});

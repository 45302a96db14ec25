/** Bits of an H.264 sequence parameter set (SPS): the VUI is cut off. */

/** Reads bits, most significant first. */
class BitReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bit(): number {
    const bit = ((this.#bytes[this.at >> 3] ?? 0) >> (7 - (this.at & 7))) & 1;
    this.at++;
    return bit;
  }

  bits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++) value = value * 2 + this.bit();
    return value;
  }

  /** Exp-Golomb code. */
  code(): number {
    let zeros = 0;
    while (this.bit() === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }
}

/** Profiles whose SPS has chroma format and bit depths. */
const HIGH_PROFILES = [100, 110, 122, 244, 44];

/** Without the bytes that keep start codes out (00 00 03). */
const unescaped = (bytes: Uint8Array): Uint8Array =>
  bytes.filter((byte, at) => !(byte === 3 && at >= 2 && bytes[at - 1] === 0 && bytes[at - 2] === 0));

/** Place of the flag that announces the VUI, in bits from the start of an unescaped SPS of frames without scaling matrices. */
function vuiFlagOf(sps: Uint8Array): number {
  const reader = new BitReader(sps);
  reader.bits(8);
  const profile = reader.bits(8);
  reader.bits(16);
  reader.code();
  if (HIGH_PROFILES.includes(profile)) {
    if (reader.code() === 3) reader.bit();
    reader.code();
    reader.code();
    reader.bit();
    if (reader.bit() === 1) throw new RangeError('the SPS has scaling matrices');
  }
  reader.code();
  const orderType = reader.code();
  if (orderType === 1) throw new RangeError('the SPS has picture order type 1');
  if (orderType === 0) reader.code();
  reader.code();
  reader.bit();
  reader.code();
  reader.code();
  if (reader.bit() === 0) reader.bit();
  reader.bit();
  if (reader.bit() === 1) for (let n = 0; n < 4; n++) reader.code();
  return reader.at;
}

/** The SPS without its VUI. */
export function withoutVui(sps: Uint8Array): Uint8Array {
  const bytes = unescaped(sps);
  const flag = vuiFlagOf(bytes);
  // The flag becomes 0, a stop bit and zeros follow. Sizes of these clips need no escape.
  const kept = Uint8Array.from(bytes.subarray(0, (flag + 1 + 8) >> 3));
  const setBit = (at: number, value: number): void => {
    const mask = 0x80 >> (at & 7);
    kept[at >> 3] = ((kept[at >> 3] ?? 0) & ~mask) | (value === 1 ? mask : 0);
  };
  setBit(flag, 0);
  setBit(flag + 1, 1);
  for (let at = flag + 2; at < kept.length * 8; at++) setBit(at, 0);
  return kept;
}

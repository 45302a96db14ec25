/** Bit reader for codec headers, most significant bit first. */

/** An Exp-Golomb code with more leading zeros is invalid in all of the formats that use it. */
const MAX_LEADING_ZEROS = 31;

/**
 * Never throws. A read beyond the end returns 0 and makes `isValid` false for good, so that a parser checks once, after its last
 * field. A loop over a count from the stream still needs a bound on that count.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #length: number;
  #position = 0;
  #isValid = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#length = bytes.length * 8;
  }

  /** Whether every read so far was within the bytes and had a valid form. */
  get isValid(): boolean {
    return this.#isValid;
  }

  /** Offset of the next bit. */
  get position(): number {
    return this.#position;
  }

  /** Unsigned number of `count` bits, at most 32: `u(n)` of the specifications. */
  u(count: number): number {
    if (this.#position + count > this.#length) return this.#fail();
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#position >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
      this.#position++;
    }
    return value;
  }

  /** One bit as a boolean. */
  flag(): boolean {
    return this.u(1) === 1;
  }

  skip(count: number): void {
    if (this.#position + count > this.#length) this.#fail();
    else this.#position += count;
  }

  /** Unsigned Exp-Golomb code: `ue(v)`. */
  ue(): number {
    let zeros = 0;
    while (this.#isValid && !this.flag()) if (++zeros > MAX_LEADING_ZEROS) return this.#fail();
    return this.#isValid ? 2 ** zeros - 1 + this.u(zeros) : 0;
  }

  /** Signed Exp-Golomb code: `se(v)`. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }

  #fail(): number {
    this.#isValid = false;
    this.#position = this.#length;
    return 0;
  }
}

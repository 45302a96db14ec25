/** Bit-by-bit writer of codec headers, for streams that no encoder of the test machine can make. */
export class BitWriter {
  readonly #bits: number[] = [];

  u(count: number, value: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) % 2);
    return this;
  }

  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.u(length, 0).u(length + 1, value + 1);
  }

  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** Appends the bits of another writer. */
  append(other: BitWriter): this {
    this.#bits.push(...other.#bits);
    return this;
  }

  /** Returns the bits, a stop bit, and zeros up to a whole byte. */
  bytes(): number[] {
    const bits = [...this.#bits, 1];
    while (bits.length % 8 !== 0) bits.push(0);
    const bytes: number[] = [];
    for (let i = 0; i < bits.length; i += 8) bytes.push(parseInt(bits.slice(i, i + 8).join(''), 2));
    return bytes;
  }
}

/** Colours of the page, for charts. */

/** Custom properties of the page that are read. */
const COLOURS = ['--free', '--lent', '--decoding', '--quiet', '--line'] as const;

/** A colour, by its custom property. */
export type Colour = (typeof COLOURS)[number];

/**
 * Reads all colours at once: reading one between two drawings forces a style recalculation, which took 5 % of the time.
 */
export class Palette {
  readonly #style = getComputedStyle(document.documentElement);
  #colours = this.#readAll();

  /** Reads the colours again. */
  read(): void {
    this.#colours = this.#readAll();
  }

  /** Returns a colour as of the last read. */
  colourOf(name: Colour): string {
    return this.#colours[name];
  }

  #readAll(): Record<Colour, string> {
    const entries = COLOURS.map((name) => [name, this.#style.getPropertyValue(name).trim()] as const);
    // A boundary: the object has an entry for each name.
    return Object.fromEntries(entries) as Record<Colour, string>;
  }
}

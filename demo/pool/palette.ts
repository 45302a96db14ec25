/** The page's colours for charts. */

/** Custom properties of the page, as they are now. */
const COLOURS = ['--free', '--lent', '--decoding', '--quiet', '--line'] as const;

/** A colour of the page, by its custom property. */
export type Colour = (typeof COLOURS)[number];

/**
 * Colours that are read all at once: to ask the page for one between two drawings makes it work out its style again, which
 * took 5 % of the time.
 */
export class Palette {
  readonly #style = getComputedStyle(document.documentElement);
  #colours = this.#ask();

  /** Reads them anew. */
  read(): void {
    this.#colours = this.#ask();
  }

  /** As it was when they were read. */
  colourOf(name: Colour): string {
    return this.#colours[name];
  }

  #ask(): Record<Colour, string> {
    const entries = COLOURS.map((name) => [name, this.#style.getPropertyValue(name).trim()] as const);
    // A boundary: what has an entry for each of the names has all of them.
    return Object.fromEntries(entries) as Record<Colour, string>;
  }
}

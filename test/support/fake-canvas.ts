/** `OffscreenCanvas` for Node, with a 2D context that records its calls. */

/** Bytes of a canvas of 64 × 48, the size in the pools of tests. */
export const CANVAS_BYTES = 64 * 48 * 4;

/** Behaviour of all fake canvases until the end of the test. */
const fresh = {
  /** Number of canvases that can still be made before allocation fails. */
  room: Infinity,
  /** Whether `getContext('2d')` returns a context. */
  contexts: true,
  /** Whether `drawImage()` throws. */
  drawFails: false,
  /** Whether contexts keep their pixels as float16 if float16 is requested. */
  float16: false,
};
let behaviour = { ...fresh };
let made = 0;
let emptied = 0;

/** Changes the behaviour of fake canvases, until the end of the test. */
export const setCanvases = (change: Partial<typeof fresh>): void => void Object.assign(behaviour, change);

/** Number of canvases that were made in this test. */
export const canvasesMade = (): number => made;

/** Number of canvases that still have pixels. A canvas of size 0 has released them. */
export const canvasesOpen = (): number => made - emptied;

export function resetCanvases(): void {
  behaviour = { ...fresh };
  made = 0;
  emptied = 0;
}

export class FakeContext {
  readonly canvas: FakeOffscreenCanvas;
  /** The pictures that were drawn since the last reset. */
  drawn: { timestamp: number; box: readonly number[]; transform: string }[] = [];
  #lost = false;
  #transform: string[] = [];

  readonly #settings: { colorType?: string };

  constructor(canvas: FakeOffscreenCanvas, settings: { colorType?: string } = {}) {
    this.canvas = canvas;
    this.#settings = settings;
  }

  getContextAttributes(): { colorType: string } {
    const { colorType = 'unorm8' } = this.#settings;
    return { colorType: behaviour.float16 ? colorType : 'unorm8' };
  }
  /** For tests: the GPU process ends. */
  lose(): void {
    this.#lost = true;
  }
  /** Whether the next holder would find this context in its initial state. */
  get isPristine(): boolean {
    return this.drawn.length === 0 && this.#transform.length === 0;
  }
  isContextLost(): boolean {
    return this.#lost;
  }
  reset(): void {
    this.drawn = [];
    this.#transform = [];
  }
  translate(x: number, y: number): void {
    this.#transform.push(`translate ${x} ${y}`);
  }
  rotate(radians: number): void {
    this.#transform.push(`rotate ${Math.round((radians * 180) / Math.PI)}`);
  }
  scale(x: number, y: number): void {
    this.#transform.push(`scale ${x} ${y}`);
  }
  setTransform(...matrix: number[]): void {
    const identity = matrix.join() === '1,0,0,1,0,0';
    this.#transform = identity ? [] : [`matrix ${matrix.join(' ')}`];
  }
  drawImage(source: { timestamp: number; codedWidth: number }, ...box: number[]): void {
    if (behaviour.drawFails) throw new DOMException('drawImage failed', 'InvalidStateError');
    if (source.codedWidth === 0)
      throw new DOMException('drawImage: the frame is closed', 'InvalidStateError');
    this.drawn.push({ timestamp: source.timestamp, box, transform: this.#transform.join(', ') });
  }
}

export class FakeOffscreenCanvas {
  #width: number;
  #height: number;
  #context: FakeContext | null = null;
  #transferred = false;

  constructor(width: number, height: number) {
    if (behaviour.room <= 0) throw new DOMException('no room for another canvas', 'QuotaExceededError');
    behaviour.room--;
    made++;
    this.#width = width;
    this.#height = height;
  }

  /** For tests: `postMessage(canvas, [canvas])`. */
  transfer(): void {
    this.#transferred = true;
  }
  get width(): number {
    return this.#transferred ? 0 : this.#width;
  }
  set width(pixels: number) {
    this.#requireHere();
    if (this.#width > 0 && pixels === 0) emptied++;
    this.#width = pixels;
  }
  get height(): number {
    return this.#transferred ? 0 : this.#height;
  }
  set height(pixels: number) {
    this.#requireHere();
    this.#height = pixels;
  }
  getContext(kind: string, settings?: { colorType?: string }): FakeContext | null {
    if (kind !== '2d' || !behaviour.contexts) return null;
    this.#context ??= new FakeContext(this, settings);
    return this.#context;
  }

  #requireHere(): void {
    if (this.#transferred) throw new DOMException('the canvas was transferred', 'InvalidStateError');
  }
}

/** The fake behind a canvas that a pool lends. */
export function fakeCanvas(canvas: OffscreenCanvas): FakeOffscreenCanvas {
  if (!(canvas instanceof FakeOffscreenCanvas)) throw new TypeError('not a fake canvas');
  return canvas;
}

/** The fake behind a context that a pool lends. */
export function fakeContext(context: OffscreenCanvasRenderingContext2D): FakeContext {
  if (!(context instanceof FakeContext)) throw new TypeError('not a fake context');
  return context;
}

/** An `OffscreenCanvas` for Node, with a 2D context that writes down what was asked of it. */

/** What all fake canvases do from here on; `resetCanvases()` sets it back after each test. */
interface Behaviour {
  /** How many more canvases may be made before the engine has no room. */
  room: number;
  /** Whether `getContext('2d')` gives one. */
  contexts: boolean;
  /** Whether the next `drawImage()` throws. */
  drawFails: boolean;
}

const fresh = (): Behaviour => ({ room: Infinity, contexts: true, drawFails: false });
let behaviour = fresh();
let made: FakeOffscreenCanvas[] = [];

/** Changes what fake canvases do, until the end of the test. */
export const setCanvases = (change: Partial<Behaviour>): void => void Object.assign(behaviour, change);

/** How many canvases were made in this test. */
export const canvasesMade = (): number => made.length;

/** How many of them still have pixels. */
export const canvasesKept = (): number => made.filter(({ width }) => width > 0).length;

export function resetCanvases(): void {
  behaviour = fresh();
  made = [];
}

export class FakeContext {
  readonly canvas: FakeOffscreenCanvas;
  /** What was drawn since the last reset: the timestamp of each picture, and where it went. */
  drawn: { timestamp: number; box: readonly number[]; transform: string }[] = [];
  /** Resets so far. */
  resets = 0;
  /** Draws so far, over all lendings. */
  draws = 0;
  #lost = false;
  #transform: string[] = [];

  constructor(canvas: FakeOffscreenCanvas) {
    this.canvas = canvas;
  }

  /** For tests: the GPU process goes. */
  lose(): void {
    this.#lost = true;
  }
  /** Whether a lending would find this context like new. */
  get isPristine(): boolean {
    return this.drawn.length === 0 && this.#transform.length === 0;
  }
  isContextLost(): boolean {
    return this.#lost;
  }
  reset(): void {
    this.resets++;
    this.drawn = [];
    this.#transform = [];
  }
  translate(x: number, y: number): void {
    this.#transform.push(`translate ${x} ${y}`);
  }
  rotate(radians: number): void {
    this.#transform.push(`rotate ${Math.round((radians * 180) / Math.PI)}`);
  }
  setTransform(...matrix: number[]): void {
    const identity = matrix.join() === '1,0,0,1,0,0';
    this.#transform = identity ? [] : [`matrix ${matrix.join(' ')}`];
  }
  drawImage(source: { timestamp: number; codedWidth: number }, ...box: number[]): void {
    if (behaviour.drawFails) throw new DOMException('drawImage failed', 'InvalidStateError');
    if (source.codedWidth === 0)
      throw new DOMException('drawImage: the frame is closed', 'InvalidStateError');
    this.draws++;
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
    made.push(this);
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
    this.#width = pixels;
  }
  get height(): number {
    return this.#transferred ? 0 : this.#height;
  }
  set height(pixels: number) {
    this.#requireHere();
    this.#height = pixels;
  }
  getContext(kind: string): FakeContext | null {
    if (kind !== '2d' || !behaviour.contexts) return null;
    this.#context ??= new FakeContext(this);
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

/** Pictures that an encoder has to work for: a rotating gradient, noise that drifts over it, and boxes that move. */

/** Pixels of a side of the noise, which is repeated. */
const TILE = 256;

/** Opacity of the noise, of 255. */
const NOISE_ALPHA = 60;

const BOXES = 12;

let tile: OffscreenCanvas | null = null;

/** The 2D context of a canvas. */
export function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D;
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D;
export function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas): unknown {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2D context');
  return context;
}

/** Paints one frame. */
export function paint(canvas: OffscreenCanvas, frame: number): void {
  const { width, height } = canvas;
  const context = contextOf(canvas);
  const angle = frame / 30;
  const gradient = context.createLinearGradient(
    width / 2 + width * Math.cos(angle),
    height / 2 + height * Math.sin(angle),
    width / 2 - width * Math.cos(angle),
    height / 2 - height * Math.sin(angle),
  );
  gradient.addColorStop(0, '#0b3d91');
  gradient.addColorStop(0.5, '#f2c14e');
  gradient.addColorStop(1, '#8c1c13');
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);

  const noise = context.createPattern((tile ??= makeTile()), 'repeat');
  if (noise === null) throw new Error('no pattern');
  noise.setTransform(new DOMMatrix().translate(frame * 3, frame * 2));
  context.fillStyle = noise;
  context.fillRect(0, 0, width, height);

  for (let box = 0; box < BOXES; box++) {
    context.fillStyle = `hsl(${box * 30} 80% 50%)`;
    const x = (box * 211 + frame * (5 + box)) % width;
    const y = (box * 97 + frame * (3 + (box % 5))) % height;
    context.fillRect(x, y, 120, 90);
  }
}

function makeTile(): OffscreenCanvas {
  const canvas = new OffscreenCanvas(TILE, TILE);
  const context = contextOf(canvas);
  const image = context.createImageData(TILE, TILE);
  // A linear congruential generator (Numerical Recipes): the same clip each time.
  let state = 1;
  for (let at = 0; at < image.data.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    image.data.fill(state >>> 24, at, at + 3);
    image.data[at + 3] = NOISE_ALPHA;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

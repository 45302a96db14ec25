/**
 * Animation of the recording: a music box seen from above. Each frame depends on its time alone, so the result is
 * reproducible.
 */
import { angleOf, MELODY, NOTE_US, struckBy } from './music-box.ts';

/** Frame size in pixels. */
export const PICTURE = { width: 640, height: 360 } as const;

const CENTRE = { x: PICTURE.width / 2, y: PICTURE.height / 2 } as const;
const RADIUS = 112;
const SECOND = 1_000_000;

/** Hue of a note, in degrees. */
const hueOf = (place: number): number => 20 + (place / MELODY.length) * 300;

/** Paints the frame of a time in µs onto the whole canvas. */
export function paint(context: OffscreenCanvasRenderingContext2D, time: number): void {
  paintBackground(context, time);
  context.save();
  context.translate(CENTRE.x, CENTRE.y);
  paintHand(context, time);
  const ages = new Map(struckBy(time).map(({ place, age }) => [place, age]));
  for (const place of MELODY.keys()) paintNote(context, place, ages.get(place) ?? SECOND);
  context.restore();
  context.font = '600 20px system-ui, sans-serif';
  context.textBaseline = 'bottom';
  context.fillStyle = 'rgb(255 255 255 / 0.75)';
  context.fillText(`${(time / SECOND).toFixed(2)} s`, 20, PICTURE.height - 16);
}

function paintBackground(context: OffscreenCanvasRenderingContext2D, time: number): void {
  const { width, height } = PICTURE;
  const background = context.createRadialGradient(CENTRE.x, CENTRE.y, 20, CENTRE.x, CENTRE.y, width * 0.6);
  const hue = 225 + 25 * Math.sin(((time / SECOND) * Math.PI) / 5);
  background.addColorStop(0, `hsl(${hue} 45% 24%)`);
  background.addColorStop(1, `hsl(${hue} 55% 8%)`);
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  context.strokeStyle = 'rgb(255 255 255 / 0.16)';
  context.lineWidth = 2;
  context.beginPath();
  context.arc(CENTRE.x, CENTRE.y, RADIUS, 0, 2 * Math.PI);
  context.stroke();
}

/** Paints the hand, which turns once per melody and leaves a trail of light. */
function paintHand(context: OffscreenCanvasRenderingContext2D, time: number): void {
  const angle = angleOf(time / NOTE_US);
  const tail = 24;
  context.lineCap = 'round';
  for (let step = tail; step >= 0; step--) {
    const at = angle - step * 0.035;
    context.strokeStyle = `rgb(255 255 255 / ${step === 0 ? 0.95 : 0.1 * (1 - step / tail)})`;
    context.lineWidth = step === 0 ? 4 : 7;
    context.beginPath();
    context.moveTo(0, 0);
    context.lineTo(Math.sin(at) * (RADIUS - 20), -Math.cos(at) * (RADIUS - 20));
    context.stroke();
  }
}

/** Paints a note, which glows and emits a ring when it is struck. */
function paintNote(context: OffscreenCanvasRenderingContext2D, place: number, age: number): void {
  const x = Math.sin(angleOf(place)) * RADIUS;
  const y = -Math.cos(angleOf(place)) * RADIUS;
  const faded = Math.min(1, age / SECOND);
  const glow = (1 - faded) ** 2;
  if (faded < 1) {
    context.strokeStyle = `hsl(${hueOf(place)} 90% 70% / ${glow * 0.8})`;
    context.lineWidth = 1 + 3 * glow;
    context.beginPath();
    context.arc(x, y, 14 + 130 * faded, 0, 2 * Math.PI);
    context.stroke();
  }
  context.fillStyle = `hsl(${hueOf(place)} 85% ${60 + 28 * glow}%)`;
  context.beginPath();
  context.arc(x, y, 10 + 5 * glow, 0, 2 * Math.PI);
  context.fill();
}

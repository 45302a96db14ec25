/** Recorder of the frames that the page draws on its screen and in its slots. */
import type { Page } from 'playwright';

/** One drawing: the frame's timestamp in µs and the page's time in ms. */
export interface Drawing {
  readonly place: 'screen' | 'slots';
  readonly timestamp: number;
  readonly at: number;
}

/** Prepares a page to record its drawings. */
export async function watchDrawing(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const drawn: Drawing[] = [];
    Object.assign(globalThis, { drawn });
    const { drawImage } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.drawImage = function (
      this: CanvasRenderingContext2D,
      ...all: unknown[]
    ): void {
      const [picture] = all;
      const place = this.canvas.closest('#screen, #slots')?.id as Drawing['place'] | undefined;
      if (place !== undefined && picture instanceof VideoFrame)
        drawn.push({ place, timestamp: picture.timestamp, at: performance.now() });
      drawImage.apply(this, all as Parameters<typeof drawImage>);
    } as typeof drawImage;
  });
}

/** Drawings since the page was opened, or since `forgetDrawn()`. */
export const drawings = (page: Page): Promise<Drawing[]> =>
  page.evaluate(() => (globalThis as unknown as { drawn: Drawing[] }).drawn);

/** Timestamps of the frames drawn on the screen. */
export const drawnTimes = async (page: Page): Promise<number[]> =>
  (await drawings(page)).filter(({ place }) => place === 'screen').map(({ timestamp }) => timestamp);

export const forgetDrawn = (page: Page): Promise<void> =>
  page.evaluate(() => {
    (globalThis as unknown as { drawn: Drawing[] }).drawn.length = 0;
  });

/** Notes in the page which frames are drawn on the screen, by their times. */
import type { Page } from 'playwright';

interface Drawn {
  readonly drawn: number[];
}

/** To be called before the page is loaded. */
export async function watchDrawing(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const drawn: number[] = [];
    Object.assign(globalThis, { drawn });
    const { drawImage } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.drawImage = function (
      this: CanvasRenderingContext2D,
      ...all: unknown[]
    ): void {
      const [picture] = all;
      if (this.canvas.id === 'screen' && picture instanceof VideoFrame) drawn.push(picture.timestamp);
      drawImage.apply(this, all as Parameters<typeof drawImage>);
    } as typeof drawImage;
  });
}

/** The times of the frames that were drawn since the page was opened, or `forgetDrawn()` was called, in µs. */
export const drawnTimes = (page: Page): Promise<number[]> =>
  page.evaluate(() => (globalThis as unknown as Drawn).drawn);

/** Begins anew. */
export const forgetDrawn = (page: Page): Promise<void> =>
  page.evaluate(() => {
    (globalThis as unknown as Drawn).drawn.length = 0;
  });

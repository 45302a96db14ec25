/** Page object of the panel that shows the pools: lent frames, holders and slots. */
import type { Page } from 'playwright';
import { expect } from 'vitest';

/** The panel as a test sees it. The fixture opens its page. */
export abstract class PoolPanel {
  abstract get page(): Page;

  /** Number of lent frames or buffers of each pool, permits included, from the table of pools. */
  async lent(): Promise<Record<string, number>> {
    const lines = await this.page.$$eval('#pools tr', (rows) =>
      rows.map((row) => {
        const { pool = '', lent, decoding } = (row as HTMLElement).dataset;
        return [pool, Number(lent) + Number(decoding)] as const;
      }),
    );
    return Object.fromEntries(lines);
  }

  /** Waits until the table, which is updated a moment later, has these counts. */
  async lends(counts: Readonly<Record<string, number>>): Promise<void> {
    await expect.poll(() => this.lent()).toMatchObject(counts);
  }

  /** Waits until no pool lends anything. */
  async lendsNothing(): Promise<void> {
    await expect.poll(async () => new Set(Object.values(await this.lent()))).toEqual(new Set([0]));
  }

  /** Cells of a pool's row: name, lent count, holders, memory. */
  poolLine(name: string): Promise<string[]> {
    return this.texts(`#pools tr[data-pool="${name}"] > *`);
  }

  async count(name: 'free' | 'lent' | 'decoding' | 'waiting' | 'notices'): Promise<number> {
    return Number(await this.text(`#count-${name}`));
  }

  async text(selector: string): Promise<string> {
    return (await this.page.textContent(selector)) ?? '';
  }

  texts(selector: string): Promise<string[]> {
    return this.page.$$eval(selector, (found) => found.map(({ textContent }) => textContent ?? ''));
  }

  slots(): Promise<string[]> {
    return this.texts('#slots li');
  }

  /** Holds one more frame, and waits until this many are held. */
  async hold(count: number): Promise<void> {
    await this.page.click('#hold');
    await expect.poll(() => this.held()).toBe(count);
  }

  async held(): Promise<number> {
    return (await this.slots()).filter((text) => text.includes('held by you')).length;
  }
}

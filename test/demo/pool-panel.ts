/** Page object of the panel that shows the pools: what is lent, to which holders, and the slots. */
import type { Page } from 'playwright';
import { expect } from 'vitest';

/** The panel as a test sees it; its page is opened by the fixture. */
export abstract class PoolPanel {
  abstract get page(): Page;

  /** How many frames or buffers of each pool are lent, permits included, by the table of pools. */
  async lent(): Promise<Record<string, number>> {
    const lines = await this.page.$$eval('#pools tr', (rows) =>
      rows.map((row) => {
        const { pool = '', lent, decoding } = (row as HTMLElement).dataset;
        return [pool, Number(lent) + Number(decoding)] as const;
      }),
    );
    return Object.fromEntries(lines);
  }

  /** Waits until the table, which is drawn a moment later, has these counts. */
  async lends(counts: Readonly<Record<string, number>>): Promise<void> {
    await expect.poll(() => this.lent()).toMatchObject(counts);
  }

  /** Waits until nothing of any pool is lent. */
  async lendsNothing(): Promise<void> {
    await expect.poll(async () => new Set(Object.values(await this.lent()))).toEqual(new Set([0]));
  }

  /** Texts of a pool's line: its name, what is lent, the holders, the memory. */
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

  /** Holds one frame more, and waits until so many are held. */
  async hold(count: number): Promise<void> {
    await this.page.click('#hold');
    await expect.poll(() => this.held()).toBe(count);
  }

  async held(): Promise<number> {
    return (await this.slots()).filter((text) => text.includes('held by you')).length;
  }
}

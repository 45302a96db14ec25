/** Page that reads variants with the <video> element and with this library, on call from Node. */
import type { ElementReading, OursReading } from '../reading.ts';
import { readWithElement } from './element.ts';
import { readWithOurs } from './ours.ts';

/** Calls of the page. Both fetch the file whole, so that no server's answers matter. */
export interface VariantsPage {
  element(url: string, times: readonly number[]): Promise<ElementReading>;
  ours(url: string, times: readonly number[]): Promise<OursReading>;
}

declare global {
  var variants: VariantsPage;
}

const blobOf = async (url: string): Promise<Blob> => (await fetch(url)).blob();

globalThis.variants = {
  element: async (url, times) => readWithElement(await blobOf(url), times),
  ours: async (url, times) => readWithOurs(await blobOf(url), times),
};

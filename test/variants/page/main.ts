/** Page that reads variants with the <video> element and with this library, on call from Node. */
import type { ElementReading, OursReading, Question } from '../reading.ts';
import { readWithElement } from './element.ts';
import { readWithOurs } from './ours.ts';

/** Calls of the page. Both fetch the file whole, so that no server's answers matter. */
export interface VariantsPage {
  element(url: string, questions: readonly Question[]): Promise<ElementReading>;
  ours(url: string, questions: readonly Question[]): Promise<OursReading>;
}

declare global {
  var variants: VariantsPage;
}

const blobOf = async (url: string): Promise<Blob> => (await fetch(url)).blob();

globalThis.variants = {
  element: async (url, questions) => readWithElement(await blobOf(url), questions),
  ours: async (url, questions) => readWithOurs(await blobOf(url), questions),
};

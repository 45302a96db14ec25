/** Counts fake frames: each object that was constructed or cloned must be closed. */

/** What is open, by number. Descriptions only: a reference to a frame would keep it from being collected. */
const open = new Map<number, string>();
let lastNumber = 0;
let leftToCollection = 0;

/** Books a frame object. Returns its number, for `bookClosed()`. */
export function bookOpened(description: string): number {
  open.set(++lastNumber, description);
  return lastNumber;
}

/** Books the first close of a frame object. */
export function bookClosed(number: number): void {
  open.delete(number);
}

/** How many frame objects are open now. */
export const openFrames = (): number => open.size;

/**
 * Declares that this test leaves so many frame objects to garbage collection, which closes what it takes without a word
 * to any account. Exactly so many must be open when the test ends; fewer fail as well as more.
 */
export function leaveToCollection(count: number): void {
  leftToCollection += count;
}

/**
 * Ends a test's account, and starts the next one.
 *
 * @throws `Error` when the frames that are open are not exactly those left to collection.
 */
export function settleFrames(): void {
  const left = [...open.values()];
  const expected = leftToCollection;
  open.clear();
  leftToCollection = 0;
  if (left.length === expected) return;
  throw new Error(
    `${left.length} frames are open after the test, ${expected} were left to collection: ${left.join(', ')}`,
  );
}

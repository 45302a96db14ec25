/** What goes along with a frame: as it is at the call, and let go of where it does not go after all. */

/** Data of nobody else's, and what in it can be moved. */
export interface Payload {
  readonly data: unknown;
  readonly transfer: readonly Transferable[];
}

/** They keep memory until they are closed, and cloning data clones them. */
const CLOSABLE: readonly string[] = ['VideoFrame', 'AudioData', 'ImageBitmap'];

/**
 * Takes data as it is now: who sends it may change it while it waits, and its getters run here rather than amid a message.
 *
 * @throws `DataCloneError` for what cannot be sent; nothing was moved then. What a getter throws.
 */
export function packPayload(data: unknown, transfer: readonly Transferable[]): Payload {
  // What nobody can change needs no copy; a symbol, which cannot be sent, is refused by the copying.
  if (transfer.length === 0 && isPrimitive(data)) return { data, transfer };
  // Together, so that what was moved into the copy is listed with it.
  const copy = structuredClone({ data, transfer }, { transfer: [...transfer] });
  return { data: copy.data, transfer: [...new Set([...copy.transfer, ...movableIn(copy.data)])] };
}

const isPrimitive = (data: unknown): boolean =>
  data === null || !['object', 'function', 'symbol'].includes(typeof data);

/** Closes what will not be sent. */
export function closePayload({ transfer }: Payload): void {
  closeAll(transfer);
}

/** Closes what came with a frame that nobody took, so nobody else ever saw it. */
export function closeContents(data: unknown): void {
  closeAll(movableIn(data));
}

function closeAll(parts: Iterable<Transferable>): void {
  for (const each of parts) if (isClosable(each)) each.close();
}

/** The memory and the pictures in a structured clone: moved, they cost no second copy, and leave none behind to be closed. */
function movableIn(copy: unknown): Set<Transferable> {
  const found = new Set<Transferable>();
  // Sets and arrays tell also of what is added while they are walked through; a clone may lead back to itself.
  const parts = new Set<unknown>([copy]);
  for (const part of parts) {
    if (isClosable(part) || part instanceof ArrayBuffer) found.add(part);
    else if (ArrayBuffer.isView(part)) parts.add(part.buffer);
    else if (part instanceof Map) for (const entry of part) for (const each of entry) parts.add(each);
    else if (part instanceof Set) for (const each of part) parts.add(each);
    else if (typeof part === 'object' && part !== null)
      for (const each of Object.values(part)) parts.add(each);
  }
  return found;
}

function isClosable(value: unknown): value is Transferable & { close(): void } {
  return CLOSABLE.includes(Object.prototype.toString.call(value).slice('[object '.length, -1));
}

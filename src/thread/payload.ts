/** Data that is sent along with a frame: copied at the call, and closed if it is not sent. */

/** Data that no other code refers to, and the parts of it that can be transferred. */
export interface Payload {
  readonly data: unknown;
  readonly transfer: readonly Transferable[];
}

/** Objects that hold memory until they are closed. Cloning data clones them. */
const CLOSABLE: readonly string[] = ['VideoFrame', 'AudioData', 'ImageBitmap'];

/**
 * Copies data as it is at the call. The sender may change it during the wait, and its getters run here rather than
 * while a message is posted.
 *
 * @throws `DataCloneError` if the data cannot be serialized; in that case nothing was transferred. Errors of getters
 *   are passed on.
 */
export function packPayload(data: unknown, transfer: readonly Transferable[]): Payload {
  // Primitives are immutable and need no copy. A symbol cannot be serialized, so `structuredClone()` rejects it.
  if (transfer.length === 0 && isPrimitive(data)) return { data, transfer };
  // Both in one clone, so that transferred objects are listed as they are in the copy.
  const copy = structuredClone({ data, transfer }, { transfer: [...transfer] });
  return { data: copy.data, transfer: [...new Set([...copy.transfer, ...movableIn(copy.data)])] };
}

const isPrimitive = (data: unknown): boolean =>
  data === null || !['object', 'function', 'symbol'].includes(typeof data);

/** Closes data that is not going to be sent. */
export function closePayload({ transfer }: Payload): void {
  closeAll(transfer);
}

/** Closes the objects in data that arrived with an unused frame. No other code has seen them. */
export function closeContents(data: unknown): void {
  closeAll(movableIn(data));
}

function closeAll(parts: Iterable<Transferable>): void {
  for (const each of parts) if (isClosable(each)) each.close();
}

/** The buffers and pictures in a structured clone. Transferring them costs no second copy and leaves none to close. */
function movableIn(copy: unknown): Set<Transferable> {
  const found = new Set<Transferable>();
  // Sets and arrays also iterate entries that are added during the iteration. A clone may refer to itself.
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

/** Memory that came from another thread, and goes back there to be used again. */
import { requireWhole, shown } from '../errors.ts';
import type { Driver } from '../pool/storage.ts';
import { checkedLayout, planesOf, requireMemoryFormat } from './layout.ts';
import { memoryDriver } from './memory.ts';
import type { MemorySpec, PictureFacts } from './memory-item.ts';
import { isMemory, MemoryItem } from './memory-item.ts';

/** What goes over: how the memory is to be read, the memory, and whether it is to come back. */
interface MemoryParcel {
  readonly spec: MemorySpec;
  readonly facts: PictureFacts;
  readonly buffer: ArrayBufferLike;
  readonly returns: boolean;
}

/** What came over: what a slot there holds. */
export interface GuestMemory {
  readonly driver: Driver;
  readonly item: MemoryItem;
  /** whether its `buffer` is to be given back. */
  readonly returns: boolean;
}

/**
 * Reads what came over.
 *
 * @throws `TypeError` or `RangeError` for what no pool sends.
 */
export function unpackMemory(memory: unknown): GuestMemory {
  // Whatever it is, each part is looked at before it is used.
  const { spec: sent, facts, buffer, returns } = memory as Partial<MemoryParcel>;
  const { format, codedWidth, codedHeight, layout, shared } = (sent ?? {}) as Partial<MemorySpec>;
  const planes = planesOf(
    requireMemoryFormat(format),
    requireWhole('codedWidth', codedWidth, 1),
    requireWhole('codedHeight', codedHeight, 1),
  );
  const placed = checkedLayout(planes, layout ?? []);
  requireWhole('displayWidth', facts?.displayWidth, 1);
  requireWhole('displayHeight', facts?.displayHeight, 1);
  // Before anything is made of it: of what merely says how long it is, memory of that length would be made here.
  if (!isMemory(buffer)) throw new TypeError(`memory must come with its buffer, got ${shown(buffer)}`);
  const spec = { ...(sent as MemorySpec), ...placed, shared: shared === true };
  const item = new MemoryItem(spec, buffer);
  if (!item.isIntact) throw new RangeError(`memory must have ${spec.byteLength} bytes`);
  item.facts = facts as PictureFacts;
  const driver = memoryDriver({ ...spec, rowAlignment: null, clear: false });
  return { driver, item, returns: returns === true && !spec.shared };
}

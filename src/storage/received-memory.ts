/** Memory buffers from another thread: validation, and the slot content made of them. */
import { requireWhole, shown } from '../base/errors.ts';
import type { StorageAdapter } from '../pool/storage.ts';
import { checkedLayout, planesOf, requireMemoryFormat } from './layout.ts';
import { MAX_SIDE, memoryAllocator } from './memory.ts';
import type { PictureFacts } from './memory-item.ts';
import { MemoryItem } from './memory-item.ts';

/** Display sizes are 32 bits. */
const MAX_SHOWN = 2 ** 32 - 1;

/** Maximum length of a colour space's names in UTF-16 units; the longest has 12. */
const MAX_NAME = 64;

const TURNS: readonly unknown[] = [0, 90, 180, 270];

/** Slot content for received memory. */
export interface ReceivedMemory {
  readonly adapter: StorageAdapter;
  readonly item: MemoryItem;
  /** Whether `buffer` must be returned to its pool. */
  readonly returns: boolean;
}

/**
 * Validates received memory. Everything but the memory itself is copied.
 *
 * @throws `TypeError` or `RangeError` for a message that no pool sends.
 */
export function deserializeMemory(memory: unknown): ReceivedMemory {
  const { spec: sent, facts, buffer, returns } = fieldsOf(memory);
  const { format: name, codedWidth, codedHeight, layout, shared } = fieldsOf(sent);
  const format = requireMemoryFormat(name);
  const width = requireWhole('codedWidth', codedWidth, 1, MAX_SIDE);
  const height = requireWhole('codedHeight', codedHeight, 1, MAX_SIDE);
  // checkedLayout() validates any value.
  const placed = checkedLayout(planesOf(format, width, height), layout as PlaneLayout[]);
  const spec = { format, codedWidth: width, codedHeight: height, ...placed, shared: shared === true };
  const item = new MemoryItem(spec, requireBuffer(buffer, spec.shared));
  if (!item.isReusable) throw new RangeError(`memory must have ${spec.byteLength} bytes and a fixed length`);
  item.facts = factsOf(facts);
  const adapter = memoryAllocator({ ...spec, rowAlignment: null, clear: false });
  return { adapter, item, returns: returns === true && !spec.shared };
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** A buffer whose type contradicts `shared` could neither be lent nor returned. */
function requireBuffer(buffer: unknown, shared: boolean): ArrayBufferLike {
  const kind = Object.prototype.toString.call(buffer);
  if (kind !== (shared ? '[object SharedArrayBuffer]' : '[object ArrayBuffer]')) {
    throw new TypeError(`memory must be ${shared ? 'shared' : 'an ArrayBuffer'}, got ${shown(buffer)}`);
  }
  return buffer as ArrayBufferLike;
}

function factsOf(facts: unknown): PictureFacts {
  const { colorSpace, displayWidth, displayHeight, rotation, flip } = fieldsOf(facts);
  if (!TURNS.includes(rotation))
    throw new TypeError(`rotation must be a quarter turn, got ${shown(rotation)}`);
  return {
    rotation: rotation as PictureFacts['rotation'],
    flip: flip === true,
    displayWidth: requireWhole('displayWidth', displayWidth, 1, MAX_SHOWN),
    displayHeight: requireWhole('displayHeight', displayHeight, 1, MAX_SHOWN),
    colorSpace: colorSpaceOf(colorSpace),
  };
}

/** Names that this engine does not support are left to `VideoFrame`, which rejects them. */
function colorSpaceOf(colorSpace: unknown): VideoColorSpaceInit {
  const { primaries, transfer, matrix, fullRange } = fieldsOf(colorSpace);
  const named = { primaries, transfer, matrix };
  for (const [name, value] of Object.entries(named)) {
    if ((typeof value === 'string' && value.length < MAX_NAME) || value === null || value === undefined)
      continue;
    throw new TypeError(`colorSpace.${name} must be a name, got ${shown(value)}`);
  }
  // The boundary: strings, whose names the platform checks.
  return { ...(named as VideoColorSpaceInit), fullRange: typeof fullRange === 'boolean' ? fullRange : null };
}

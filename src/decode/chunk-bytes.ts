/** Bytes of an encoded chunk, copied into a shared buffer to read its headers. */

/** Grows to the size of the largest chunk. All decoders of this thread share it, because no caller keeps the bytes. */
let scratch = new Uint8Array(0);

/** Returns the bytes of a chunk. They are valid until the next call. */
export function bytesOf(chunk: EncodedVideoChunk): Uint8Array {
  const { byteLength } = chunk;
  if (scratch.length < byteLength) scratch = new Uint8Array(Math.max(byteLength, 2 * scratch.length));
  const bytes = scratch.subarray(0, byteLength);
  chunk.copyTo(bytes);
  return bytes;
}

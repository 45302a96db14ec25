/** The bytes of chunks, for as long as it takes to read their headers. */

/** Grows to the largest chunk. Shared by all decoders of this thread, because nobody keeps the bytes. */
let scratch = new Uint8Array(0);

/** The bytes of a chunk, valid until the next call. */
export function bytesOf(chunk: EncodedVideoChunk): Uint8Array {
  const { byteLength } = chunk;
  if (scratch.length < byteLength) scratch = new Uint8Array(Math.max(byteLength, 2 * scratch.length));
  const bytes = scratch.subarray(0, byteLength);
  chunk.copyTo(bytes);
  return bytes;
}

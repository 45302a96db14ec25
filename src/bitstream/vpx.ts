/** Frame headers of VP8 (RFC 6386, 9.1) and VP9 (bitstream specification, 6.2, 7.2 and annex B). */
import { BitReader } from './bit-reader.ts';
import { familyOf } from './codec.ts';

/** Fields of a key frame's header. */
export interface VpxKeyFrame {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Contains only the fields that the header specifies. */
  readonly colorSpace: VideoColorSpaceInit;
}

const VP8_START_CODE = [0x9d, 0x01, 0x2a];
const VP8_TAG_BYTES = 3;
const VP8_HEADER_BYTES = 10;
const VP9_FRAME_MARKER = 2;
const VP9_SYNC_CODE = 0x498342;
const VP9_RGB = 7;

/** VP9's color_space by number. The others are unknown, or have no term in WebCodecs. */
const VP9_MATRICES = new Map([
  [1, 'bt470bg'],
  [2, 'bt709'],
  [3, 'smpte170m'],
  [5, 'bt2020-ncl'],
  [VP9_RGB, 'rgb'],
]);

/** The beginning of a VP9 frame. */
export interface Vp9Start {
  readonly profile: number;
  readonly isKey: boolean;
  readonly isShown: boolean;
}

/** The frame tag of a VP8 packet. */
export interface Vp8Tag {
  readonly isKey: boolean;
  readonly isShown: boolean;
}

/** Null if the packet does not begin with a frame tag: its first partition must fit, and a key frame has a start code. */
export function readVp8Tag(packet: Uint8Array): Vp8Tag | null {
  const [first = 0, second = 0, third = 0] = packet;
  const isKey = (first & 1) === 0;
  const isShown = (first & 0b1_0000) !== 0;
  const partition = (first >> 5) | (second << 3) | (third << 11);
  const header = isKey ? VP8_HEADER_BYTES : VP8_TAG_BYTES;
  if (partition === 0 || header + partition > packet.length) return null;
  if (isKey && VP8_START_CODE.some((byte, i) => packet[VP8_TAG_BYTES + i] !== byte)) return null;
  return { isKey, isShown };
}

/** Null if the packet is not a key frame. */
export function parseVp8Key(packet: Uint8Array): VpxKeyFrame | null {
  if (readVp8Tag(packet)?.isKey !== true) return null;
  // The two highest bits of each value are a scale.
  const width = ((packet[6] ?? 0) | ((packet[7] ?? 0) << 8)) & 0x3fff;
  const height = ((packet[8] ?? 0) | ((packet[9] ?? 0) << 8)) & 0x3fff;
  return width > 0 && height > 0 ? { width, height, colorSpace: {} } : null;
}

/** Null if the bytes do not begin with a frame header. */
export function readVp9Start(frame: Uint8Array): Vp9Start | null {
  const bits = new BitReader(frame.subarray(0, 2));
  return readStart(bits);
}

function readStart(bits: BitReader): Vp9Start | null {
  if (bits.u(2) !== VP9_FRAME_MARKER) return null;
  const low = bits.u(1);
  const profile = low + 2 * bits.u(1);
  if (profile === 3) bits.skip(1);
  if (bits.flag()) return bits.isValid ? { profile, isKey: false, isShown: true } : null; // show_existing_frame
  const isKey = bits.u(1) === 0;
  const isShown = bits.flag();
  return bits.isValid ? { profile, isKey, isShown } : null;
}

/** Null if the packet does not begin with a key frame. */
export function parseVp9Key(packet: Uint8Array): VpxKeyFrame | null {
  const bits = new BitReader(packet.subarray(0, 32));
  const start = readStart(bits);
  if (start === null || !start.isKey) return null;
  bits.skip(1); // error_resilient_mode
  if (bits.u(24) !== VP9_SYNC_CODE) return null;
  const colorSpace = readColour(bits, start.profile);
  const width = bits.u(16) + 1;
  const height = bits.u(16) + 1;
  return bits.isValid ? { width, height, colorSpace } : null;
}

/** color_config() */
function readColour(bits: BitReader, profile: number): VideoColorSpaceInit {
  const hasSubsampling = profile === 1 || profile === 3;
  if (profile >= 2) bits.skip(1); // ten_or_twelve_bit
  const space = bits.u(3);
  const isFullRange = space === VP9_RGB || bits.flag();
  if (hasSubsampling) bits.skip(space === VP9_RGB ? 1 : 3);
  const matrix = VP9_MATRICES.get(space);
  // The DOM types lack the terms that were added for HDR.
  return { ...(matrix !== undefined && { matrix }), fullRange: isFullRange } as VideoColorSpaceInit;
}

/** The frames of a superframe, which is a packet of several; null if the packet is a single frame. */
export function vp9FramesIn(packet: Uint8Array): Uint8Array[] | null {
  const marker = packet[packet.length - 1] ?? 0;
  if ((marker & 0b1110_0000) !== 0b1100_0000) return null;
  const count = (marker & 0b111) + 1;
  const sizeBytes = ((marker >> 3) & 0b11) + 1;
  const index = packet.length - (2 + count * sizeBytes);
  // The index has the marker at both ends.
  if (index < 0 || packet[index] !== marker) return null;
  const frames: Uint8Array[] = [];
  let start = 0;
  for (let i = 0; i < count; i++) {
    let size = 0;
    for (let k = 0; k < sizeBytes; k++) size += (packet[index + 1 + i * sizeBytes + k] ?? 0) * 2 ** (8 * k);
    if (start + size > index) return null;
    frames.push(packet.subarray(start, start + size));
    start += size;
  }
  return frames;
}

/**
 * Whether all pictures of a packet are decoded but never shown. VP8 and VP9 have such pictures (alternate references). H.264 and
 * HEVC have none, and a packet of AV1 always shows exactly one (AV1 specification, 7.5).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6386#section-9.1 | RFC 6386, 9.1}, VP8's frame tag.
 * @see {@link https://www.webmproject.org/vp9/ | VP9 bitstream specification}, 6.2 uncompressed header, and annex B.
 */
export function isInvisible(codec: string, data: Uint8Array): boolean {
  const family = familyOf(codec);
  if (family === 'vp8') return readVp8Tag(data)?.isShown === false;
  if (family !== 'vp9') return false;
  return (vp9FramesIn(data) ?? [data]).every((frame) => readVp9Start(frame)?.isShown === false);
}

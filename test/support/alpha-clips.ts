/** Transparent videos made by tests. Frame n is grey, and both its grey and its alpha identify n. */
import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import { isAlphaKey } from '../../src/media/alpha-pairs.ts';

/** A transparent video. Numbers are frame numbers, at 25 frames per second. */
export interface AlphaClip {
  readonly codec?: 'vp8' | 'vp9';
  readonly container?: 'webm' | 'mkv';
  readonly width?: number;
  readonly height?: number;
  readonly frames?: number;
  /** Numbers of frames that are requested as key frames, in addition to the first. */
  readonly colourKeys?: readonly number[];
  readonly alphaKeys?: readonly number[];
  /** Whether a packet has alpha. By default all packets have alpha. */
  hasAlpha?(number: number): boolean;
}

/** µs from frame to frame. */
export const STEP = 40_000;

/** The grey of frame n, 0 to 255. */
export const greyOf = (number: number): number => 40 + 4 * number;

/** The alpha of frame n. It is within limited range, because Firefox 153 does not distinguish values beyond that. */
export const alphaOf = (number: number): number => 230 - 3 * number;

const CODECS = { vp8: 'vp8', vp9: 'vp09.00.10.08' } as const;

/** The codec string of a clip. */
export const codecOf = ({ codec = 'vp8' }: AlphaClip): string => CODECS[codec];

/** Makes the packets of a clip's frames. */
export async function packetsOf(clip: AlphaClip): Promise<EncodedPacket[]> {
  const { frames = 30, colourKeys = [], alphaKeys = [], hasAlpha = () => true } = clip;
  const numbers = Array.from({ length: frames }, (_, number) => number);
  // Limited range, the default of frames made of planes.
  const colours = await encodeLuma(
    clip,
    numbers.map((n) => Math.round(16 + (greyOf(n) * 219) / 255)),
    colourKeys,
  );
  const alphas = await encodeLuma(clip, numbers.map(alphaOf), alphaKeys);
  return colours.map((data, number) => {
    const alpha = hasAlpha(number) ? { alpha: alphas[number] ?? new Uint8Array() } : {};
    const type = isAlphaKey(codecOf(clip), data) ? 'key' : 'delta';
    return new EncodedPacket(data, type, (number * STEP) / 1e6, STEP / 1e6, number, undefined, alpha);
  });
}

/** Makes the clip as a file. */
export async function alphaBlob(clip: AlphaClip): Promise<Blob> {
  const { codec = 'vp8', container = 'webm', width = 64, height = 48 } = clip;
  const target = new BufferTarget();
  const format = container === 'webm' ? new WebMOutputFormat() : new MkvOutputFormat();
  const output = new Output({ format, target });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source, { frameRate: 25, canBeTransparent: true });
  await output.start();
  const decoderConfig = { codec: codecOf(clip), codedWidth: width, codedHeight: height };
  for (const packet of await packetsOf(clip)) await source.add(packet, { decoderConfig });
  await output.finalize();
  return new Blob([target.buffer ?? new ArrayBuffer()]);
}

/** Encodes a picture of each luma. */
async function encodeLuma(
  clip: AlphaClip,
  lumas: readonly number[],
  keys: readonly number[],
): Promise<Uint8Array[]> {
  const { width = 64, height = 48 } = clip;
  const packets: Uint8Array[] = [];
  const failures: unknown[] = [];
  const encoder = new VideoEncoder({
    output(chunk) {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      packets.push(data);
    },
    error: (error) => failures.push(error),
  });
  // WebKitGTK aborts if the first call of a page is an encoder's.
  await VideoDecoder.isConfigSupported({ codec: 'vp8' });
  encoder.configure({ codec: codecOf(clip), width, height, bitrate: 2_000_000, framerate: 25 });
  for (const [number, luma] of lumas.entries()) {
    const frame = lumaFrame(width, height, luma, number * STEP);
    encoder.encode(frame, { keyFrame: number === 0 || keys.includes(number) });
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  if (failures.length > 0) throw failures[0];
  return packets;
}

/** Makes a grey frame, owned by the caller. */
export function lumaFrame(width: number, height: number, luma: number, timestamp: number): VideoFrame {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(width * height + 2 * chroma)
    .fill(luma, 0, width * height)
    .fill(128, width * height);
  return new VideoFrame(data, { format: 'I420', codedWidth: width, codedHeight: height, timestamp });
}

/** The grey and the alpha in the middle of a frame, drawn on a transparent canvas. */
export function seenIn(frame: VideoFrame): { grey: number; alpha: number } {
  const { displayWidth: width, displayHeight: height } = frame;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  context.drawImage(frame, 0, 0, width, height);
  const [grey = 0, , , alpha = 0] = context.getImageData(width >> 1, height >> 1, 1, 1).data;
  return { grey, alpha };
}

/** A few small frames, encoded once, and any number of chunks of them with increasing times. */

/** Time between frames, in µs. */
export const FRAME_US = 40_000;

export const WIDTH = 64;
export const HEIGHT = 36;

/** Number of encoded frames, the first a key frame. */
const ROUND = 32;

/** The encoded round. */
export interface SmallFrames {
  readonly config: VideoDecoderConfig;
  /** The chunk of the frame of this number, which has no limit. */
  chunk(number: number): EncodedVideoChunk;
}

/** Encodes the round as VP8. */
export async function smallFrames(): Promise<SmallFrames> {
  const round: { type: EncodedVideoChunkType; data: Uint8Array<ArrayBuffer> }[] = [];
  let failure: DOMException | null = null;
  const encoder = new VideoEncoder({
    output(chunk) {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      round.push({ type: chunk.type, data });
    },
    error: (error) => (failure = error),
  });
  encoder.configure({ codec: 'vp8', width: WIDTH, height: HEIGHT, bitrate: 200_000, framerate: 25 });
  const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2D context');
  for (let number = 0; number < ROUND; number++) {
    context.fillStyle = `hsl(${number * 11} 60% 45%)`;
    context.fillRect(0, 0, WIDTH, HEIGHT);
    const frame = new VideoFrame(context.canvas, { timestamp: number * FRAME_US });
    encoder.encode(frame, { keyFrame: number === 0 });
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  if (failure !== null) throw failure;
  if (round.length !== ROUND) throw new Error(`${round.length} chunks of ${ROUND} frames`);
  return {
    config: { codec: 'vp8', codedWidth: WIDTH, codedHeight: HEIGHT },
    chunk(number) {
      const encoded = round[number % ROUND];
      if (encoded === undefined) throw new RangeError(`no frame ${number}`);
      return new EncodedVideoChunk({ ...encoded, timestamp: number * FRAME_US, duration: FRAME_US });
    },
  };
}

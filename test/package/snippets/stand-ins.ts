/**
 * Stand-ins for objects that snippets presume around them, in the page: a screen, a clip's chunks, a track that
 * moves, a device.
 */
import { ALL_FORMATS, EncodedPacketSink, Input, UrlSource } from 'mediabunny';

/** Throws unless both are the same, as JSON. */
export function equal(found: unknown, wanted: unknown): void {
  const [is, should] = [found, wanted].map((value) => JSON.stringify(value));
  if (is !== should) throw new Error(`found ${is}, expected ${should}`);
}

/**
 * Resolves when a condition holds; the test's own time limit ends it otherwise. Checks a moment later for the
 * first time, because the condition may use the next lines' declarations.
 */
export async function until(holds: () => boolean): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 5));
  while (!holds());
}

function canvasInPage() {
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no context');
  return { canvas, context };
}

/** A canvas in the page, and its number of drawings. `then` is called once, at the `most`th time. */
export function screen(most = Infinity, then: () => void = () => {}) {
  const { canvas, context } = canvasInPage();
  const draw = context.drawImage.bind(context) as (...given: unknown[]) => void;
  let count = 0;
  context.drawImage = (...given: unknown[]) => {
    draw(...given);
    if (++count === most) then();
  };
  return { canvas, context, drawn: () => count };
}

/** The file of the snippets. */
export const fileOf = async (name: string): Promise<Blob> => (await fetch(name)).blob();

/** The video track of a file, by mediabunny. */
export async function videoTrackOf(name: string) {
  const input = new Input({ formats: ALL_FORMATS, source: new UrlSource(new URL(name, location.href)) });
  const video = await input.getPrimaryVideoTrack();
  if (video === null) throw new Error('no video');
  return video;
}

/** The chunks of a file, for snippets that decode by themselves. */
export async function chunksOf(name: string) {
  const video = await videoTrackOf(name);
  const config = await video.getDecoderConfig();
  if (config === null) throw new Error('no configuration');
  async function* read(): AsyncGenerator<EncodedVideoChunk> {
    for await (const packet of new EncodedPacketSink(video).packets()) yield packet.toEncodedVideoChunk();
  }
  return { config, chunks: read() };
}

/** The track of a canvas on which something moves, until the track is stopped. */
export function movingTrack(): MediaStreamVideoTrack {
  const { canvas, context } = canvasInPage();
  const [track] = canvas.captureStream().getVideoTracks();
  if (track === undefined) throw new Error('no track of a canvas');
  let turn = 0;
  const timer = setInterval(() => {
    if (track.readyState === 'ended') clearInterval(timer);
    context.fillStyle = `hsl(${(turn += 10)} 50% 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }, 20);
  return track;
}

/** A WebGL context. */
export function glContext(): WebGL2RenderingContext {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (gl === null) throw new Error('no WebGL');
  return gl;
}

/** Reads a point of a texture that is not black if a picture was uploaded. */
export function equalNotBlack(gl: WebGL2RenderingContext, texture: WebGLTexture): void {
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const pixels = new Uint8Array(16 * 16 * 4);
  gl.readPixels(0, 0, 16, 16, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  if (!pixels.some((value, index) => index % 4 !== 3 && value > 0)) throw new Error('every pixel is black');
}

/** A device of the software adapter. */
export async function gpuDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error('no WebGPU');
  return adapter.requestDevice();
}

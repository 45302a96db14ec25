// @ts-check
/**
 * Features of the engines, as far as they differ or matter. The tests detect each feature by using it, and fail if an engine answers
 * differently. The table of guides/engines.md is made of this list, and `npm run check` compares the two.
 */

/** @typedef {'chromium' | 'firefox' | 'webkitgtk'} EngineName */

/** @typedef {boolean | string} Answer */

/**
 * @typedef {object} Fact
 * @property {string} feature In the words of guides/engines.md.
 * @property {Readonly<Record<EngineName, Answer>>} answers
 */

/** The versions that the answers are of. */
export const VERSIONS = { chromium: 'Chromium 156', firefox: 'Firefox 153', webkitgtk: 'WebKitGTK 2.50' };

/**
 * @param {string} feature @param {Answer} chromium @param {Answer} firefox @param {Answer} webkitgtk
 * @returns {Fact}
 */
const fact = (feature, chromium, firefox, webkitgtk) => ({
  feature,
  answers: { chromium, firefox, webkitgtk },
});

/** Features of the engines, by the names that tests use. */
export const FACTS = {
  decodesH264: fact('decodes H.264', true, true, true),
  decodesVp8: fact('decodes VP8', true, true, true),
  decodesVp9: fact('decodes VP9', true, true, true),
  decodesAv1: fact('decodes AV1', true, true, true),
  encodesH264: fact('encodes H.264', true, true, true),
  encodesVp8: fact('encodes VP8', true, true, true),
  encodesVp9: fact('encodes VP9', true, true, true),
  encodesOpus: fact('encodes Opus', true, true, true),
  encodesAac: fact('encodes AAC', false, false, true),
  decodedFormat: fact('format of decoded H.264', 'I420', 'BGRX', 'I420'),
  convertsToRgba: fact("`copyTo({ format: 'RGBA' })` converts", true, true, false),
  makesI422: fact('makes frames of I422 memory', true, false, false),
  makesI444: fact('makes frames of I444 memory', true, false, false),
  makesI420P10: fact('makes frames of I420P10 memory', true, false, false),
  takesMemory: fact('`new VideoFrame(memory, { transfer })` takes it', true, false, false),
  turnsFrames: fact('`new VideoFrame(…, { rotation })` rotates the picture', true, false, false),
  drawsParts: fact('`drawImage()` draws a part of a frame', true, true, false),
  keepsTranslucent: fact('a frame of a translucent canvas keeps its colours', false, true, true),
  drawsPlanarAlpha: fact('draws frames of I420A memory transparent', true, false, true),
  transparentFormat: fact('format of frames of transparent files', 'I420A', 'BGRA', 'I420A'),
  makesOddPlanes: fact('makes frames of planes of odd size', true, false, true),
  reportsLostContext: fact('reports that a canvas has lost its context', true, true, false),
  sendsFrames: fact('sends frames to workers', true, true, true),
  sendsStreams: fact('sends streams to workers', true, true, false),
  iteratesStreams: fact('`for await` over a stream', true, true, false),
  pipesWriteWhatTheyRead: fact(
    'a pipe ended by its own signal writes the chunk that it had just read',
    false,
    true,
    true,
  ),
  pipesReadOn: fact('a pipe ended by its own signal waits for its pending read', false, false, true),
  readsTracks: fact('`MediaStreamTrackProcessor` reads a track', true, false, false),
  readsTracksInWorkers: fact('the same, for a track that was sent to a worker', false, false, true),
  mirrorsVideos: fact('a `<video>` mirrors a file whose track is mirrored', true, false, true),
  showsTracks: fact('a `<video>` shows a captured canvas', true, true, false),
  sharesMemory: fact('shares memory with workers of isolated pages', true, true, true),
  paintsByGpu: fact('WebGL 2', true, false, true),
  hasGpuDevice: fact('WebGPU', true, false, false),
  knowsUsing: fact('`using`', true, true, false),
  collects: fact('collects garbage when a test requests it', true, true, false),
};

/** @typedef {keyof typeof FACTS} FactName */

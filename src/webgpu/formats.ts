/** The formats that pictures can be copied into, and what a pixel takes. */

/** Bytes of a pixel. The formats are those that `copyExternalImageToTexture()` takes. */
const BYTES_PER_PIXEL = {
  rgba8unorm: 4,
  'rgba8unorm-srgb': 4,
  bgra8unorm: 4,
  'bgra8unorm-srgb': 4,
  rgb10a2unorm: 4,
  rgba16float: 8,
  rgba32float: 16,
  r8unorm: 1,
  r16float: 2,
  r32float: 4,
  rg8unorm: 2,
  rg16float: 4,
  rg32float: 8,
} as const;

/** A format of textures, by WebGPU's names. */
export type TextureFormat = keyof typeof BYTES_PER_PIXEL;

/** Every format, in the order in which messages list them. */
export const TEXTURE_FORMATS: readonly string[] = Object.keys(BYTES_PER_PIXEL);

/** Whether pictures can be copied into textures of this format. */
export const isTextureFormat = (format: unknown): format is TextureFormat =>
  typeof format === 'string' && TEXTURE_FORMATS.includes(format);

/** Bytes of one pixel. */
export const bytesPerPixel = (format: TextureFormat): number => BYTES_PER_PIXEL[format];

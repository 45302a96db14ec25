/** Texture formats that pictures can be copied into, and their bytes per pixel. */

/** Bytes of a pixel in each format that `copyExternalImageToTexture()` supports. */
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

/** Name of a texture format, as in WebGPU. */
export type TextureFormat = keyof typeof BYTES_PER_PIXEL;

/** Every format, in the order that error messages use. */
export const TEXTURE_FORMATS: readonly string[] = Object.keys(BYTES_PER_PIXEL);

/** Whether pictures can be copied into textures of this format. */
export const isTextureFormat = (format: unknown): format is TextureFormat =>
  typeof format === 'string' && TEXTURE_FORMATS.includes(format);

/** Bytes of one pixel. */
export const bytesPerPixel = (format: TextureFormat): number => BYTES_PER_PIXEL[format];

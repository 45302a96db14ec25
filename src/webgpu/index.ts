/** Public exports of video-frame-pool/webgpu. */
export type { TextureDevice, TextureLike, TextureOf, TextureQueue } from './device.ts';
export type { TextureFormat } from './texture-item.ts';
export type { TextureStorage, TextureStorageOptions } from './texture.ts';
export { textureStorage } from './texture.ts';

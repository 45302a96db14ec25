/** GPU devices for tests, pools of textures on them, and readback of textures. */
import { onTestFinished } from 'vitest';
import type { PoolOptions, VideoFramePool } from '../../src/index.ts';
import type { TextureStorage, TextureStorageOptions } from '../../src/webgpu/index.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { checkedPool } from './checked-pools.ts';

const FLAGS = '--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader';

/** Makes a new device of the software adapter. */
export async function gpuDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error(`no WebGPU: start the browser with ${FLAGS}`);
  return adapter.requestDevice();
}

/** Makes a device that is destroyed when the test ends. */
export async function newDevice(): Promise<GPUDevice> {
  const device = await gpuDevice();
  onTestFinished(() => device.destroy());
  return device;
}

/** A proxy of a platform object, with these members in place of its own. */
export const altered = <T extends object>(real: T, given: Partial<Record<keyof T, unknown>>): T =>
  new Proxy(real, {
    get(target, name) {
      if (Object.hasOwn(given, name)) return (given as Record<PropertyKey, unknown>)[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

/** The device, which reports its loss when the test calls `lose()`. */
export function losable(real: GPUDevice): { device: GPUDevice; lose: () => void } {
  let lose = (): void => {};
  const lost = new Promise<object>((resolve) => {
    lose = () => resolve({ reason: 'unknown', message: 'unplugged' });
  });
  return { device: altered(real, { lost }), lose: () => lose() };
}

/** Makes a storage of 64 × 48 textures. */
export const texturesOn = (
  device: GPUDevice,
  options: Partial<TextureStorageOptions<GPUDevice>> = {},
): TextureStorage<GPUTexture> => textureStorage({ device, width: 64, height: 48, ...options });

/** Makes a checked pool of two 64 × 48 textures. */
export const texturePool = (
  device: GPUDevice,
  options: Partial<PoolOptions<TextureStorage<GPUTexture>>> = {},
): VideoFramePool<TextureStorage<GPUTexture>> => checkedPool({ storage: texturesOn(device), ...options });

/** `COPY_DST | MAP_READ` and `READ`, as the WebGPU specification numbers them. TypeScript declares no values for them. */
const READABLE = 0x08 | 0x01;
const READ = 0x01;

/** The rows of a copy begin at multiples of this number of bytes. */
const ROW_ALIGNMENT = 256;

/** Reads the bytes of a texture. Returns them as a function of a point. */
export async function texelsOf(
  device: GPUDevice,
  texture: GPUTexture,
  texelBytes = 4,
): Promise<(x: number, y: number) => Uint8Array> {
  const { width, height } = texture;
  const bytesPerRow = Math.ceil((width * texelBytes) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
  const buffer = device.createBuffer({ size: bytesPerRow * height, usage: READABLE });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await buffer.mapAsync(READ);
  const bytes = new Uint8Array(buffer.getMappedRange()).slice();
  buffer.destroy();
  return (x, y) => bytes.subarray(y * bytesPerRow + x * texelBytes, y * bytesPerRow + (x + 1) * texelBytes);
}

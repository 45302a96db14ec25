/** A GPU device for tests, and what is in its textures. */

/** A new device of the software adapter. */
export async function gpuDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) {
    throw new Error(
      'no WebGPU: start the browser with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader',
    );
  }
  return adapter.requestDevice();
}

/** `COPY_DST | MAP_READ` and `READ`, by the numbers of the WebGPU specification: TypeScript knows no values of it. */
const READABLE = 0x08 | 0x01;
const READ = 0x01;

/** Rows of a copy begin at multiples of so many bytes. */
const ROW_ALIGNMENT = 256;

/** The bytes of a texture, as a function of a point. */
export async function texelsOf(
  device: GPUDevice,
  texture: GPUTexture,
  texelBytes = 4,
): Promise<(x: number, y: number) => Uint8Array> {
  const { width, height } = texture;
  const bytesPerRow = Math.ceil((width * texelBytes) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
  const buffer = device.createBuffer({
    size: bytesPerRow * height,
    usage: READABLE,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await buffer.mapAsync(READ);
  const bytes = new Uint8Array(buffer.getMappedRange()).slice();
  buffer.destroy();
  return (x, y) => bytes.subarray(y * bytesPerRow + x * texelBytes, y * bytesPerRow + (x + 1) * texelBytes);
}

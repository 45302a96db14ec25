/** Counts the memory and the canvases that are made on the page, whoever makes them. */
import { onTestFinished, vi } from 'vitest';

/** Smaller memory is nobody's picture. */
const LEAST_BYTES = 4096;

const MEMORY = ['ArrayBuffer', 'SharedArrayBuffer', 'Uint8Array', 'Uint8ClampedArray'] as const;

/**
 * Notes what is made from here on, until the test is over.
 *
 * @param device - A GPU device whose textures are noted, too.
 * @returns What was made since this was last called, in words.
 */
export function countConstructions(device?: GPUDevice): () => string[] {
  const made: string[] = [];
  for (const name of MEMORY) {
    watch(name, ([bytes]) => {
      if (typeof bytes === 'number' && bytes >= LEAST_BYTES) made.push(`${name} of ${bytes} bytes`);
    });
  }
  watch('OffscreenCanvas', ([width, height]) => made.push(`OffscreenCanvas of ${width} × ${height}`));
  if (device !== undefined) {
    const create = device.createTexture.bind(device);
    device.createTexture = (descriptor) => {
      made.push(`GPUTexture of ${[...(descriptor.size as number[])].join(' × ')}`);
      return create(descriptor);
    };
  }
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  return () => made.splice(0);
}

function watch(name: string, note: (parameters: unknown[]) => void): void {
  const native = (globalThis as unknown as Record<string, new (...parameters: never[]) => object>)[name];
  if (native === undefined) throw new Error(`there is no ${name} here`);
  const construct = (target: typeof native, parameters: unknown[], newTarget: unknown): object => {
    note(parameters);
    return Reflect.construct(target, parameters, newTarget as typeof native);
  };
  vi.stubGlobal(name, new Proxy(native, { construct }));
}

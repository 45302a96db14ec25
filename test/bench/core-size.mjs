// @ts-check
/** The one measure that needs no browser: the bytes that an app downloads for the pool alone. */
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'rolldown';

/** The name that selects its row. */
export const CORE_SIZE = 'size of the core';

const ENTRY = 'bench:pool';

const SOURCE = fileURLToPath(new URL('../../src/index.ts', import.meta.url));

/** Bytes. */
const GOAL = 5000;

/** @returns {Promise<import('./page/row.ts').Row>} */
export async function coreSize() {
  const { output } = await build({
    input: ENTRY,
    write: false,
    platform: 'browser',
    plugins: [
      {
        name: 'an app of the pool',
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? `export { VideoFramePool } from ${JSON.stringify(SOURCE)};` : null),
      },
    ],
    output: { minify: true, codeSplitting: false },
  });
  const bytes = brotliCompressSync(output[0].code).length;
  return {
    name: `${CORE_SIZE}: import { VideoFramePool }, minified, brotli`,
    why: 'the download of an app that needs the pool alone',
    unit: 'B',
    held: 'number',
    ours: bytes,
    other: null,
    value: bytes,
    interval: null,
    values: [bytes],
    goal: { sense: 'at most', value: GOAL, bound: null },
    verdict: bytes <= GOAL ? 'met' : 'not met',
  };
}

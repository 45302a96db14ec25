/** The built files, read as text. */
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, repository } from '../surface/source.mjs';
import { unsafeUses } from '../surface/unsafe.mjs';

test.each([
  ['the package', 'dist', 100],
  ['the demo', 'dist-demo/assets', 3],
])('%s makes no code of a text, in any file', (_, folder, least) => {
  const files = filesUnder(`${repository}/${folder}`, /\.js$/u);
  expect(files.length).toBeGreaterThanOrEqual(least);
  // The demo's two workers, by addresses that its own policy has checked, as in the check of its sources. And
  // mediabunny's, for transparent samples, which this code never starts: it comes with the decoders that an app
  // may register.
  const workers = folder === 'dist' ? 0 : 3;
  const uses = files.flatMap((file) => unsafeUses(file));
  const others = uses.filter((use) => !use.endsWith(': makes a Worker'));
  expect([others, uses.length - others.length]).toEqual([[], workers]);
  expect(files.map((file) => basename(file))).toContainEqual(expect.stringMatching(/^index/u));
});

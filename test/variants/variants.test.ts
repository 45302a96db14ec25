/** A sample of the variants is read as ffmpeg and `<video>` read it, but for the differences of differences.json. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampledCount } from '../support/sampled.ts';
import { acceptedDifferences, judge } from './accepted.mjs';
import { VariantSession } from './session.ts';
import { VARIANTS } from './variants.ts';

/** Variants of one run. `npm run test:variants` takes all. */
const SAMPLE = 20;

describe('a file of the matrix', () => {
  let session: VariantSession;
  beforeAll(async () => {
    session = await VariantSession.start();
  });
  afterAll(() => session.close());

  test.each(sampledCount(VARIANTS, SAMPLE))('is read as listed: $name', async (variant) => {
    const { differences } = await session.read(variant);
    expect(judge(acceptedDifferences(), differences).unknown).toEqual([]);
  });
});

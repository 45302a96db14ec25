/** Frames a second with decoders that take a chunk only when a surface is free, as hardware decoders do. */
import { LimitedVideoDecoder } from '../../../src/testing/index.ts';
import type { Case } from '../page/case.ts';
import { madeClip } from '../page/clips.ts';
import { atLeast } from '../page/goal.ts';
import { framesPerSecond, pairedInTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { prepared } from '../page/sides.ts';
import { side as bare } from '../sides/decoding/bare.ts';
import { side as ours } from '../sides/decoding/decode-frames.ts';
import { HELD } from '../sides/side.ts';

/** The fewest surfaces with which a decoder can continue: the app holds all others while it requests a frame. */
const FEWEST = HELD + 1;

/** With the fewest surfaces, and with as many as hardware has. */
export const cases = (): Case[] =>
  [FEWEST, 16].map((surfaces) => ({
    name: `hardware-like decoder of ${surfaces} surfaces`,
    run: async (rounds) => [await withSurfaces(surfaces, rounds)],
  }));

async function withSurfaces(surfaces: number, rounds: number): Promise<Measure> {
  const clip = await madeClip.load();
  const decoder = LimitedVideoDecoder.with({ surfaces });
  const [own, other] = [await prepared(ours, clip, { decoder }), await prepared(bare, clip, { decoder })];
  return {
    name: `${madeClip.what}, decoder of ${surfaces} surfaces: ${ours.name} / ${bare.name}`,
    why: 'a frame that is held too long would be the surface that the decoder waits for',
    unit: '1/s',
    compared: await pairedInTurns(
      () => framesPerSecond(own),
      () => framesPerSecond(other),
      rounds,
    ),
    goal: atLeast(0.91),
  };
}

/**
 * The demo's player against an equal loop on mediabunny: the time to the first picture and of a seek, and the
 * dropped frames.
 */
import type { Case } from '../page/case.ts';
import { madeClip } from '../page/clips.ts';
import type { Goal } from '../page/goal.ts';
import { inTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { median, paired } from '../page/statistics.ts';
import type { Player } from '../players/player.ts';

/** Targets that alternate, in µs, over six seconds with a key frame every two. */
const SEEKS = [
  4_100_000, 900_000, 5_700_000, 2_050_000, 3_333_334, 133_334, 4_933_334, 1_966_667, 2_700_000, 5_066_667,
];

const players = Object.values(
  import.meta.glob<{ player: Player }>(['../players/*.ts', '!../players/player.ts'], { eager: true }),
).map(({ player }) => player);

export const cases = (): Case[] => [{ name: 'players, 1080p30', run: measured }];

async function measured(rounds: number): Promise<Measure[]> {
  const { blob } = await madeClip.load();
  const turns = await inTurns(
    Object.fromEntries(players.map((player) => [player.name, () => turnOf(player, blob)])),
    rounds,
  );
  const ours = players.find(({ rival }) => rival === null);
  if (ours === undefined) throw new Error('none of the players is ours');
  return players.flatMap(({ name, rival }): Measure[] => {
    if (rival === null) return [];
    const measure = (what: string, unit: string, figure: keyof Turn, goal: Goal | null): Measure => {
      const figures = (player: string): number[] => (turns[player] ?? []).map((turn) => turn[figure]);
      const compared = paired(figures(ours.name), figures(name));
      const sides = `${ours.name} / ${name}`;
      return { name: `player, 1080p30, ${what}: ${sides}`, why: rival.why, unit, compared, goal };
    };
    return [
      measure('time to the first picture', 'ms', 'first', rival.times),
      measure('time of a seek', 'ms', 'seek', rival.times),
      measure('dropped, plus one', 'pictures', 'droppedPlusOne', rival.drops),
    ];
  });
}

type Turn = Awaited<ReturnType<typeof turnOf>>;

/** Results of one turn of a player: ms, ms, pictures. */
async function turnOf(player: Player, blob: Blob) {
  const screen = document.createElement('canvas');
  document.body.append(screen);
  const begin = performance.now();
  const film = await player.open(blob, screen);
  const first = performance.now() - begin;
  const seeks: number[] = [];
  for (const time of SEEKS) {
    const start = performance.now();
    await film.seek(time);
    seeks.push(performance.now() - start);
  }
  const dropped = await film.play();
  await film.close();
  screen.remove();
  // One more than dropped, so that no divisor is 0.
  return { first, seek: median(seeks), droppedPlusOne: dropped + 1 };
}

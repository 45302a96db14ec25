/** The demo's player against an equal loop on mediabunny: when the first picture is there, how long a seek takes, what is dropped. */
import type { Case } from '../page/case.ts';
import { madeClip } from '../page/clips.ts';
import { inTurns } from '../page/rounds.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { median, paired } from '../page/statistics.ts';
import { demoPlayer } from '../players/demo.ts';
import type { Player } from '../players/player.ts';
import { sampleSink } from '../players/sample-sink.ts';
import { videoElement } from '../players/video-element.ts';

/** To and fro, in µs, over six seconds with a key frame every two. */
const SEEKS = [
  4_100_000, 900_000, 5_700_000, 2_050_000, 3_333_334, 133_334, 4_933_334, 1_966_667, 2_700_000, 5_066_667,
];

/** What one turn of a player comes to: ms, ms, pictures. */
interface Turn {
  readonly first: number;
  readonly seek: number;
  readonly dropped: number;
}

export const playerCases: Case[] = [
  {
    name: 'players, 1080p30',
    async run(rounds) {
      const { blob } = await madeClip();
      const turns = await inTurns(
        {
          ours: () => turnOf(demoPlayer, blob),
          other: () => turnOf(sampleSink, blob),
          element: () => turnOf(videoElement, blob),
        },
        rounds,
      );
      const row = (
        what: string,
        unit: string,
        other: keyof typeof turns,
        of: (turn: Turn) => number,
        goal: number | null,
      ): Row => {
        const { name } = other === 'element' ? videoElement : sampleSink;
        const compared = paired(turns.ours.map(of), turns[other].map(of));
        return rowOf(
          `player, 1080p30, ${what}: ${demoPlayer.name} / ${name}`,
          unit,
          compared,
          'at most',
          goal,
        );
      };
      return [
        row('time to the first picture', 'ms', 'other', ({ first }) => first, 1.1),
        row('time of a seek', 'ms', 'other', ({ seek }) => seek, 1.1),
        // One more than dropped, so that none is a number to divide by.
        row('dropped, plus one', '', 'other', ({ dropped }) => dropped + 1, 1),
        row('time to the first picture', 'ms', 'element', ({ first }) => first, null),
        row('time of a seek', 'ms', 'element', ({ seek }) => seek, null),
        row('dropped, plus one', '', 'element', ({ dropped }) => dropped + 1, null),
      ];
    },
  },
];

async function turnOf(player: Player, blob: Blob): Promise<Turn> {
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
  return { first, seek: median(seeks), dropped };
}

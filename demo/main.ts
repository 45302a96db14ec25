/** The demo's page: one pool, one player, and the pool shown beside it. */
import './style.css';
import { VideoFramePool } from '../src/index.ts';
import { openVideo } from '../src/media/index.ts';
import { makeChart } from './chart.ts';
import { connectControls, showPlayer } from './controls.ts';
import { element } from './elements.ts';
import { Holding } from './holding.ts';
import { Player } from './player.ts';
import { showPool } from './pool-panel.ts';
import { hideProblem, showProblem } from './problem.ts';
import { draw, fitScreen, nextPaint } from './screen.ts';
import type { Choice } from './sources.ts';
import { builtIn, onChoice } from './sources.ts';

const CAPACITY = 6;

try {
  start();
} catch (error) {
  showProblem(error);
}

function start(): void {
  const pool = new VideoFramePool({ capacity: CAPACITY, name: 'player' });
  const player: Player = new Player(pool, {
    show(handle) {
      draw(handle, player.reader?.rotation ?? 0);
      holding.offer(handle);
    },
    change() {
      showPlayer(player);
      if (player.state === 'playing') hideProblem();
    },
    fail: showProblem,
    nextPaint,
  });
  const holding = new Holding(player);
  connectControls(player);
  showPool(pool, makeChart());

  // One file at a time, the newest choice last: an opening that was overtaken is ended.
  let opening = new AbortController();
  const open = async ({ name, source }: Choice): Promise<void> => {
    opening.abort();
    opening = new AbortController();
    const { signal } = opening;
    try {
      const reader = await openVideo(source, { signal });
      if (signal.aborted) {
        await reader.close();
        return;
      }
      holding.letGo();
      hideProblem();
      fitScreen(reader);
      element('file-name', HTMLParagraphElement).textContent = name;
      await player.load(reader);
    } catch (error) {
      if (!signal.aborted) showProblem(error);
    }
  };
  onChoice((choice) => void open(choice));
  void open(builtIn);
}

/** The demo's page: a player, its film strip and its histogram, files that it makes, and beside them the pools in use. */
import './style.css';
import { FrameBudget, VideoFramePool } from '../src/index.ts';
import { openVideo } from '../src/media/index.ts';
import { makeChart } from './chart.ts';
import { connectControls, showPlayer } from './controls.ts';
import { element } from './elements.ts';
import { Exporting } from './exporting.ts';
import { FilmStrip } from './film-strip.ts';
import { Histogram } from './histogram.ts';
import { Holding } from './holding.ts';
import { Player } from './player.ts';
import { showPool } from './pool-panel.ts';
import { showPools } from './pools-table.ts';
import { hideProblem, PLAYER_POOL, showProblem } from './problem.ts';
import { Recording } from './recording.ts';
import { clearScreen, draw, fitScreen, nextPaint, screen } from './screen.ts';
import type { Choice } from './sources.ts';
import { builtIn, onChoice } from './sources.ts';

const CAPACITY = 6;

/** What all pools of the page may hold together: twenty decoded frames of 4K video. */
const MAX_BYTES = 256e6;

const closeButton = element('close', HTMLButtonElement);
const fileName = element('file-name', HTMLParagraphElement);

try {
  start();
} catch (error) {
  showProblem(error);
}

function start(): void {
  const budget = new FrameBudget({ maxBytes: MAX_BYTES });
  const pool = new VideoFramePool({ capacity: CAPACITY, name: PLAYER_POOL, budget });
  const player: Player = new Player(pool, {
    show(handle) {
      draw(handle, player.reader?.rotation ?? 0);
      holding.offer(handle);
      histogram.offer(handle);
    },
    change() {
      showPlayer(player);
      strip.mark(player.position);
      closeButton.disabled = player.reader === null;
      if (player.state === 'playing') hideProblem();
    },
    fail: showProblem,
    nextPaint,
  });
  const holding = new Holding(player);
  const strip = new FilmStrip(player, budget);
  const histogram = new Histogram(screen, budget);
  const exporting = new Exporting(budget, (made) => void open(made));
  new Recording((made) => void open(made));
  connectControls(player);
  showPool(pool, makeChart());
  showPools([pool, strip.frames, strip.pictures, histogram.memory, exporting.frames], budget);

  /** Everything that is held of the video goes back. */
  const letGo = (): void => {
    holding.letGo();
    strip.clear();
    histogram.clear();
    exporting.clear();
    hideProblem();
  };

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
      letGo();
      fitScreen(reader);
      fileName.textContent = name;
      await player.load(reader);
      // Another file that cannot be opened leaves this one where it is.
      if (player.reader === reader) {
        strip.show(reader);
        exporting.show(reader, name);
      }
    } catch (error) {
      if (!signal.aborted) showProblem(error);
    }
  };
  closeButton.addEventListener('click', () => {
    opening.abort();
    letGo();
    clearScreen();
    fileName.textContent = '';
    void player.unload();
  });
  onChoice((choice) => void open(choice));
  void open(builtIn);
}

/**
 * Entry point of the demo: connects the player, film strip, histogram, export and record panels, and the panels that
 * show the pools.
 */
import './view/style.css';
import { FrameBudget, VideoFramePool } from '../src/index.ts';
import { cameraMessage } from './view/camera-problem.ts';
import { connectControls, showControls } from './view/controls.ts';
import { element } from './view/elements.ts';
import { ExportPanel } from './export/export-panel.ts';
import { Video } from './player/video.ts';
import { FilmStrip } from './strip/film-strip.ts';
import { Histogram } from './histogram/histogram.ts';
import { HoldPanel } from './pool/hold-panel.ts';
import type { Origin } from './view/source-badge.ts';
import { showOrigin } from './view/source-badge.ts';
import type { PlayState } from './player/playable.ts';
import { connectKeys } from './view/keys.ts';
import { KEY_TABLE } from './view/key-table.ts';
import { onCancel, showOpening } from './view/opening.ts';
import { announce } from './view/live-region.ts';
import { watchFullScreen } from './view/full-screen.ts';
import { writeHelp } from './view/help.ts';
import { PoolPanel } from './pool/pool-panel.ts';
import { showPools } from './pool/pools-table.ts';
import { hideProblem, PLAYER_POOL, showProblem, workerMessage } from './view/problem.ts';
import { RecordPanel } from './export/record-panel.ts';
import { clearScreen, draw, fitFrame, fitScreen, nextPaint, screen } from './view/screen.ts';
import { builtIn, onChoice } from './view/sources.ts';
import type { Orientation } from './view/upright.ts';
import { UPRIGHT } from './view/upright.ts';
import { Comparison } from './pool/comparison/comparison.ts';
import type { ErrorSource } from './player/stage.ts';
import { Stage } from './player/stage.ts';

const CAPACITY = 6;

/** Memory limit of all pools of the page together, in bytes: about twenty decoded frames of 4K video. */
const MAX_BYTES = 256e6;

const closeButton = element('close', HTMLButtonElement);
const cameraButton = element('camera', HTMLButtonElement);
const workerSwitch = element('in-worker', HTMLInputElement);
const fileName = element('file-name', HTMLParagraphElement);

const MESSAGES: Partial<Record<ErrorSource, (error: unknown) => string>> = {
  camera: cameraMessage,
  worker: workerMessage,
};

try {
  start();
} catch (error) {
  showProblem(error);
}

function start(): void {
  const budget = new FrameBudget({ maxBytes: MAX_BYTES });
  const pool = new VideoFramePool({ capacity: CAPACITY, name: PLAYER_POOL, budget, trackHolders: true });
  let lastState: PlayState = 'empty';
  const stage: Stage = new Stage(pool, {
    show(handle) {
      if (stage.camera !== null) fitFrame(handle);
      const orientation = orientationOf(stage);
      draw(handle, orientation);
      poolPanel.offer(handle);
      holdPanel.offer(handle, orientation);
      histogram.offer(handle);
    },
    change() {
      const { current } = stage;
      const { state, position } = current;
      showControls(stage);
      showOpening(stage.opening);
      announce(stage, stage.opening);
      showOrigin(originOf(stage));
      workerSwitch.checked = stage.wantsWorker;
      strip.mark(position);
      closeButton.disabled = state === 'empty';
      // Only when playback starts, not on each frame: an error about another source must stay readable while this one
      // plays.
      if (state === 'playing' && lastState !== 'playing') hideProblem();
      lastState = state;
    },
    leave() {
      holdPanel.releaseAll();
      poolPanel.clear();
      strip.clear();
      histogram.clear();
      exportPanel.clear();
      hideProblem();
    },
    enter(what) {
      if (what instanceof Video) fitScreen(what.reader);
      else clearScreen();
      fileName.textContent = what instanceof Video ? what.name : what === null ? '' : 'camera';
    },
    ready({ reader, name }) {
      strip.show(reader);
      exportPanel.show(reader, name);
    },
    fail: (error, from) => showProblem(error, MESSAGES[from]),
    nextPaint,
  });
  const holdPanel = new HoldPanel(stage, budget);
  const { canvases, memory } = holdPanel.copies;
  const strip = new FilmStrip(
    {
      get position() {
        return stage.current.position;
      },
      seek: async (time) => stage.current.seekable?.seek(time),
    },
    budget,
  );
  const histogram = new Histogram(screen, budget);
  const exportPanel = new ExportPanel(budget, (made) => void stage.openVideo(made));
  new RecordPanel((made) => void stage.openVideo(made));
  connectKeys(stage);
  connectControls(stage);
  watchFullScreen();
  writeHelp(KEY_TABLE);
  onCancel(() => stage.cancelOpening());
  // A camera has no drop count of its own: its pool counts the frames that it drops because the page is slow or no slot
  // is free.
  const poolPanel = new PoolPanel(pool, {
    get dropped() {
      return stage.current.seekable?.droppedCount ?? pool.stats().dropped;
    },
    get orientation() {
      return orientationOf(stage);
    },
  });
  for (const copies of [canvases, memory]) poolPanel.notices.listen(copies);
  showPools(
    [pool, strip.frames, strip.canvases, histogram.memory, exportPanel.frames, canvases, memory],
    budget,
  );
  new Comparison(String(builtIn.source));

  closeButton.addEventListener('click', () => stage.close());
  cameraButton.addEventListener('click', () => void stage.openCamera());
  workerSwitch.addEventListener('change', () => void stage.decodeInWorker(workerSwitch.checked));
  // A page in the back/forward cache would keep the camera's light on.
  addEventListener('pagehide', () => {
    const { camera } = stage;
    if (camera === null) return;
    stage.close();
    camera.turnOff();
  });
  document.addEventListener('visibilitychange', () => {
    stage.isHidden = document.visibilityState === 'hidden';
  });
  onChoice({
    choose: (choice) => void stage.openVideo(choice),
    refuse: (message) => showProblem(null, () => message),
  });
  void stage.openVideo(builtIn);
}

const orientationOf = ({ video }: Stage): Orientation => video?.reader ?? UPRIGHT;

function originOf({ camera, video }: Stage): Origin {
  if (camera !== null) return 'camera';
  if (video === null) return 'nothing';
  return video.isInWorker ? 'worker' : 'main thread';
}

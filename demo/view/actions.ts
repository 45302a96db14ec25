/** Actions of the player, shared by buttons and keys. Each returns whether it did something. */
import type { Playable, Seekable, Sound } from '../player/playable.ts';

/** Target of the actions. */
export interface ActionTarget {
  readonly current: Playable;
  readonly sound: Sound;
}

/** Performs one action; returns whether there was anything to do. */
export type Action = (driven: ActionTarget) => boolean;

/** Playback rates on offer; 1 is normal speed. */
export const RATES = [0.25, 0.5, 1, 1.5, 2, 4] as const;

/** Pending seek targets in µs. With them, quick successive jumps add up, and the seek bar does not move back. */
const seekTargets = new WeakMap<Seekable, number>();

/** Toggles between playing and paused. */
export const toggle: Action = ({ current }) => {
  const { state } = current;
  if (state === 'empty') return false;
  if (state === 'playing' || state === 'starved') current.pause();
  else current.play();
  return true;
};

/** Steps one frame forward or back. */
export const step = (direction: 1 | -1): Action =>
  onSeekable((video) => {
    void video.step(direction);
  });

/** Seeks by a distance in µs. */
export const jump =
  (distance: number): Action =>
  ({ current }) => {
    const { seekable } = current;
    if (seekable !== null) seekTo(seekable, targetPosition(current) + distance);
    return seekable !== null;
  };

/** Seeks to a fraction of the video: 0 is its start, 1 its end. */
export const goTo = (fraction: number): Action =>
  onSeekable((video) => seekTo(video, video.start + Math.round(fraction * (video.end - video.start))));

/** Changes to the next faster or slower rate. */
export const changeRate = (direction: 1 | -1): Action =>
  onSeekable((video) => {
    const others = RATES.filter((rate) => (rate - video.rate) * direction > 0);
    video.rate = others.at(direction === 1 ? 0 : -1) ?? video.rate;
  });

/** Toggles looping. */
export const toggleLoop: Action = onSeekable((video) => {
  video.loops = !video.loops;
});

/** Starts the range at the frame on the screen. */
export const beginRange: Action = ({ current: { position, seekable } }) => {
  if (seekable === null) return false;
  const to = seekable.range?.to ?? seekable.end;
  seekable.range = { from: position, to: to > position ? to : seekable.end };
  return true;
};

/** Ends the range after the frame on the screen, which is included. */
export const endRange: Action = ({ current: { position, seekable } }) => {
  if (seekable === null) return false;
  const from = seekable.range?.from ?? seekable.start;
  seekable.range = { from: from <= position ? from : seekable.start, to: position + 1 };
  return true;
};

/** Removes the range. */
export const clearRange: Action = ({ current: { seekable } }) => {
  if (seekable === null || seekable.range === null) return false;
  seekable.range = null;
  return true;
};

/** Changes the volume by a step. Raising it also unmutes. */
export const changeVolume =
  (by: number): Action =>
  ({ sound }) => {
    if (sound.state !== 'on') return false;
    setVolume(sound, sound.volume + by);
    return true;
  };

/** Toggles mute. */
export const toggleMute: Action = ({ sound }) => {
  if (sound.state !== 'on') return false;
  sound.muted = !sound.muted;
  return true;
};

/** Sets the volume, from 0 to 1, rounded to whole percents. Raising it also unmutes. */
export function setVolume(sound: Sound, volume: number): void {
  const louder = volume > sound.volume;
  sound.volume = Math.round(Math.min(1, Math.max(0, volume)) * 100) / 100;
  if (louder) sound.muted = false;
}

/** Seeks to a time in µs, clamped to the video. */
export function seekTo(video: Seekable, time: number): void {
  const target = Math.min(video.end, Math.max(video.start, time));
  seekTargets.set(video, target);
  void video.seek(target).finally(() => seekTargets.delete(video));
}

/** Returns the pending seek target, or the current position, in µs. */
export function targetPosition({ seekable, position }: Playable): number {
  return (seekable === null ? undefined : seekTargets.get(seekable)) ?? position;
}

function onSeekable(act: (video: Seekable) => void): Action {
  return ({ current: { seekable } }) => {
    if (seekable !== null) act(seekable);
    return seekable !== null;
  };
}

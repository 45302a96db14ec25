/** What people can do with what is on; buttons and keys do the same. Each says whether there was something to do. */
import type { Playable, Seekable, Sound } from '../player/playable.ts';

/** What is driven. */
export interface ActionTarget {
  readonly current: Playable;
  readonly sound: Sound;
}

/** Something that can be done. */
export type Action = (driven: ActionTarget) => boolean;

/** The speeds that are offered; 1 is the video's own. */
export const RATES = [0.25, 0.5, 1, 1.5, 2, 4] as const;

/** Where videos are on their way to, while they are: so that jumps in quick succession add up, and the seek bar does not go back. */
const wishes = new WeakMap<Seekable, number>();

/** Plays what stands, and stops what plays. */
export const toggle: Action = ({ current }) => {
  const { state } = current;
  if (state === 'empty') return false;
  if (state === 'playing' || state === 'starved') current.pause();
  else current.play();
  return true;
};

/** Goes one frame on or back. */
export const step = (direction: 1 | -1): Action =>
  onSeekable((video) => {
    void video.step(direction);
  });

/** Goes so far on or back, in µs. */
export const jump =
  (distance: number): Action =>
  ({ current }) => {
    const { seekable } = current;
    if (seekable !== null) seekTo(seekable, whereTo(current) + distance);
    return seekable !== null;
  };

/** Goes to a part of the video: 0 is its start, 1 its end. */
export const goTo = (share: number): Action =>
  onSeekable((video) => seekTo(video, video.start + Math.round(share * (video.end - video.start))));

/** Goes to the next of the speeds. */
export const changeRate = (direction: 1 | -1): Action =>
  onSeekable((video) => {
    const others = RATES.filter((rate) => (rate - video.rate) * direction > 0);
    video.rate = others.at(direction === 1 ? 0 : -1) ?? video.rate;
  });

/** Begins again at the end, or does not. */
export const toggleLoop: Action = onSeekable((video) => {
  video.loops = !video.loops;
});

/** Begins the range at the frame on the screen. */
export const beginRange: Action = ({ current: { position, seekable } }) => {
  if (seekable === null) return false;
  const to = seekable.range?.to ?? seekable.end;
  seekable.range = { from: position, to: to > position ? to : seekable.end };
  return true;
};

/** Ends the range with the frame on the screen, which is played too. */
export const endRange: Action = ({ current: { position, seekable } }) => {
  if (seekable === null) return false;
  const from = seekable.range?.from ?? seekable.start;
  seekable.range = { from: from <= position ? from : seekable.start, to: position + 1 };
  return true;
};

/** Plays all of the video again. */
export const clearRange: Action = ({ current: { seekable } }) => {
  if (seekable === null || seekable.range === null) return false;
  seekable.range = null;
  return true;
};

/** Turns the sound up or down; who turns it up wants to hear it. */
export const changeVolume =
  (by: number): Action =>
  ({ sound }) => {
    if (sound.state !== 'on') return false;
    setVolume(sound, sound.volume + by);
    return true;
  };

/** Silences the sound, or does not. */
export const toggleMute: Action = ({ sound }) => {
  if (sound.state !== 'on') return false;
  sound.muted = !sound.muted;
  return true;
};

/** Sets how loud it is, from 0 to 1, in whole percents. */
export function setVolume(sound: Sound, volume: number): void {
  const louder = volume > sound.volume;
  sound.volume = Math.round(Math.min(1, Math.max(0, volume)) * 100) / 100;
  if (louder) sound.muted = false;
}

/** Goes to a time, in µs, or to the video's nearest end. */
export function seekTo(video: Seekable, time: number): void {
  const wanted = Math.min(video.end, Math.max(video.start, time));
  wishes.set(video, wanted);
  void video.seek(wanted).finally(() => wishes.delete(video));
}

/** Where it is, or where it is on its way to, in µs. */
export function whereTo({ seekable, position }: Playable): number {
  return (seekable === null ? undefined : wishes.get(seekable)) ?? position;
}

function onSeekable(act: (video: Seekable) => void): Action {
  return ({ current: { seekable } }) => {
    if (seekable !== null) act(seekable);
    return seekable !== null;
  };
}

/** Mute and volume; where there is no sound they are off, and say why. */
import type { Sound } from '../player/playable.ts';
import { nameControl, press, showIcon } from './buttons.ts';
import { element } from './elements.ts';

const mute = element('mute', HTMLButtonElement);
const volume = element('volume', HTMLInputElement);

/** Brings them in line with the sound of what is on. */
export function showSound(sound: Sound): void {
  const { state, muted } = sound;
  const isOff = state !== 'on';
  const isSilent = isOff || muted || sound.volume === 0;
  mute.disabled = isOff;
  volume.disabled = isOff;
  showIcon(mute, isSilent ? 'muted' : 'sound');
  press(mute, muted);
  nameControl(mute, 'Mute');
  if (!volume.matches(':active')) volume.value = String(sound.volume);
  const said = `${Math.round(sound.volume * 100)} %${muted ? ', muted' : ''}`;
  if (volume.ariaValueText !== said) volume.ariaValueText = said;
  volume.style.setProperty('--share', volume.value);
  const reason = reasonOf(sound);
  volume.title = reason ?? `Volume ${said} (↑ ↓)`;
  if (reason !== null) mute.title = reason;
}

function reasonOf({ state, why }: Sound): string | null {
  if (state === 'on') return null;
  if (state === 'none') return 'No sound here';
  return `The sound cannot be played here: ${why ?? 'its codec is not known'}`;
}

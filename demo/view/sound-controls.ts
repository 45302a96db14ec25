/** Mute button and volume bar. Without sound they are disabled and give the reason. */
import type { Sound } from '../player/playable.ts';
import { nameControl, press, showIcon } from './buttons.ts';
import { element } from './elements.ts';

const mute = element('mute', HTMLButtonElement);
const volume = element('volume', HTMLInputElement);

/** Updates them from the sound of the current source. */
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
  const valueText = `${Math.round(sound.volume * 100)} %${muted ? ', muted' : ''}`;
  if (volume.ariaValueText !== valueText) volume.ariaValueText = valueText;
  volume.style.setProperty('--share', volume.value);
  const reason = reasonOf(sound);
  volume.title = reason ?? `Volume ${valueText} (↑ ↓)`;
  if (reason !== null) mute.title = reason;
}

function reasonOf({ state, why }: Sound): string | null {
  if (state === 'on') return null;
  if (state === 'none') return 'No sound';
  return `Sound cannot be played: ${why ?? 'unknown codec'}`;
}

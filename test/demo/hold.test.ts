/** Holding, copying and leaking frames in the built demo. */
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';

const demo = useDemo({ after: (it) => it.lends({ 'canvas copies': 0, 'memory copies': 0 }) });

const notices = (): Promise<string[]> => demo.texts('#notices li');
const says = (): Promise<string> => demo.text('#hold-text');
const releaseAll = (): Promise<void> => demo.page.click('#release-held');

describe.each([
  ['canvas', 'canvas copies'],
  ['memory', 'memory copies'],
])('held as a copy: %s', (form, pool) => {
  /** Selects the form, and holds copies one by one. */
  const keep = async (count: number): Promise<void> => {
    await demo.page.selectOption('#hold-as', form);
    for (let copies = 1; copies <= count; copies++) {
      await demo.page.click('#hold');
      await demo.lends({ [pool]: copies });
    }
  };

  test('more copies than slots are held, and playback continues', async () => {
    await demo.setCapacity(2);
    await demo.playOn();
    await keep(4);
    expect((await demo.poolLine(pool))[2]).toBe('held by you');
    await expect.poll(says).toBe('4 copies saved. The player is not affected.');
    await demo.expectPlayback();
    expect(await demo.state()).toBe('playing');
    expect(await demo.problem()).toBe('');
    await demo.pause();
    await releaseAll();
    await demo.lends({ [pool]: 0 });
    expect(await demo.page.$$('#saved-copies li')).toHaveLength(0);
  });

  test('a copy of an older size is unchanged, and is destroyed on release', async () => {
    // The notices of previous tests would look the same.
    await demo.openAlone();
    await keep(1);
    await demo.page.selectOption('#copy-size', '180');
    expect(await demo.lent()).toMatchObject({ [pool]: 1 });
    await releaseAll();
    await expect.poll(notices).toContainEqual(`${pool}: released, discarded (8 free)`);
    await keep(1);
    await releaseAll();
    await expect.poll(notices).toContainEqual(`${pool}: released (8 free)`);
  });

  test('without a free slot the page reports it, and no share waits', async () => {
    await keep(8);
    await demo.page.click('#hold');
    await expect.poll(says).toContain('Release the copies first');
    await demo.lends({ player: 0, [pool]: 8 });
    // Another video releases all of them.
    await demo.openClip('vp8.webm');
    await demo.lends({ [pool]: 0 });
    await expect.poll(says).toBe('');
  });
});

test('the copy size can be chosen only for copies', async () => {
  for (const form of ['frame', 'memory', 'frame']) {
    await demo.page.selectOption('#hold-as', form);
    expect(await demo.page.isDisabled('#copy-size'), form).toBe(form === 'frame');
  }
});

test('a frame is held in the form chosen at the request, despite later changes', async () => {
  await demo.page.evaluate(() => {
    document.getElementById('hold')?.click();
    const form = document.getElementById('hold-as') as HTMLSelectElement;
    form.value = 'memory';
    form.dispatchEvent(new Event('change'));
  });
  await expect.poll(() => demo.slots()).toContain('held by you');
  // The table is updated after the slots.
  await demo.lends({ player: 1, 'memory copies': 0 });
  await releaseAll();
});

// Last in the file: the engine may report the frame while other tests use the page.
describe('a leaked frame', () => {
  test('starves a player with one slot until it is recovered', async () => {
    await demo.setCapacity(1);
    await demo.playOn();
    demo.allowCollection();
    await demo.page.click('#forget');
    await demo.reach('starved');
    expect(await demo.problem()).toContain('leaky app');
    await demo.collect();
    await demo.reach('playing');
    await demo.pause();
  });
});

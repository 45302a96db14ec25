/** Holding, copying and forgetting frames in the built demo. */
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';

const demo = useDemo({ after: (it) => it.lends({ 'kept canvases': 0, 'kept memory': 0 }) });

const notices = (): Promise<string[]> => demo.texts('#notices li');
const says = (): Promise<string> => demo.text('#hold-text');
const letGo = (): Promise<void> => demo.page.click('#let-go');

describe.each([
  ['canvas', 'kept canvases'],
  ['memory', 'kept memory'],
])('held as a copy: %s', (form, pool) => {
  /** Chooses the form, and holds one copy after the other. */
  const keep = async (count: number): Promise<void> => {
    await demo.page.selectOption('#hold-as', form);
    for (let copies = 1; copies <= count; copies++) {
      await demo.page.click('#hold');
      await demo.lends({ [pool]: copies });
    }
  };

  test('more of them than there are slots, and the player goes on', async () => {
    await demo.setCapacity(2);
    await demo.playOn();
    await keep(4);
    expect((await demo.poolLine(pool))[2]).toBe('held by you');
    await expect.poll(says).toBe('4 copies are kept, and the player goes on.');
    await demo.goesOn();
    expect(await demo.state()).toBe('playing');
    expect(await demo.problem()).toBe('');
    await demo.pause();
    await letGo();
    await demo.lends({ [pool]: 0 });
    expect(await demo.page.$$('#kept li')).toHaveLength(0);
  });

  test('one of an older size stays what it is, and is destroyed when it is let go', async () => {
    // The notices of the tests before would look the same.
    await demo.openAlone();
    await keep(1);
    await demo.page.selectOption('#copy-size', '180');
    expect(await demo.lent()).toMatchObject({ [pool]: 1 });
    await letGo();
    await expect.poll(notices).toContainEqual(`${pool}: released, discarded (8 free)`);
    await keep(1);
    await letGo();
    await expect.poll(notices).toContainEqual(`${pool}: released (8 free)`);
  });

  test('where there is no room for another one the page says so, and no share waits for it', async () => {
    await keep(8);
    await demo.page.click('#hold');
    await expect.poll(says).toContain('let go first');
    await demo.lends({ player: 0, [pool]: 8 });
    // Another film lets go of all of them.
    await demo.openClip('vp8.webm');
    await demo.lends({ [pool]: 0 });
    await expect.poll(says).toBe('');
  });
});

test('a frame has the size that it has: that of copies is to be chosen for copies alone', async () => {
  for (const form of ['frame', 'memory', 'frame']) {
    await demo.page.selectOption('#hold-as', form);
    expect(await demo.page.isDisabled('#copy-size'), form).toBe(form === 'frame');
  }
});

test('a frame is held as was chosen when it was asked for, though the choice changes before it comes', async () => {
  await demo.page.evaluate(() => {
    document.getElementById('hold')?.click();
    const form = document.getElementById('hold-as') as HTMLSelectElement;
    form.value = 'memory';
    form.dispatchEvent(new Event('change'));
  });
  await expect.poll(() => demo.slots()).toContain('held by you');
  // The table is drawn after the slots.
  await demo.lends({ player: 1, 'kept memory': 0 });
  await letGo();
});

// The last of the file: the engine may report the frame when other tests use the page.
describe('a frame that is forgotten', () => {
  test('keeps a player of one slot waiting, which plays on when it has come back', async () => {
    await demo.setCapacity(1);
    await demo.playOn();
    demo.allowCollection();
    await demo.page.click('#forget');
    await demo.reach('starved');
    expect(await demo.problem()).toContain('a forgetful app');
    await demo.collect();
    await demo.reach('playing');
    await demo.pause();
  });
});

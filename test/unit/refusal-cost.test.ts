/** A rejection names a few holders and counts the others: it costs the same for any number of slots. */
import { expect, vi } from 'vitest';
import { Slot } from '../../src/pool/slot.ts';
import { releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { decodedPool, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** The error of `adopt()` by a full pool, and the number of slots that were inspected for it. */
function refusalOf(capacity: number) {
  const pool = decodedPool({ capacity });
  const held = Array.from({ length: capacity }, (_, index) =>
    pool.adopt(makeFrame(), { holder: index < 2 ? 'player' : `thumbnail ${index}` }),
  );
  const looks = vi.spyOn(Slot.prototype, 'reports');
  const { message } = thrownBy(() => pool.adopt(makeFrame()));
  const slots = looks.mock.calls.length;
  looks.mockRestore();
  releaseAll(held);
  return { message, slots };
}

test('a rejected adopt() inspects a few slots of 4,096, those lent for longest', () => {
  const { message, slots } = refusalOf(4096);
  expect(slots).toBe(8);
  expect(message).toContain(
    '(4096 of 4096 slots); held by player (2), thumbnail 2, thumbnail 3, thumbnail 4, thumbnail 5, thumbnail 6, ' +
      'thumbnail 7, and others in 4088 more slots. The frame was closed',
  );
});

test('a rejected adopt() in a pool of four slots names all holders', () => {
  const { message, slots } = refusalOf(4);
  expect(slots).toBe(4);
  expect(message).toContain('held by player (2), thumbnail 2, thumbnail 3. The frame');
});

test('a slot with a thousand shares is named by a few of them', () => {
  const pool = decodedPool({ capacity: 1 });
  const held = pool.adopt(makeFrame(), { holder: 'first' });
  const shares = Array.from({ length: 1000 }, (_, index) => held.retain(`share ${index}`));
  const { message } = thrownBy(() => pool.adopt(makeFrame()));
  expect(message).toContain('held by first, share 0');
  expect(message.length).toBeLessThan(400);
  releaseAll([held, ...shares]);
});

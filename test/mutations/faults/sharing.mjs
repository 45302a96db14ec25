// @ts-check
/** Faults in src/pool: who may have a slot, who waits, and what several pools share. */

/** @type {readonly import('../list.mjs').Place[]} */
export const sharing = [
  {
    file: 'src/pool/admission.ts',
    tests: ['unit/budget'],
    faults: [
      {
        wrong: 'who comes passes those who wait',
        find: 'this.#hasRoomLeft && this.isUnclaimed && this.#hasRoomLeft',
        put: 'this.#hasRoomLeft',
        tests: ['unit/waiters', 'unit/budget'],
      },
      {
        wrong: 'who comes is given what somebody was served with while all were looked at',
        find: 'this.#hasRoomLeft && this.isUnclaimed && this.#hasRoomLeft',
        put: 'this.#hasRoomLeft && this.isUnclaimed',
        tests: ['unit/waiters', 'unit/budget', 'unit/model'],
      },
      {
        wrong: 'one who has given up, in another pool, hides those who may be served now',
        find: 'return this.#budget?.isQueued !== true && this.waiters.first === null;',
        put: 'return this.waiters.first === null && this.#budget?.isQueued !== true;',
        tests: ['unit/waiters'],
      },
      {
        wrong: 'one who has given up stands in the way still',
        find: 'this.waiters.first === null;',
        put: 'this.waiters.length === 0;',
        tests: ['unit/waiters'],
      },
      {
        wrong: 'there is room to spare which others are about to be served',
        find: '    this.#budget?.dismiss();\n',
        put: '',
        tests: ['unit/waiters', 'unit/surplus'],
      },
      {
        wrong: 'adopt() passes those who wait',
        survivedUntil: 'adopt() does not pass one who waits for bytes either, though the frame would fit',
        find: 'if (!this.isUnclaimed || this.#pool',
        put: 'if (this.#pool',
        tests: ['unit/decoded'],
      },
      {
        wrong: 'a frame takes the bytes that a permit was promised',
        survivedUntil: 'a frame does not take the bytes that a permit was promised',
        find: 'const own = this.#frameBytesKnown ? ledger.reservedBytes - promised : 0;',
        put: 'const own = 0;',
        tests: ['unit/decoded'],
      },
      {
        wrong: 'buffers are kept although maxBytes is passed',
        find: 'this.#pool.ledger.hasRoomFor(0) &&',
        put: '',
        tests: ['unit/limits-awkward'],
      },
      {
        wrong: 'a copy waits for the one slot that it is to be made from',
        find: 'ledger.target > 1 && held',
        put: 'held',
      },
      {
        wrong: 'nobody is served when the one at the head gives up',
        find: "    if (change === 'gave up') this.serve();\n",
        put: '',
      },
      {
        wrong: 'a budget keeps pools alive that hold nothing',
        survivedUntil: 'does not keep a pool that holds nothing',
        find: '    else budget.members.delete(this);\n',
        put: '',
      },
      {
        wrong: 'the size of a frame is never known',
        find: '    this.#frameBytesKnown = true;\n',
        put: '',
        tests: ['unit/decoded'],
      },
      {
        wrong: 'a pool tells its budget all it has at each change',
        find: '    this.#share = share;\n',
        put: '',
      },
      {
        wrong: 'idle buffers are not given up for a frame',
        find: '    this.giveUpIdle(bytes - promised);\n    return true;',
        put: '    return true;',
      },
      {
        wrong: 'a starvation error names only holders of the own pool',
        find: '    if (this.#budget === null) return own;\n',
        put: '    return own;\n',
        tests: ['engines/budget'],
      },
    ],
  },
  {
    file: 'src/pool/budget.ts',
    tests: ['unit/budget'],
    faults: [
      {
        wrong: 'what permits are promised is not in the sum',
        find: '    this.reserved += after.reserved - before.reserved;\n',
        put: '',
      },
      {
        wrong: 'frames on an allowance make others wait',
        survivedUntil: 'lag that passes maxFrames makes nobody wait',
        find: 'this.frames - this.allowed + count',
        put: 'this.frames + count',
      },
      {
        wrong: 'idle buffers make others wait',
        find: 'this.bytes - this.idleBytes - this',
        put: 'this.bytes - this',
      },
      {
        wrong: 'idle buffers go from the first pool, not the one that nobody used for longest',
        survivedUntil: 'idle buffers go first, the one that nobody used for longest (in another order)',
        find: 'if (member.oldestIdle < (oldest?.oldestIdle ?? Infinity)) oldest',
        put: 'if (oldest === null && member.oldestIdle < Infinity) oldest',
      },
      {
        wrong: 'the first pool is served first, whoever came first',
        find: 'if (member.firstArrival < (next?.firstArrival ?? Infinity)) next',
        put: 'if (next === null && member.firstArrival < Infinity) next',
      },
      {
        wrong: 'who waits is served beyond the budget',
        find: ' || !this.admits(next.need)',
        put: '',
      },
      {
        wrong: 'who comes to one pool passes those who wait in another',
        find: 'return this.#next() !== null;',
        put: 'return false;',
      },
      {
        wrong: 'who is next is read before those go who have given up',
        find: '    this.dismiss();\n',
        put: '',
        tests: ['unit/waiters'],
      },
    ],
  },
  {
    file: 'src/pool/waiters.ts',
    tests: ['unit/waiters'],
    faults: [
      {
        wrong: 'who came last is served first',
        find: 'let place = this.#first; place !== null; place = this.#first',
        put: 'let place = this.#last; place !== null; place = this.#last',
      },
      {
        wrong: 'a wait does not hear its signal',
        find: "    signal.addEventListener('abort', onAbort);\n",
        put: '',
      },
      {
        wrong: 'a signal keeps the listener of a wait that is over',
        find: "    place.signal.removeEventListener('abort', watched.onAbort);\n",
        put: '',
      },
      {
        wrong: 'one whose signal has fired is served',
        find: 'if (place.signal?.aborted !== true) return place;',
        put: 'return place;',
        tests: ['unit/surplus'],
      },
      {
        wrong: 'one whose buffer cannot be made waits for ever',
        find: '    } catch (error) {\n      place.waiter.fail(error);',
        put: '    } catch {',
        tests: ['unit/budget'],
      },
      {
        wrong: 'who joins while all are failed is failed too',
        find: 'place !== null && place.arrival <= last; place',
        put: 'place !== null; place',
        tests: ['unit/surplus'],
      },
      {
        wrong: 'one whose signal has fired fails with the reason of the others',
        find: 'place.signal?.aborted === true ? place.signal.reason : reason()',
        put: 'reason()',
      },
      {
        wrong: 'who left is still counted as waiting',
        find: '    this.#length--;\n',
        put: '',
      },
      {
        wrong: 'the queue falls apart when one leaves from its middle',
        find: '    else place.next.previous = place.previous;\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/pool/turns.ts',
    tests: ['unit/waiters'],
    faults: [
      {
        wrong: 'a signal that had fired before does not end the call',
        find: '  signal?.throwIfAborted();\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/pool/capture.ts',
    tests: ['unit/canvas-storage'],
    faults: [
      {
        wrong: 'a copy that fails keeps its buffer',
        find: '      handle.release();\n',
        put: '',
      },
      {
        wrong: 'a frame stays open whose copy came to nothing',
        find: '    return handle;\n  } finally {\n    picture.close();\n  }',
        put: '    picture.close();\n    return handle;\n  } finally {\n  }',
      },
      {
        wrong: 'a capture that waited makes buffers of the size that it asked for at first',
        find: 'const grant = (): void => resolve(lendNow(core, picture, options, ownStorage()));',
        put: 'const asked = wanted();\n    const grant = (): void => resolve(lendNow(core, picture, options, asked));',
        tests: ['unit/size-change'],
      },
      {
        wrong: 'a capture does not tell, while it waits, that it needs larger buffers',
        find: '{ grant, fail: reject, wanted }',
        put: '{ grant, fail: reject }',
        tests: ['unit/size-change'],
      },
    ],
  },
];

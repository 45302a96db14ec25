// @ts-check
/** Faults in src/thread: what two threads tell each other, and what becomes of frames when one of them is gone. */

/** @type {readonly import('../list.mjs').Place[]} */
export const thread = [
  {
    file: 'src/thread/channel.ts',
    tests: ['engines/threads-forged'],
    faults: [
      {
        wrong: 'a message that is out of turn is accepted',
        find: 'data[0] === this.#heard',
        put: "typeof data[0] === 'number'",
      },
      {
        wrong: 'a message that is refused uses its number up',
        find: '      this.#heard = serial;\n',
        put: '',
      },
      {
        wrong: 'a message that is refused is not counted',
        find: '    this.#refused++;\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/thread/pool-link.ts',
    tests: ['engines/threads-sending'],
    faults: [
      {
        wrong: 'frames are sent beyond the room that there is',
        find: '    this.#credit--;\n',
        put: '',
      },
      {
        wrong: 'room that was told of is forgotten by the next word',
        survivedUntil: 'find all the room that there is over there, also what was not used before',
        find: 'this.#credit += said.credit;',
        put: 'this.#credit = said.credit;',
      },
      {
        wrong: 'a frame that came home is listed as out there still',
        find: '    this.#out.delete(id);\n',
        put: '',
      },
      {
        wrong: 'what a dead thread held does not come home',
        find: "    for (const { share } of this.#out.values()) endShare(share, 'lost', [this.name]);\n",
        put: '',
        tests: ['engines/threads-lost'],
      },
      {
        wrong: 'frames that wait for room stay when the link ends',
        find: '    this.#queue.failAll(() => reason);\n    this.#refuse(reason);',
        put: '    this.#refuse(reason);',
        tests: ['engines/threads-lost'],
      },
      {
        wrong: 'the share of a frame that could not be sent stays',
        find: '        drop(letter);\n        throw error;',
        put: '        throw error;',
        tests: ['engines/threads-data', 'engines/threads-sending'],
      },
      {
        wrong: 'memory that came home is not put back',
        find: '      if (isAway && memory !== null) driver?.unpack?.(item as object, memory);\n',
        put: '',
        tests: ['engines/threads-memory'],
      },
      {
        wrong: 'a handle that was sent is not spent',
        find: '      handle.release();\n      let letter',
        put: '      let letter',
      },
      {
        wrong: 'a closed link takes for lost what is out there still',
        find: "this.#state === 'closing' && this.#out.size === 0",
        put: "this.#state === 'closing'",
        tests: ['engines/threads-lost'],
      },
    ],
  },
  {
    file: 'src/thread/near-side.ts',
    tests: ['engines/threads-lost'],
    faults: [
      {
        wrong: 'a link that ended keeps its lock',
        find: '    this.#letGo?.();\n    this.#letGo = null;',
        put: '    this.#letGo = null;',
      },
      {
        wrong: 'a link frees its lock before its last words are heard',
        find: '    if (isAwaited) return;\n',
        put: '',
        tests: ['engines/threads-handshake'],
      },
      {
        wrong: 'a link keeps its lock when its last words were heard',
        find: '    if (this.#closed) this.#freeLock();\n    else this.#events.died();',
        put: '    if (!this.#closed) this.#events.died();',
      },
      {
        wrong: 'a link waits for the dead to hear its last words',
        find: ' && !this.#isAlone',
        put: '',
      },
      {
        wrong: 'nobody watches whether the other side lives',
        find: "    if (watched) this.#stopWatch = watchLock(lockOf(this.#link, 'far'), () => this.#die());\n",
        put: '',
      },
      {
        wrong: 'the lock is let go of as soon as it is held',
        find: '    this.#hasLock = letGo !== null;\n',
        put: '    this.#hasLock = letGo !== null;\n    letGo?.();\n',
      },
      {
        wrong: 'who comes later than the knock is never let in',
        survivedUntil: 'a link finds who receives at last, where its knock was lost on nobody',
        find: '      if (this.#knocked) this.#knock();\n',
        put: '',
        tests: ['engines/threads-handshake'],
      },
    ],
  },
  {
    file: 'src/thread/far-side.ts',
    tests: ['engines/threads-handshake'],
    faults: [
      {
        wrong: 'one knock lets in as many as come',
        survivedUntil: 'a knock lets in one, however often its port is handed over',
        find: '!expected.delete(said.link)',
        put: '!expected.has(said.link)',
        tests: ['engines/threads-forged'],
      },
      {
        wrong: 'a refusal is answered by a refusal',
        find: 'said.link !== null && !said.isAnswer',
        put: 'said.link !== null',
      },
      {
        wrong: 'who receives keeps the lock of a link that ended',
        find: '    this.#letGo?.();\n',
        put: '',
        tests: ['engines/threads-lost'],
      },
      {
        wrong: 'nobody watches whether the pool’s side lives',
        find: 'watchLock(near, () => !this.#closed && this.#events.died())',
        put: 'watchLock(near, () => {})',
        tests: ['engines/threads-receiving'],
      },
    ],
  },
  {
    file: 'src/thread/wire.ts',
    tests: ['engines/threads-forged'],
    faults: [
      {
        wrong: 'one frame may come home twice in a message',
        survivedUntil:
          'a frame that comes home twice beside another that is out is refused and counted, and both stay out',
        find: ' || seen.has(one.id)',
        put: '',
      },
      {
        wrong: 'room may be offered below nothing and in fractions',
        find: '!isWhole(credit, MAX_CREDIT - before)',
        put: "typeof credit !== 'number'",
      },
      {
        wrong: 'a frame may come home that is not out there',
        find: '!out.has(one.id) || ',
        put: '',
      },
    ],
  },
];

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
    file: 'src/thread/guest.ts',
    tests: ['engines/threads-sending'],
    faults: [
      {
        wrong: 'a frame that was taken makes no room for the next one',
        find: '  taken(): void {\n    this.#outbox.grant(1);',
        put: '  taken(): void {',
      },
      {
        wrong: 'the room of a frame that cannot be read is lost',
        find: '      this.#outbox.grant(1);\n      return;',
        put: '      return;',
        tests: ['engines/threads-forged'],
      },
      {
        wrong: 'memory that was forgotten is given back, though somebody may see it',
        find: 'loan.returns && !recovered',
        put: 'loan.returns',
        tests: ['browser/threads-net'],
      },
      {
        wrong: 'the frame that readers got over there stays open',
        find: '    recallFrame(line);\n',
        put: '',
        tests: ['engines/threads-shares', 'engines/threads-sending'],
      },
      {
        wrong: 'the frame that came from another thread stays open there',
        find: 'driver?.free(item as object);\n    slot',
        put: 'void driver;\n    slot',
        tests: ['engines/threads-shares', 'engines/threads-sending'],
      },
      {
        wrong: 'all frames that come have one number',
        find: 'const slot = new Slot(id);',
        put: 'const slot = new Slot(0);',
      },
      {
        wrong: 'the net goes on watching a frame that went home',
        find: '    this.#net.unwatch(line);\n',
        put: '',
        tests: ['browser/threads-net'],
      },
    ],
  },
  {
    file: 'src/thread/outbox.ts',
    tests: ['engines/threads-sending'],
    faults: [
      {
        wrong: 'the same room is offered again and again',
        find: '    this.#credit = 0;\n',
        put: '',
      },
      {
        wrong: 'the pool is not told that nothing more is wanted',
        find: '    this.#bye = true;\n',
        put: '',
      },
      {
        wrong: 'memory goes home with each message once more',
        find: '    this.#memory = [];\n    this.#post',
        put: '    this.#post',
        tests: ['engines/threads-memory'],
      },
      {
        wrong: 'what is home is told again with each message',
        find: '    this.#home = [];\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/thread/inbox.ts',
    tests: ['engines/threads-receiving'],
    faults: [
      {
        wrong: 'what came and was not taken stays when receiving ends',
        find: '    for (const { received } of this.#ready.splice(0)) sendBack(received);\n',
        put: '',
        tests: ['engines/threads-receiving', 'engines/threads-sending'],
      },
      {
        wrong: 'a next() of a receiver that is pending at return() never settles',
        find: 'sendBack(received);\n    this.#stop();\n    for (const { resolve } of this.#waiting.splice(0)) resolve(END);',
        put: 'sendBack(received);\n    this.#stop();',
        tests: ['engines/threads-sending'],
      },
      {
        wrong: 'who waits for a frame is not told that the last link has ended',
        find: '  over(): void {\n    this.#stop();\n    for (const { resolve } of this.#waiting.splice(0)) resolve(END);',
        put: '  over(): void {\n    this.#stop();',
      },
    ],
  },
  {
    file: 'src/thread/arrivals.ts',
    tests: ['engines/threads-receiving'],
    faults: [
      {
        wrong: 'an iteration that is ended twice ends the next one at its end',
        find: '    if (this.#hasLeft) return;\n',
        put: '',
      },
      {
        wrong: 'what arrives after receiving has ended stays',
        find: 'receiver === undefined || this.#hasLeft',
        put: 'receiver === undefined',
      },
      {
        wrong: 'a receiver that was dropped is kept by its end',
        find: 'this.#receiver = new WeakRef(receiver);',
        put: 'this.#receiver = new WeakRef(receiver);\n    this.#awaited = receiver;',
        tests: ['browser/threads-net'],
      },
      {
        wrong: 'a receiver that somebody waits on is kept by nobody',
        find: 'await(receiver: Receiver | null): void {\n    this.#awaited = receiver;',
        put: 'await(receiver: Receiver | null): void {\n    void receiver;',
        tests: ['browser/threads-net'],
      },
      {
        wrong: 'what was about to link from a thread that died is waited for',
        find: '    if (hasDied) for (const other of this.#guests) if (!other.isLinked) void other.checkLife();\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/thread/luggage.ts',
    tests: ['engines/threads-data'],
    faults: [
      {
        wrong: 'a picture in data that was not sent stays open',
        find: '  closeAll(transfer);\n',
        put: '',
      },
      {
        wrong: 'data is sent as it is when its turn comes',
        find: 'if (transfer.length === 0 && isPrimitive(data)) return',
        put: 'if (transfer.length === 0) return',
      },
      {
        wrong: 'a picture in data that nobody took stays open',
        find: '  closeAll(movableIn(data));\n',
        put: '',
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
        find: ' || seen.has(one.id)',
        put: '',
      },
      {
        wrong: 'room may be offered below nothing and in fractions',
        find: '!isWhole(credit, MAX_CREDIT)',
        put: "typeof credit !== 'number'",
      },
      {
        wrong: 'a frame may come home that is not out there',
        find: '!isOut(one.id) || ',
        put: '',
      },
    ],
  },
];

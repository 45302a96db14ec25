// @ts-check
/** Faults in src/thread: what came from another thread, and goes home. */

/** @type {readonly import('../list.mjs').Place[]} */
export const guests = [
  {
    file: 'src/thread/guest.ts',
    tests: ['engines/threads-sending'],
    faults: [
      {
        wrong: 'a frame that was taken makes no room for the next one',
        find: '  taken(): void {\n    this.#grant(1);',
        put: '  taken(): void {',
      },
      {
        wrong: 'the room of a frame that cannot be read is lost',
        find: 'NOBODY, null);\n    this.#grant(1);',
        put: 'NOBODY, null);',
        tests: ['engines/threads-forged'],
      },
      {
        wrong: 'memory that was forgotten is given back, though somebody may see it',
        survivedUntil: 'memory whose handle was forgotten is left to who kept a view of it',
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
        survivedUntil: 'a next() that is pending settles at return() also where nobody is linked',
        find: 'sendBack(received);\n    this.#stop();\n    for (const { resolve } of this.#waiting.splice(0)) resolve(END);',
        put: 'sendBack(received);\n    this.#stop();',
        tests: ['engines/threads-receiving'],
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
];

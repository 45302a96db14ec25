// @ts-check
/** Faults in src/pool: what is counted, kept, told and found. */

/** @type {readonly import('../list.mjs').Place[]} */
export const keeping = [
  {
    file: 'src/pool/inventory.ts',
    tests: ['unit/configure'],
    faults: [
      {
        wrong: 'the generation of a buffer that comes back is not compared',
        find: 'const current = slot.generation === this.generation;',
        put: 'const current = true;',
      },
      {
        wrong: 'a buffer that the net recovered is lent again',
        find: "keeps && current && reason === 'released' &&",
        put: 'keeps && current &&',
        tests: ['unit/net'],
      },
      {
        wrong: 'the bytes of a destroyed buffer stay in the sum',
        find: 'this.#ledger.dropBytes(slot.bytes, slot.estimated);\n    slot.empty();',
        put: 'slot.empty();\n    this.#ledger.dropBytes(slot.bytes, slot.estimated);',
        tests: ['unit/ledger'],
      },
      {
        wrong: 'a buffer is lent again as its last holder left it',
        find: 'buffers.prepare(item);',
        put: '',
        tests: ['unit/canvas-storage'],
      },
      {
        wrong: 'a buffer that came to harm while idle is lent',
        find: 'if (buffers.isIntact(item)) {',
        put: 'if (item) {',
        tests: ['unit/canvas-storage'],
      },
      {
        wrong: 'a pool that shrank keeps one buffer too many',
        survivedUntil: 'a buffer that comes back to a smaller pool, all of whose slots are out, is not kept',
        find: 'this.#idle.length < this.#ledger.free',
        put: 'this.#idle.length <= this.#ledger.free',
      },
      {
        wrong: 'buffers that were made before one failed are not given up',
        survivedUntil: 'because the engine has no room for the buffers: all or nothing (a line more)',
        find: '      for (const item of made) driver.free(item);\n',
        put: '',
      },
      {
        wrong: 'memory that came back is not moved on',
        find: '      driver.rest?.(item);\n',
        put: '',
        tests: ['unit/memory-storage'],
      },
      {
        wrong: 'a buffer that is lent still counts as idle',
        find: '      this.#ledger.addIdleBytes(-slot.bytes);\n      const',
        put: '      const',
        tests: ['unit/budget', 'unit/limits-awkward', 'unit/model'],
      },
      {
        wrong: 'all slots have one number',
        find: 'new Slot(this.#slots.length)',
        put: 'new Slot(this.#vacant.length)',
        tests: ['unit/holders', 'unit/net'],
      },
      {
        wrong: 'the buffer that was used least recently is lent first',
        find: 'this.#idle.takeNewest(); slot !== null; slot = this.#idle.takeNewest()',
        put: 'this.#idle.takeOldest(); slot !== null; slot = this.#idle.takeOldest()',
        tests: ['unit/canvas-storage'],
      },
    ],
  },
  {
    file: 'src/pool/ledger.ts',
    tests: ['unit/ledger'],
    faults: [
      {
        wrong: 'a permit that became a frame still counts as decoding',
        find: '    this.decoding--;\n    this.reservedBytes',
        put: '    this.reservedBytes',
      },
      {
        wrong: 'a frame beyond the capacity frees a slot that there is not',
        find: 'if (this.surplus > 0) this.surplus--;\n    else if',
        put: 'if',
      },
      {
        wrong: 'a smaller capacity takes effect while more is out',
        find: 'Math.max(target, this.out - this.surplus)',
        put: 'target',
        tests: ['unit/configure'],
      },
      {
        wrong: 'surplus is not taken into a capacity that grew',
        find: '    this.surplus = Math.min(this.surplus, Math.max(0, this.out - this.capacity));\n',
        put: '',
        tests: ['unit/surplus'],
      },
      {
        wrong: 'the bytes that are to come are not counted against maxBytes',
        find: 'return this.bytes + bytes <= this.maxBytes;',
        put: 'return this.bytes <= this.maxBytes;',
        tests: ['unit/canvas-storage'],
      },
      {
        wrong: 'a pool that had estimated bytes once says so for ever',
        find: '    if (estimated) this.estimates--;\n',
        put: '',
        tests: ['unit/ledger', 'unit/behind-its-back'],
      },
    ],
  },
  {
    file: 'src/pool/slot.ts',
    tests: ['unit/holders'],
    faults: [
      {
        wrong: 'a holder that released is listed still',
        find: '    else if (entry !== undefined) this.#entries.splice(this.#entries.indexOf(entry), 1);\n',
        put: '',
      },
      {
        wrong: 'whoever released, the newest holder is taken off the list',
        find: 'entry !== undefined && entry === this.#entries.at(-1)',
        put: 'entry !== undefined',
      },
      {
        wrong: 'shares without a name are left out where the net tells who forgot',
        find: '    while (names.length < this.#shares) names.push(UNNAMED);\n',
        put: '',
        tests: ['unit/net'],
      },
      {
        wrong: 'a slot that the net brought back keeps its count of shares',
        find: '    this.#shares = 0;\n    this.#entries',
        put: '    this.#entries',
        tests: ['unit/net'],
      },
      {
        wrong: 'the first buffer in a slot that was used before counts as reused',
        survivedUntil: 'nor does one that is made ahead in place of another',
        find: '    this.used = false;\n',
        put: '',
        tests: ['unit/ledger'],
      },
    ],
  },
  {
    file: 'src/pool/idle.ts',
    tests: ['unit/idle'],
    faults: [
      {
        wrong: 'a pool without idle buffers keeps its timer',
        survivedUntil: 'leave no timer behind at trim(), decommit() and close()',
        find: '    this.#clock.clearTimeout(this.#timer);\n',
        put: '',
      },
      {
        wrong: 'the age of an idle buffer is not counted from its last use',
        find: '    slot.idleSince = this.#clock.now();\n',
        put: '',
      },
      {
        wrong: 'after the first idle buffer is given up, the others stay',
        find: '        this.#arm(left);\n',
        put: '',
      },
      {
        wrong: 'a buffer that is lent can still be reached through the list of idle ones',
        find: '    else slot.older.newer = null;\n',
        put: '',
        tests: ['unit/idle', 'unit/model'],
      },
    ],
  },
  {
    file: 'src/pool/notices.ts',
    tests: ['unit/listener', 'unit/listener-awkward'],
    faults: [
      {
        wrong: 'the listener is called inside the call that releases',
        find: 'queueMicrotask(this.#deliver);',
        put: 'this.#deliver();',
      },
      {
        wrong: 'a listener that throws takes the other notices along',
        find: '    try {\n      this.#listener?.(notice);\n    } catch (error) {\n      report(error);\n    }\n',
        put: '    this.#listener?.(notice);\n',
      },
      {
        wrong: 'notices that were put off to a later task are lost',
        find: '          this.#toldInARow = 0;\n          this.#deliver();\n',
        put: '          this.#toldInARow = 0;\n',
      },
      {
        wrong: 'nobody is told any more after the first notices',
        find: '    this.#scheduled = false;\n',
        put: '',
      },
      {
        wrong: 'a listener that makes a notice of each by a microtask of its own is never held',
        find: 'if (this.#toldInARow >= RUN_LIMIT) {',
        put: 'if (this.#queue.length >= RUN_LIMIT) {',
      },
    ],
  },
  {
    file: 'src/pool/net.ts',
    tests: ['unit/net'],
    faults: [
      {
        wrong: 'a slot refers to its lifeline, which the registry watches',
        find: 'this.#registry.register(line, line.slot.id);',
        put: 'Object.assign(line.slot, { line });\n    this.#registry.register(line, line.slot.id);',
      },
    ],
  },
  {
    file: 'src/pool/loans.ts',
    tests: ['unit/net', 'browser/writer-samples'],
    faults: [
      {
        wrong: 'a lifeline that is out again is kept, so that nobody finds out when it is forgotten',
        find: '      this.#resting[slot.id] = undefined;\n',
        put: '',
        tests: ['unit/net'],
      },
      {
        wrong: 'a sample that was lent again counts as written',
        find: '      rested.renew();\n',
        put: '',
        tests: ['browser/writer-samples'],
      },
    ],
  },
];

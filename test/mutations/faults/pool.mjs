// @ts-check
/** Faults in src/pool: how slots go out and come home. */

/** @type {readonly import('../list.mjs').Place[]} */
export const pool = [
  {
    file: 'src/pool/core.ts',
    tests: ['unit/decommit'],
    faults: [
      {
        wrong: 'a permit whose frame does not fit keeps its slot',
        find: "      this.comeHome(line, 'released', NOBODY);\n      throw this",
        put: '      throw this',
        tests: ['unit/decoded'],
      },
      {
        wrong: 'a frame that is refused stays open',
        find: 'this.ledger.totals.refused++;\n    frame.close();',
        put: 'this.ledger.totals.refused++;',
        tests: ['unit/decoded'],
      },
      {
        wrong: 'a frame for a permit of a closed pool stays open',
        find: '      frame.close();\n      throw invalidState(`adopt(): pool',
        put: '      throw invalidState(`adopt(): pool',
      },
      {
        wrong: 'who waits is not served by what comes back',
        find: 'this.admission.serve();\n    this.#finishDecommit();\n    if',
        put: 'this.#finishDecommit();\n    if',
        tests: ['unit/waiters'],
      },
      {
        wrong: 'a decommit is done while permits are out',
        find: "this.state === 'active' || this.ledger.out > 0",
        put: "this.state === 'active' || this.ledger.lent > 0",
      },
      {
        wrong: 'a permit that became a frame is told as one that came back',
        find: 'slot.reservedBytes = 0;\n    return this.#hold',
        put:
          "slot.reservedBytes = 0;\n    this.notices.tell({ reason: 'released', discarded: false, freeCount: 0, holders: NOBODY });" +
          '\n    return this.#hold',
        tests: ['unit/listener'],
      },
      {
        wrong: 'the frame that readers got stays open after the last release',
        find: '    recallFrame(line);\n',
        put: '',
        tests: ['unit/handle'],
      },
      {
        wrong: 'close() leaves the listener',
        find: '    this.notices.setListener(null);\n',
        put: '',
        tests: ['unit/listener-awkward'],
      },
      {
        wrong: 'close() leaves who waits',
        find: '    this.admission.waiters.failAll(() => aborted(`the wait ended: pool "${this.name}" was closed`));\n',
        put: '',
      },
      {
        wrong: 'decommit() keeps idle buffers',
        find: "this.state = 'draining';\n      this.inventory.freeIdle();",
        put: "this.state = 'draining';",
      },
      {
        wrong: 'a draining pool keeps what comes back',
        find: "const keeps = this.state === 'active' &&",
        put: "const keeps = this.state !== 'closed' &&",
      },
      {
        wrong: 'a decommit that was called off says that all is home',
        find: 'this.#decommits.settle(false)',
        put: 'this.#decommits.settle(true)',
      },
      {
        wrong: 'a configuration that is refused leaves its capacity behind',
        find: '      ledger.resize(old.target);\n',
        put: '',
        tests: ['unit/configure'],
      },
      {
        wrong: 'a frame on an allowance is counted for ever',
        find: '    if (slot.isAllowed) this.ledger.allow(-1, slot.bytes);\n',
        put: '',
        tests: ['unit/budget'],
      },
      {
        wrong: 'a permit’s bytes stay promised after its frame has come',
        find: 'this.ledger.fulfil(slot.reservedBytes)',
        put: 'this.ledger.fulfil()',
        tests: ['unit/budget'],
      },
      {
        wrong: 'the console is told of every frame that was forgotten',
        find: '      this.#warned = true;\n',
        put: '',
        tests: ['unit/net'],
      },
      {
        wrong: 'a frame that the pool took over may be handed over again',
        find: '    noteOwned(frame);\n',
        put: '',
        tests: ['unit/behind-its-back'],
      },
    ],
  },
  {
    file: 'src/pool/handle.ts',
    tests: ['unit/handle'],
    faults: [
      {
        wrong: 'a second release() gives back somebody else’s share',
        find: '    this.#line = null;\n    const entry',
        put: '    const entry',
      },
      {
        wrong: 'a share stays out where the promise given to releaseAfter() rejects',
        find: '.then(release, release)',
        put: '.then(release).catch(() => {})',
      },
      {
        wrong: 'the first release of several sends the slot home',
        find: 'if (line.slot.dropShare(entry) === 0) line',
        put: 'line.slot.dropShare(entry);\n    line',
      },
    ],
  },
  {
    file: 'src/pool/permit.ts',
    tests: ['unit/decoded'],
    faults: [
      {
        wrong: 'a permit that is released twice gives back two slots',
        survivedUntil: 'given back again, when its slot serves another already, changes nothing',
        find: '    this.#line = null;\n    if',
        put: '    if',
      },
      {
        wrong: 'a frame for a spent permit stays open',
        find: "      frame.close();\n      throw invalidState('adopt(): this",
        put: "      throw invalidState('adopt(): this",
      },
      {
        wrong: 'a permit counts as a share of the frame that it became',
        find: '    line.slot.dropShare(this.#entry);\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/pool/lifeline.ts',
    tests: ['unit/handle'],
    faults: [
      {
        wrong: 'the frame that was read does not keep its loan',
        find: '  lifelines.set(lent, line);\n',
        put: '',
        tests: ['unit/net'],
      },
      {
        wrong: 'the clone that readers got is not closed',
        find: '  lent.close();\n',
        put: '',
      },
      {
        wrong: 'each reader gets a clone of his own',
        find: 'if (!isClosed(line.lent)) return line.lent;',
        put: '',
      },
      {
        wrong: 'who closed the lent frame closed it for the next reader too',
        find: 'if (!isClosed(line.lent)) return line.lent;',
        put: 'return line.lent;',
        tests: ['unit/behind-its-back'],
      },
    ],
  },
  {
    file: 'src/pool/source.ts',
    tests: ['unit/canvas-storage'],
    faults: [
      {
        wrong: 'capture() keeps a share of the handle that it copied',
        find: '        share.release();\n',
        put: '',
      },
      {
        wrong: 'the frame that capture() makes of a handle stays open',
        find: '        picture?.close();\n',
        put: '',
      },
      {
        wrong: 'capture() spends the handle that it copies',
        find: 'source.retain(source.holder)',
        put: 'source',
      },
    ],
  },
  {
    file: 'src/pool/decoded.ts',
    tests: ['engines/threads-sending'],
    faults: [
      {
        wrong: 'a frame goes to another thread though somebody here has a share',
        find: 'isSole ? original : original.clone()',
        put: 'original',
      },
    ],
  },
  {
    file: 'src/pool/snapshots.ts',
    tests: ['browser/memory-pools'],
    faults: [
      {
        wrong: 'a copy of a translucent canvas’s snapshot is not known for one',
        find: '  if (isSnapshot(original)) noteSnapshot(copy);\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/pool/holders.ts',
    tests: ['unit/holders'],
    faults: [
      {
        wrong: 'a message counts only the last of a holder’s slots',
        survivedUntil: 'counts all that one holder has, in whatever slots',
        find: '(byName.get(name) ?? 0) + shares',
        put: 'shares',
      },
    ],
  },
];

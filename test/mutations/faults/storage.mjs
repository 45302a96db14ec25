// @ts-check
/** Faults in src/storage: buffers that go from holder to holder. */

/** @type {readonly import('../list.mjs').Place[]} */
export const storage = [
  {
    file: 'src/storage/memory-item.ts',
    tests: ['unit/memory-storage'],
    faults: [
      {
        wrong: 'the next holder gets the view of the last one',
        find: '  move(): void {\n    this.#data = null;',
        put: '  move(): void {',
      },
      {
        wrong: 'memory that was transferred to somebody else is lent',
        find: 'byteLength === this.spec.byteLength && ',
        put: '',
      },
    ],
  },
  {
    file: 'src/storage/memory.ts',
    tests: ['engines/memory-reuse'],
    faults: [
      {
        wrong: 'a reused buffer tells the colours and the turn of the last picture',
        find: '      memory.facts = plainFacts(settings);\n',
        put: '',
      },
      {
        wrong: 'a buffer that is to be cleared is not',
        find: '      if (clear) itemOf(item).wipe();\n    },\n    free',
        put: '    },\n    free',
        tests: ['browser/storages-wiped'],
      },
      {
        wrong: 'memory is moved to another thread though somebody here has a share',
        find: 'isSole && !spec.shared',
        put: '!spec.shared',
        tests: ['engines/threads-memory'],
      },
    ],
  },
  {
    file: 'src/storage/canvas.ts',
    tests: ['unit/canvas-storage'],
    faults: [
      {
        wrong: 'a canvas that was resized is lent',
        find: '!tainted && canvas.width === width && canvas.height === height &&',
        put: '!tainted &&',
      },
      {
        wrong: 'a canvas with a picture of another origin on it is lent again',
        find: "    item.tainted = error instanceof DOMException && error.name === 'SecurityError';\n",
        put: '',
        tests: ['browser/tainted'],
      },
    ],
  },
  {
    file: 'src/storage/layout.ts',
    tests: ['unit/layout'],
    faults: [
      {
        wrong: 'subsampled planes of odd sizes are a sample short',
        find: 'Math.ceil(width / across)',
        put: 'Math.floor(width / across)',
      },
      {
        wrong: 'planes may overlap',
        find: 'offset >= before.end',
        put: 'offset >= before.offset',
      },
    ],
  },
];

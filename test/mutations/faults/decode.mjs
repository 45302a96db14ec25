// @ts-check
/** Faults in src/decode: its two forms, and what ends them. */

/** @type {readonly import('../list.mjs').Place[]} */
export const decode = [
  {
    file: 'src/decode/chunk-pump.ts',
    tests: ['engines/decode-endings'],
    faults: [
      {
        wrong: 'the source is not told that nothing more is wanted',
        tests: ['browser/decode-account'],
        survivedUntil: 'the chunks are told by break, return() and an error that no more are wanted',
        find: '    flow?.close();\n    this.#dismissSource();',
        put: '    flow?.close();',
      },
      {
        wrong: 'a decoder is opened for an iteration that has ended meanwhile',
        find: '      if (this.#stopped) return;\n      this.#begin();',
        put: '      this.#begin();',
      },
      {
        wrong: 'an iteration that ends while its decoder is made begins all the same',
        find: 'if (this.#stopped || flow.closed) {',
        put: 'if (flow.closed) {',
      },
      {
        wrong: 'an iteration that is over keeps its decoder',
        find: '    this.#feeding = null;\n',
        put: '',
        tests: ['engines/net'],
      },
      {
        wrong: 'a frame comes twice when a codec is opened again',
        find: 'Math.max(this.#from, lastOut + 1)',
        put: 'Math.max(this.#from, lastOut)',
        tests: ['engines/starvation'],
      },
      {
        wrong: 'a codec that is taken away each time is opened again for ever',
        find: '    this.#fruitless++;\n',
        put: '',
        tests: ['browser/decode-account'],
        survivedUntil: 'a codec that the browser takes away each time before it gave a frame is given up',
      },
      {
        wrong: 'restarts are counted though frames came in between',
        find: '    this.#fruitless = 0;\n',
        put: '',
        tests: ['browser/decode-account'],
        survivedUntil:
          'a codec that the browser takes away again and again is opened again, as long as frames come in between',
      },
    ],
  },
  {
    file: 'src/decode/feeding.ts',
    tests: ['engines/decode-endings'],
    faults: [
      {
        wrong: 'the good frames before a source that fails are lost',
        find: '    this.#flow.flush().then(fail, fail);',
        put: '    fail();',
      },
      {
        wrong: 'what was granted for a chunk is kept when all is ended before that goes in',
        find: '    if (this.#ticket instanceof FramePermit) this.#ticket.release();\n',
        put: '',
      },
      {
        wrong: 'what is granted to one that has ended is kept',
        find: '      if (ticket instanceof FramePermit) ticket.release();\n      return;',
        put: '      return;',
      },
      {
        wrong: 'a chunk goes in, and the next is read, within the call that made room for it',
        find: '    void NOTHING.then(this.#onTicket);',
        put: '    this.#onTicket();',
      },
      {
        wrong: 'a source that throws in next() is not heard to the end of its good frames',
        find: '      next = Promise.reject(error as Error);\n',
        put: '      throw error;\n',
      },
      {
        wrong: 'who asks for a frame that nobody asked for before is not heard',
        find: '      else if (isAhead) return false;',
        put: '      else if (isAhead) return true;',
      },
    ],
  },
  {
    file: 'src/decode/frame-iterator.ts',
    tests: ['engines/decode-endings'],
    faults: [
      {
        wrong: 'frames that nobody took stay lent when an iteration is left',
        find: '    if (!keepReady) for (const handle of this.#ready.splice(0)) handle.release();\n',
        put: '',
      },
      {
        wrong: 'an iteration that is left goes on decoding',
        find: '    if (wasRunning) this.#producer.stop();\n',
        put: '',
      },
      {
        wrong: 'a next() that is pending at return() never settles',
        find: '      else asker.resolve(END);\n',
        put: '',
      },
      {
        wrong: 'an iteration stands in the queue though nobody asks it',
        find: '    if (this.#waiting.length === 0) this.#producer.rest();\n',
        put: '',
        tests: ['browser/decode-account'],
        survivedUntil: 'permits are asked for only while somebody asks for a frame',
      },
      {
        wrong: 'of several next() calls the last one is served first',
        find: 'const asker = this.#waiting.shift();',
        put: 'const asker = this.#waiting.pop();',
      },
      {
        wrong: 'the app’s signal keeps listeners of iterations that are over',
        survivedUntil:
          'the signal of the app has no listener left after the end, break, an error and return()',
        find: '    if (!this.#isAbortable) this.#stopListening();\n',
        put: '',
        tests: ['browser/decode-account'],
      },
      {
        wrong: 'the app’s signal keeps the listener of an iteration that has told its end',
        find: "      this.#outcome = { kind: 'over' };\n      this.#stopListening();\n    }\n    return Promise.resolve(END);",
        put: "      this.#outcome = { kind: 'over' };\n    }\n    return Promise.resolve(END);",
        tests: ['browser/decode-account'],
      },
      {
        wrong: 'whether an abort after the last frame is heard goes by how far the decoder is',
        find: "kind === 'running' || kind === 'ended' ||",
        put: "kind === 'running' ||",
        survivedUntil:
          'decodeFrames() ends with the reason of a signal that fires when all frames were taken and the decoder is closed, until the end was told',
      },
    ],
  },
  {
    file: 'src/decode/linked-decoder.ts',
    tests: ['engines/net'],
    faults: [
      {
        wrong: 'a decoder keeps the iteration that it belongs to',
        find: 'const weak = new WeakRef(user);',
        put: 'const weak = { deref: () => user };',
      },
      {
        wrong: 'the decoder of an iteration that was dropped stays open',
        find: "    if (left.state !== 'closed') left.close();\n",
        put: '',
      },
    ],
  },
  {
    file: 'src/decode/frame-decoder.ts',
    tests: ['engines/decode-endings'],
    faults: [
      {
        wrong: 'what was called before reset() goes in after it',
        find: '    this.#run++;\n    this.#flow.stopWaiting();',
        put: '    this.#flow.stopWaiting();',
      },
      {
        wrong: 'a handle whose output() throws stays out',
        find: '          handle.release();\n          reportError(error);',
        put: '          reportError(error);',
      },
      {
        wrong: 'one call that fails takes those behind it along',
        find: 'this.#last = result.catch(() => {});',
        put: 'this.#last = result;',
      },
      {
        wrong: 'a permit that is granted as reset() comes is lost',
        tests: ['browser/decode-account'],
        survivedUntil: 'permits that are granted in the task of a reset() come back',
        find: "        if (typeof ticket === 'object') ticket?.release();\n",
        put: '',
      },
      {
        wrong: 'calls that are not awaited overtake each other',
        find: 'const result = this.#last.then(() => {',
        put: 'const result = Promise.resolve().then(() => {',
      },
    ],
  },
];

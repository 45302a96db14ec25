// @ts-check
/** Faults in src/decode: what goes into a decoder, what comes out, and what ends it. */

/** @type {readonly import('../list.mjs').Place[]} */
export const decode = [
  {
    file: 'src/decode/flow.ts',
    tests: ['browser/decode-endings'],
    faults: [
      {
        wrong: 'permits of chunks that give no frame stay out',
        find: '    while (this.#permits.length > this.#inFlight.wanted) this.#permits.pop()?.release();\n',
        put: '',
        tests: ['browser/decode-account'],
        survivedUntil: 'permits of chunks that give no frame come back with the next frame that does',
      },
      {
        wrong: 'the lag is not learned',
        find: '      this.#lag = this.#inFlight.size === 0 ? 0 : Math.min(MAX_LAG, Math.max(this.#lag, kept));\n',
        put: '',
        tests: ['browser/decode-clips'],
      },
      {
        wrong: 'a chunk goes in on the lag though no permit is inside',
        find: 'this.#permits.length > 0 && beyondPermits < this.#lag',
        put: 'beyondPermits < this.#lag',
        tests: ['browser/decode-account'],
        survivedUntil: 'permits are waited for, whatever lag is known, while others hold every slot',
      },
      {
        wrong: 'a frame before the first that is wanted stays open',
        find: 'if (frame.timestamp < this.#from) {\n      frame.close();',
        put: 'if (frame.timestamp < this.#from) {',
        tests: ['browser/reader'],
      },
      {
        wrong: 'the frame that ends the flow stays open',
        find: 'if (frame.timestamp >= this.#to) {\n      frame.close();',
        put: 'if (frame.timestamp >= this.#to) {',
        tests: ['browser/reader'],
      },
      {
        wrong: 'a flow that is closed keeps its permits',
        find: '    this.#answer(null);\n    this.#empty();',
        put: '    this.#answer(null);',
      },
      {
        wrong: 'a flow that is closed stays in the queue of its pool',
        find: '    this.#answer(null);\n    this.#empty();',
        put: '    this.#empty();',
      },
      {
        wrong: 'the permit of a chunk that the decoder refused is not given back',
        find: '    } catch (error) {\n      permit?.release();\n      throw error;',
        put: '    } catch (error) {\n      throw error;',
      },
      {
        wrong: 'a wait for a permit goes on after the decoder has failed',
        find: '    request?.reject(error);\n',
        put: '',
      },
      {
        wrong: 'who was told that he starves still stands in the queue',
        find: '    this.#leaveQueue(request);\n    request.reject(error);',
        put: '    request.reject(error);',
        tests: ['browser/starvation'],
      },
      {
        wrong: 'who waits for a permit that the app holds is told that he starves',
        find: 'if (inside === 0 && !(this.#options.permitsStarve && this.#core.admission.outInReach > 0)) return;',
        put: '',
        tests: ['browser/starvation'],
      },
      {
        wrong: 'who holds every slot and asks for more is not told that he starves',
        find: 'if (inside === 0 && !(this.#options.permitsStarve && this',
        put: 'if (inside === 0 || !(this.#options.permitsStarve && this',
        tests: ['browser/starvation'],
      },
      {
        wrong: 'reading ahead takes the room that a copy needs',
        find: 'if ((ahead || this.#leavesRoom) && !admission.hasRoomToSpare) return null;',
        put: '',
        tests: ['browser/budget-reading'],
      },
      {
        wrong: 'reset() keeps the permits of the chunks that it drops',
        tests: ['browser/decode-account'],
        survivedUntil: 'permits of chunks that reset() drops come back in that call',
        find: 'this.#decoder.reset();\n    this.#empty();',
        put: 'this.#decoder.reset();',
      },
      {
        wrong: 'a flush goes on after the decoder has starved',
        find: '      this.#flushing?.(error);\n',
        put: '',
        tests: ['browser/starvation', 'browser/decode-endings'],
      },
      {
        wrong: 'a decoder that is silent is given nothing beyond its permits',
        find: "      this.#answer('lag');\n",
        put: '      return;\n',
        tests: ['browser/decode-clips'],
      },
    ],
  },
  {
    file: 'src/decode/chunk-pump.ts',
    tests: ['browser/decode-endings'],
    faults: [
      {
        wrong: 'the source is not told that nothing more is wanted',
        tests: ['browser/decode-account'],
        survivedUntil: 'the chunks are told by break, return() and an error that no more are wanted',
        find: '    flow?.close();\n    this.#dismissSource();',
        put: '    flow?.close();',
      },
      {
        wrong: 'the good frames before a source that fails are lost',
        find: '      if (this.#flow === flow) await flow.flush().catch(() => {});\n',
        put: '',
      },
      {
        wrong: 'a decoder is opened for an iteration that has ended meanwhile',
        find: "    if (this.#stopped) throw new Error('ended while opening');\n",
        put: '',
      },
      {
        wrong: 'a frame comes twice when a codec is opened again',
        find: 'Math.max(this.#from, lastOut + 1)',
        put: 'Math.max(this.#from, lastOut)',
        tests: ['browser/starvation'],
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
    file: 'src/decode/frame-iterator.ts',
    tests: ['browser/decode-endings'],
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
        find: '      } else {\n        asker.resolve(END);\n      }',
        put: '      }',
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
        find: '    if (!keepReady || this.#ready.length === 0) this.#stopListening();\n',
        put: '',
        tests: ['browser/decode-account'],
      },
    ],
  },
  {
    file: 'src/decode/in-flight.ts',
    tests: ['unit/in-flight'],
    faults: [
      {
        wrong: 'hidden frames count as being inside for ever',
        find: 'if (chunk.timestamp !== timestamp) return chunk.timestamp > timestamp;',
        put: 'if (chunk.timestamp !== timestamp) return true;',
      },
      {
        wrong: 'one frame takes all chunks of its time along',
        find: 'const stays = !due;',
        put: 'const stays = false;',
      },
      {
        wrong: 'a frame that is decoded out of order begins a new stretch',
        find: 'if (key && timestamp <= this.#newest) {',
        put: 'if (timestamp <= this.#newest) {',
      },
      {
        wrong: 'frames that nobody wants count as wanted',
        find: '    if (wanted) this.#wanted++;\n',
        put: '    this.#wanted++;\n',
      },
    ],
  },
  {
    file: 'src/decode/silence.ts',
    tests: ['unit/silence'],
    faults: [
      {
        wrong: 'a decoder that takes chunks and gives nothing never starves',
        survivedUntil:
          'a decoder that is listened to and takes chunks without giving a frame is not quiet, and starves all the same',
        find: 'this.#silentMs = frames === this.#frames ?',
        put: 'this.#silentMs = events === this.#events ?',
      },
      {
        wrong: 'the silence of an earlier wait counts for the next one',
        survivedUntil:
          'a decoder that is listened to begins anew with each wait, and where it had nothing to decode',
        find: 'if (this.#timer !== null) return;\n    this.#silentMs = 0;',
        put: 'if (this.#timer !== null) return;',
      },
      {
        wrong: 'a frame does not end the silence',
        survivedUntil: 'a decoder that is listened to and gives a frame begins anew with that',
        find: '? this.#silentMs + this.#intervalMs : 0;',
        put: '? this.#silentMs + this.#intervalMs : this.#silentMs;',
      },
      {
        wrong: 'the clock that is to notice starvation is not stopped',
        survivedUntil: 'a decoder that is listened to has one timer, which goes when nobody waits any more',
        find: '    this.#clock.clearTimeout(this.#timer);\n    this.#timer = null;',
        put: '    this.#timer = null;',
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
    tests: ['browser/decode-endings'],
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

// @ts-check
/** Faults in src/decode: what goes into a decoder, and what becomes of what comes out. */

/** @type {readonly import('../list.mjs').Place[]} */
export const flow = [
  {
    file: 'src/decode/flow.ts',
    tests: ['engines/decode-endings'],
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
        find: 'if (timestamp < this.#from) {\n      frame.close();',
        put: 'if (timestamp < this.#from) {',
        tests: ['browser/reader'],
      },
      {
        wrong: 'the frame that ends the flow stays open',
        find: 'if (timestamp >= this.#to) {\n      frame.close();',
        put: 'if (timestamp >= this.#to) {',
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
        find: '    request?.applicant.refused(error);\n    endFlush',
        put: '    endFlush',
      },
      {
        wrong: 'who was told that he starves still stands in the queue',
        find: '    this.#leaveQueue(request);\n    request.applicant.refused(error);',
        put: '    request.applicant.refused(error);',
        tests: ['engines/starvation'],
      },
      {
        wrong: 'who waits for a permit that the app holds is told that he starves',
        find: 'if (inside === 0 && !(this.#options.permitsStarve && this.#core.admission.outInReach > 0)) return;',
        put: '',
        tests: ['engines/starvation'],
      },
      {
        wrong: 'who holds every slot and asks for more is not told that he starves',
        find: 'if (inside === 0 && !(this.#options.permitsStarve && this',
        put: 'if (inside === 0 || !(this.#options.permitsStarve && this',
        tests: ['engines/starvation'],
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
        tests: ['engines/starvation', 'engines/decode-endings'],
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
    file: 'src/decode/flow.ts',
    tests: ['engines/decode-hand-over'],
    faults: [
      {
        wrong: 'a frame that waits for its decoder is lost when the last chunks are flushed',
        find: '      this.#handOver.now();\n      this.#empty();',
        put: '      this.#empty();',
      },
      {
        wrong: 'a frame that waits for its decoder is lost when the last one that is wanted has come',
        find: '      this.#handOver.now();\n      this.close();',
        put: '      this.close();',
      },
      {
        wrong: 'a frame that waits for its decoder is lost when that fails',
        find: '    this.#handOver.now();\n    if (this.#closed) return;',
        put: '    if (this.#closed) return;',
      },
      {
        wrong: 'a frame that waits for its decoder stays out when the flow is closed',
        find: '    this.#handOver.drop();\n',
        put: '',
      },
      {
        wrong: 'a frame that is put out to a callback waits for its decoder',
        find: 'if (options.mayKeep) this',
        put: 'this',
      },
      {
        wrong: 'a chunk is let in on the room of a copy while a frame is put into the pool',
        find: '    this.#isDelivering = true;\n    try {\n      this.#handOver.keep(',
        put: '    try {\n      this.#handOver.keep(',
        tests: ['browser/budget-reading'],
      },
    ],
  },
  {
    file: 'src/decode/hand-over.ts',
    tests: ['unit/hand-over'],
    faults: [
      {
        wrong: 'frames are handed over within the output callback, whatever the decoder has to do',
        find: 'if (this.#isWorthIt && this.#isTold)',
        put: 'if (this.#isWorthIt && !this.#isWorthIt)',
      },
      {
        wrong: 'a decoder without chunks to take is waited for',
        find: ' && linked.decoder.decodeQueueSize > 0;',
        put: ';',
      },
      {
        wrong: 'a decoder that never tells is waited for',
        find: 'this.#isWorthIt && this.#isTold',
        put: 'this.#isWorthIt',
      },
      {
        wrong: 'a decoder is waited for while others are at work',
        find: 'lastNumber === this.#number && ',
        put: '',
      },
      {
        wrong: 'a decoder is listened to for ever once it was worth it',
        find: 'isWorthIt ? linked.onDequeue : null',
        put: 'linked.onDequeue',
      },
      {
        wrong: 'a decoder that is always late is waited for again and again',
        find: 'if (this.#late >= MAX_LATE) this.#giveUp();\n',
        put: '',
      },
      {
        wrong: 'a decoder that was given up is still listened to',
        find: '    if (this.#linked !== null) this.#linked.decoder.ondequeue = null;\n',
        put: '',
      },
      {
        wrong: 'a decoder that is late now and then is given up',
        find: '    this.#late = 0;\n    this.now();',
        put: '    this.now();',
      },
      {
        wrong: 'the time that passes without a frame to hand over counts as late',
        find: '    if (this.#handles.length === 0) return;\n',
        put: '',
      },
      {
        wrong: 'frames that are dropped stay out',
        find: '      handle.release();\n',
        put: '      void handle;\n',
      },
      {
        wrong: 'the timer of frames that were dropped makes the next one late',
        find: '    this.#clock.clearTimeout(this.#timer);\n    this.#timer = null;\n    for',
        put: '    for',
      },
    ],
  },
  {
    file: 'src/decode/in-flight.ts',
    tests: ['unit/in-flight'],
    faults: [
      {
        wrong: 'hidden frames count as being inside for ever',
        find: 'chunk.stretch === stretch && chunk.timestamp > timestamp',
        put: 'chunk.stretch === stretch && chunk.timestamp !== timestamp',
      },
      {
        wrong: 'one frame takes all chunks of its time along',
        find: ' && chunk !== shown',
        put: ' && shown === undefined',
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
        wrong: 'a decoder that takes chunks counts as quiet',
        find: ' && untaken === this.#listener.untaken?.()',
        put: '',
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
];

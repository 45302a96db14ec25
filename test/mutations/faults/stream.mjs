// @ts-check
/** Faults in src/stream: what streams and tracks carry, and let go of. */

/** @type {readonly import('../list.mjs').Place[]} */
export const stream = [
  {
    file: 'src/stream/inlet.ts',
    tests: ['engines/streams-pair'],
    faults: [
      {
        wrong: 'what was written and not taken stays open at an abort',
        find: '    this.#letGoOfAll();\n    this.#owner.ended(reason);',
        put: '    this.#owner.ended(reason);',
      },
      {
        wrong: 'what is written just after the end stays open',
        find: '    else this.#owner.letGo(chunk);\n',
        put: '',
        tests: ['engines/streams-pair', 'engines/streams-pipes'],
      },
    ],
  },
  {
    file: 'src/stream/outlet.ts',
    tests: ['engines/streams-pair'],
    faults: [
      {
        wrong: 'handles that nobody read stay out at a cancel',
        find: '    for (const chunk of this.#ready.splice(0)) this.#letGo(chunk);\n',
        put: '    this.#ready = [];\n',
      },
      {
        wrong: 'a stream ends before what is ready was read',
        find: "this.#state !== 'ending' || this.#ready.length > 0",
        put: "this.#state !== 'ending'",
        tests: ['engines/streams-share'],
      },
    ],
  },
  {
    file: 'src/stream/pooled-frames.ts',
    tests: ['engines/streams-pair'],
    faults: [
      {
        wrong: 'the permit of a frame that was closed meanwhile is not given back',
        find: '    } finally {\n      permit.release();\n    }',
        put: '    } finally {\n    }',
      },
      {
        wrong: 'a wait for a permit goes on after the pair has ended',
        find: '    this.#ending.abort(reason);\n',
        put: '',
      },
    ],
  },
  {
    file: 'src/stream/share-frames.ts',
    tests: ['engines/streams-share'],
    faults: [
      {
        wrong: 'the share that came from the stream is kept',
        find: '      letGo(handle);\n',
        put: '',
      },
      {
        wrong: 'frames are read for nobody',
        find: 'if (!hasRoom || !live.some(({ outlet }) => outlet.isAsked)) return;',
        put: 'if (!hasRoom) return;',
      },
    ],
  },
  {
    file: 'src/stream/track-flow.ts',
    tests: ['browser/tracks-ends'],
    faults: [
      {
        wrong: 'a frame of a track that there is no room for stays open',
        find: '    this.onDiscarded(1);\n    frame.close();',
        put: '    this.onDiscarded(1);',
        tests: ['browser/tracks-canvas'],
      },
      {
        wrong: 'frames of a track that nobody took stay lent',
        find: '    if (!keepReady) for (const handle of this.#ready.splice(0)) handle.release();\n',
        put: '',
      },
      {
        wrong:
          'what is ready of a track goes to others who wait for a slot, for a frame that does not come in',
        survivedUntil: 'while others wait for a slot: what is ready stays',
        find: "this.#settings.drop === 'newest' || !this.#core.admission.isUnclaimed",
        put: "this.#settings.drop === 'newest'",
        tests: ['browser/tracks-canvas'],
      },
    ],
  },
  {
    file: 'src/when-aborted.ts',
    tests: ['browser/streams-net', 'browser/net'],
    faults: [
      {
        wrong: 'the app’s signal keeps what it was given to',
        find: 'const weak = new WeakRef(target);',
        put: 'const weak = { deref: () => target };',
      },
    ],
  },
];

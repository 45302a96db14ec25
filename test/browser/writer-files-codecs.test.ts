/** Unavailable codecs: each is rejected with a list of the available ones, and the list is correct. */
import { describe, expect, test } from 'vitest';
import type { FrameWriter } from '../../src/media/index.ts';
import { expectRoundTrip } from '../support/probe-expect.ts';
import type { Kind } from '../support/probe-kinds.ts';
import { kindOf, KINDS } from '../support/probe-kinds.ts';
import { SAMPLE_RATE } from '../support/probe-pictures.ts';
import { sampled } from '../support/sampled.ts';
import { outcomeOf } from '../support/streams.ts';
import { made } from '../support/writer/making.ts';

const SIZE = { width: 320, height: 180 };
const SOUND = { numberOfChannels: 2, sampleRate: SAMPLE_RATE };

const writerOf = (kind: Kind): FrameWriter => made({}, kind.make()).writer;

/** The names in a rejection's message. It must name the requested codec, and leave the writer unchanged. */
async function offered(
  kind: Kind,
  asked: string,
  add: (writer: FrameWriter) => Promise<number>,
): Promise<string[]> {
  const writer = writerOf(kind);
  const refusal = await outcomeOf(add(writer));
  if (!(refusal instanceof DOMException)) throw new Error(`refused with ${String(refusal)}`);
  expect(refusal.name).toBe('NotSupportedError');
  expect(refusal.message).toContain(`"${asked}" cannot be written as ${kind.make().fileExtension}`);
  expect(refusal.cause).toBeInstanceOf(Error);
  expect(writer.state).toBe('configuring');
  // The rejected stream has taken no number.
  expect(await writer.addVideoStream({ codec: 'vp8', ...SIZE })).toBe(0);
  await writer.abort();
  const [, list = ''] = /available are (.*)$/u.exec(refusal.message) ?? [];
  return list === '' ? [] : list.split(', ');
}

/** The codecs of a kind of file that can be added, tried one by one. */
async function had(codecs: readonly string[], add: (codec: string) => Promise<number>): Promise<string[]> {
  const good: string[] = [];
  for (const codec of codecs) if ((await outcomeOf(add(codec))) === 'resolved') good.push(codec);
  return good;
}

describe('addVideoStream()', () => {
  const REFUSED = ['hevc', 'hev1.1.6.L93.B0', 'prores', 'theora', 'vp9.2', ''];
  const cases = KINDS.flatMap((kind) => REFUSED.map((asked) => ({ kind, name: kind.name, asked })));
  test.each(sampled(cases))(
    'refuses "$asked" in $name, and lists exactly the codecs that can be added',
    async ({ kind, asked }) => {
      const list = await offered(kind, asked, (writer) => writer.addVideoStream({ codec: asked, ...SIZE }));
      const all = kind.make().getSupportedVideoCodecs();
      const good = await had(all, (codec) => writerOf(kind).addVideoStream({ codec, ...SIZE }));
      expect(list).toEqual(good);
      expect(list).toEqual(expect.arrayContaining(['vp8', 'vp9', 'av1']));
    },
  );

  test('rejects H.264 in WebM, which the browser encodes but the container cannot hold', async () => {
    const kind = kindOf('WebM');
    const list = await offered(kind, 'avc', (writer) => writer.addVideoStream({ codec: 'avc', ...SIZE }));
    expect(list.toSorted()).toEqual(['av1', 'vp8', 'vp9']);
    for (const codec of list) await expectRoundTrip(kind, { codec }, { times: [0], end: 40_000 });
  });
});

describe('addAudioStream()', () => {
  test.each(KINDS)('refuses "amr" in $name, and lists exactly the codecs that can be added', async (kind) => {
    const list = await offered(kind, 'amr', (writer) => writer.addAudioStream({ codec: 'amr', ...SOUND }));
    const all = kind.make().getSupportedAudioCodecs();
    expect(list).toEqual(await had(all, (codec) => writerOf(kind).addAudioStream({ codec, ...SOUND })));
    expect(list).toContain('opus');
  });
});

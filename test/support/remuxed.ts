/** Remuxed clips with changed times: the packets of a clip in a new file. */
import {
  BlobSource,
  ALL_FORMATS,
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Output,
} from 'mediabunny';
import type { EncodedPacket, OutputFormat } from 'mediabunny';
import { clipBlob } from './packets.ts';

/** Writes the packets of a clip into a file of another format. `change` maps each packet. */
export async function remuxed(
  file: string,
  format: OutputFormat,
  change: (packet: EncodedPacket, index: number) => EncodedPacket | null,
  frameRate?: number,
): Promise<Blob> {
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(await clipBlob(file)) });
  const track = await input.getPrimaryVideoTrack();
  const [codec, config] = [await track?.getCodec(), await track?.getDecoderConfig()];
  if (!track || !codec || !config) throw new Error(`${file} has no video that can be copied`);
  const output = new Output({ format, target: new BufferTarget() });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source, frameRate === undefined ? {} : { frameRate });
  await output.start();
  let index = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const changed = change(packet, index++);
    if (changed !== null) await source.add(changed, { decoderConfig: config });
  }
  await output.finalize();
  return new Blob([output.target.buffer ?? new ArrayBuffer()]);
}

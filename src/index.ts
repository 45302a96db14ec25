/** Public entry point of video-frame-pool: its export list and nothing else. */
export type { Clock } from './base/clock.ts';
export type { DecodeFramesOptions } from './decode/decode-frames.ts';
export type { RestartPoint } from './decode/resume.ts';
export { decodeFrames } from './decode/decode-frames.ts';
export type { FrameDecoderOptions } from './decode/frame-decoder.ts';
export { FrameDecoder } from './decode/frame-decoder.ts';
export { PoolStarvedError } from './pool/starved.ts';
export type { PoolState } from './pool/core.ts';
export type { DecodedStorage } from './pool/decoded.ts';
export type { FrameBudgetOptions } from './pool/frame-budget.ts';
export { FrameBudget } from './pool/frame-budget.ts';
export type { FrameHandle, HandleBase } from './pool/handle.ts';
export type { HolderReport } from './pool/holders.ts';
export type { PoolListener, PoolNotice } from './pool/notices.ts';
export type { FramePermit } from './pool/permit.ts';
export type {
  CopyRequest,
  EffectiveConfiguration,
  PoolOptions,
  ReconfigureOptions,
  WaitOptions,
} from './pool/options.ts';
export { VideoFramePool } from './pool/pool.ts';
export type { PoolStats } from './pool/stats.ts';
export type { BufferStorage, CopyOptions, CropRectangle, Storage } from './pool/storage.ts';
export type { CanvasStorage, CanvasStorageOptions } from './storage/canvas.ts';
export { canvasStorage } from './storage/canvas.ts';
export type { MemoryFormat } from './storage/layout.ts';
export type { MemoryStorage, MemoryStorageOptions } from './storage/memory.ts';
export { memoryStorage } from './storage/memory.ts';
export type { MemoryView } from './storage/memory-handle.ts';
export type { StreamedFrame } from './streams/readable-frames.ts';
export type { PooledFramesOptions } from './streams/pooled-frames.ts';
export { pooledFrames } from './streams/pooled-frames.ts';
export { readableFrames } from './streams/readable-frames.ts';
export type { ShareFramesOptions } from './streams/share-frames.ts';
export { shareFrames } from './streams/share-frames.ts';
export type { TrackFramesOptions } from './tracks/track-frames.ts';
export { trackFrames } from './tracks/track-frames.ts';
export { connectPool } from './thread/connect-pool.ts';
export type { MessageEndpoint } from './thread/handshake.ts';
export type { Received } from './thread/remote-pool.ts';
export type { LinkInfo } from './thread/initiator.ts';
export type { LinkEnd, LinkState, PoolLink, SendOptions } from './thread/pool-link.ts';
export type { ReceiveFramesOptions } from './thread/receive-frames.ts';
export { receiveFrames } from './thread/receive-frames.ts';

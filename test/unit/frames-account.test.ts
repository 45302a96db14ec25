import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { thrownBy } from '../support/fake-outcomes.ts';
import { settlePools, watch } from '../support/fake-pools.ts';
import {
  leaveToCollection,
  makeFrame,
  openFrames,
  referencesTo,
  settleFrames,
} from '../support/fake-video-frame.ts';

describe('the account of frames that every test checks', () => {
  test('a frame that is left open fails, and is named', () => {
    makeFrame({ timestamp: 40 });
    expect(thrownBy(settleFrames).message).toContain('frame at 40 µs');
    expect(openFrames()).toBe(0);
  });

  test('a clone counts as a frame of its own', () => {
    const frame = makeFrame();
    const clone = frame.clone();
    expect(openFrames()).toBe(2);
    frame.close();
    expect(openFrames()).toBe(1);
    expect(thrownBy(settleFrames).message).toContain('1 frames are open');
    clone.close();
  });

  test('closing twice counts once', () => {
    const frame = makeFrame();
    const other = makeFrame();
    frame.close();
    frame.close();
    expect(openFrames()).toBe(1);
    other.close();
  });

  test('declared leaks of a test must be exactly the open frames', () => {
    makeFrame();
    leaveToCollection(2);
    expect(thrownBy(settleFrames).message).toContain('2 were left to collection');
    makeFrame();
    leaveToCollection(1);
    settleFrames();
  });

  test('a watched pool with a lent slot fails', () => {
    const pool = watch(new VideoFramePool({ capacity: 1 }));
    using _handle = pool.adopt(makeFrame());
    expect(thrownBy(settlePools).message).toContain('lent 1');
  });
});

describe('the fake VideoFrame', () => {
  test('clones share memory, which goes with the last', () => {
    const frame = makeFrame();
    const clone = frame.clone();
    expect(referencesTo(frame)).toBe(2);
    frame.close();
    expect([frame.codedWidth, frame.format, frame.visibleRect]).toEqual([0, null, null]);
    expect(referencesTo(clone)).toBe(1);
    expect(clone.allocationSize()).toBe(64 * 48 * 1.5);
    clone.close();
    expect(thrownBy(() => clone.clone()).name).toBe('InvalidStateError');
  });

  test('a closed frame keeps its timestamp', () => {
    const frame = makeFrame({ timestamp: -40, duration: 20 });
    frame.close();
    expect([frame.timestamp, frame.duration]).toEqual([-40, 20]);
  });
});

import { describe, expect, it } from 'vitest';
import { BatchSize } from '../../src/relay/batch-size.ts';

describe('BatchSize', () => {
  it('begins with the configured size', () => {
    expect(new BatchSize(500).messages).toBe(500);
  });

  it('halves after a slow batch, down to one message', () => {
    const size = new BatchSize(5);
    const sizes = Array.from({ length: 4 }, () => {
      size.learn(size.messages, 1_001);
      return size.messages;
    });
    expect(sizes).toEqual([2, 1, 1, 1]);
  });

  it('halves what the batch really held', () => {
    const size = new BatchSize(500);
    size.learn(20, 5_000);
    expect(size.messages).toBe(10);
  });

  it('doubles after a fast full batch, up to the configured size', () => {
    const size = new BatchSize(500);
    size.learn(300, 5_000);
    for (const expected of [300, 500, 500]) {
      size.learn(size.messages, 249);
      expect(size.messages).toBe(expected);
    }
  });

  it('learns nothing from a fast batch that was not full, nor from one of middling pace', () => {
    const size = new BatchSize(500);
    size.learn(100, 5_000);
    size.learn(49, 1);
    size.learn(50, 250);
    size.learn(50, 1_000);
    expect(size.messages).toBe(50);
  });
});

import { describe, expect, it } from 'vitest';
import { deduplicationId, payloadBytes } from '../src/message.ts';

describe('deduplicationId', () => {
  it('is the id until the first redrive, and a new name after each', () => {
    expect([0, 1, 2].map((redrives) => deduplicationId('m1', redrives))).toEqual(['m1', 'm1#1', 'm1#2']);
  });
});

describe('payloadBytes', () => {
  it.each([
    [null, 0],
    ['', 0],
    ['abc', 3],
    ['é', 2],
    ['😀', 4],
    [new Uint8Array(7), 7],
    [new Uint8Array(10).subarray(2, 5), 3],
    [Buffer.from('é'), 2],
  ])('counts bytes, not characters (case %#)', (payload, bytes) => {
    expect(payloadBytes(payload)).toBe(bytes);
  });
});

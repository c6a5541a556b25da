import { expect, it } from 'vitest';
import { PAYLOAD_BYTES, payloadOf } from '../src/workload.ts';

it('every payload has the same size', () => {
  for (const n of [0, 1, 999, 1_000, 99_999, 1_999_999])
    expect(Buffer.byteLength(payloadOf(n))).toBe(PAYLOAD_BYTES);
});

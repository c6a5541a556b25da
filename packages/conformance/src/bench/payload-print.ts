import { createHash } from 'node:crypto';
import type { Payload } from '@outrelay/core';

/** Bytes up to which a payload is shown whole. */
const SHOWN_BYTES = 1_024;

/**
 * A payload as a text that is equal for equal bytes, whether they came as text or as bytes, and differs for "no body":
 * hexadecimal digits, or length and digest where they would be too many to read.
 */
export function payloadPrint(payload: Payload): string {
  if (payload === null) return 'no body';
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  if (bytes.byteLength <= SHOWN_BYTES) return `0x${Buffer.from(bytes).toString('hex')}`;
  return `${bytes.byteLength} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

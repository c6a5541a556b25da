import { randomFillSync } from 'node:crypto';

/** Asking for random bytes takes as long as making dozens of ids, however many bytes. */
const POOL_IDS = 1_024;
const RANDOM_BYTES = 10;
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const pool = new Uint8Array(POOL_IDS * RANDOM_BYTES);
let used = pool.length;
/** The millisecond of the last id, and its text: many ids are of one millisecond. */
let clock = { now: -1, text: '' };

/**
 * A new UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.
 *
 * Ids of one process sort by millisecond, which keeps index pages warm; nothing in Outrelay relies on their order.
 */
export function uuidv7(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += RANDOM_BYTES;
  const byte = (index: number): string => HEX[pool[at + index] as number] as string;
  const versioned = HEX[0x70 | ((pool[at] as number) & 0x0f)] as string;
  const variant = HEX[0x80 | ((pool[at + 2] as number) & 0x3f)] as string;
  return `${clockText()}-${versioned}${byte(1)}-${variant}${byte(3)}-${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`;
}

function clockText(): string {
  const now = Date.now();
  if (now !== clock.now) {
    const high = Math.floor(now / 0x1_0000_0000);
    const low = now >>> 0;
    const text = `${hex(high >>> 8)}${hex(high)}${hex(low >>> 24)}${hex(low >>> 16)}-${hex(low >>> 8)}${hex(low)}`;
    clock = { now, text };
  }
  return clock.text;
}

function hex(value: number): string {
  return HEX[value & 0xff] as string;
}

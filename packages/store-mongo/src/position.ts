import type { MongoDocument } from './client.ts';

/**
 * The order of positions, oldest first. A position is a timestamp that the server fills, or a number from a counter, and
 * the index in the append; which of the two holds for a whole installation.
 */
export const BY_POSITION = { position: 1, seq: 1 } as const;

const SEQUENCE_BITS = 32n;

/** A position as one number that sorts like it. */
export function orderOf({ position, seq }: MongoDocument): bigint {
  const high =
    typeof position === 'number' ? BigInt(position) : (position as { toBigInt(): bigint }).toBigInt();
  return (high << SEQUENCE_BITS) + BigInt(seq as number);
}

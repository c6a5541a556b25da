import { BSON } from 'mongodb';
import type { WireDocument } from './wire-message.ts';

const TIMESTAMP = 0x11;

/**
 * Fills empty timestamps of inserted documents, as MongoDB does for fields of the first level: with the second and a
 * number that counts up, so that no two are the same and later ones are greater.
 */
export class EmptyTimestamps {
  #second = 0;
  #number = 0;

  /** Fills parsed documents in place. */
  fillDocuments(documents: readonly WireDocument[]): void {
    for (const document of documents) {
      for (const [name, value] of Object.entries(document)) {
        if (value instanceof BSON.Timestamp && value.toBigInt() === 0n)
          document[name] = new BSON.Timestamp(this.#next());
      }
    }
  }

  /** Fills in place; `sequence` is one document after the other. */
  fillSequence(sequence: Buffer): void {
    for (let at = 0; at < sequence.length; at += sequence.readInt32LE(at)) {
      const document = sequence.subarray(at, at + sequence.readInt32LE(at));
      for (const [type, , , offset] of BSON.onDemand.parseToElements(document)) {
        if (type === TIMESTAMP && document.readBigUInt64LE(offset) === 0n) {
          document.writeBigUInt64LE(this.#next(), offset);
        }
      }
    }
  }

  #next(): bigint {
    const second = Math.floor(Date.now() / 1_000);
    if (second > this.#second) this.#number = 0;
    this.#second = Math.max(this.#second, second);
    return (BigInt(this.#second) << 32n) | BigInt(++this.#number);
  }
}

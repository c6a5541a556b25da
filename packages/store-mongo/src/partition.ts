/** Partitions of an installation. All producers and relays have to agree, so it is a part of the schema. */
export const PARTITIONS = 64;
/** Documents that strict appends take locks on. */
const LOCKS = 1_024;

/**
 * The name of a key within all topics. The length in front keeps topics and keys apart that would be the same text
 * when put together.
 */
export function chainOf(topic: string, key: string): string {
  return `${topic.length}:${topic}${key}`;
}

/** FNV-1a over UTF-8, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). Part of the schema: never change it. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** The partition that a message belongs to: by its key, or by its id when it has none. */
export function partitionOf(topic: string, key: string | null, id: string): number {
  return hash(key === null ? id : chainOf(topic, key)) % PARTITIONS;
}

/** The number of the lock that guards strict appends for a key; a few keys share each. */
export function lockOf(topic: string, key: string): number {
  return hash(chainOf(topic, key)) % LOCKS;
}

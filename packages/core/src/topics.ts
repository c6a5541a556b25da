/**
 * Which topics a relay can publish at this moment.
 *
 * A store chooses by `kind`: `'all'` needs no condition, `'names'` is a list for `IN (…)`, and for `'patterns'` the
 * store lists the topics it holds and asks {@link TopicFilter.matches} about each, once per read, not per message.
 */
export interface TopicFilter {
  readonly kind: 'all' | 'names' | 'patterns';
  /** The accepted topics when `kind` is `'names'`, else empty. */
  readonly names: readonly string[];
  matches(topic: string): boolean;
}

/** Accepts every topic. */
export const ALL_TOPICS: TopicFilter = { kind: 'all', names: [], matches: () => true };

/** Accepts the given topics and no other. */
export function namedTopics(names: readonly string[]): TopicFilter {
  const accepted = new Set(names);
  return { kind: 'names', names: [...accepted], matches: (topic) => accepted.has(topic) };
}

/** Accepts what `matches` accepts. */
export function matchingTopics(matches: (topic: string) => boolean): TopicFilter {
  return { kind: 'patterns', names: [], matches };
}

/**
 * A table from topic patterns to values, in which the most specific pattern wins.
 *
 * A pattern is an exact topic, `prefix.*` (every topic that begins with `prefix.`, at any depth) or `*` (every topic).
 */
export class TopicTable<V> {
  readonly #exact = new Map<string, V>();
  /** Longest first, so that the first hit is the most specific one. */
  readonly #prefixes: { readonly prefix: string; readonly value: V }[] = [];

  constructor(entries: Iterable<readonly [pattern: string, value: V]>) {
    for (const [pattern, value] of entries) this.#add(pattern, value);
    this.#prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  #add(pattern: string, value: V): void {
    if (typeof pattern !== 'string' || !isTopicPattern(pattern)) {
      throw new TypeError(
        `Expected a topic such as "order.placed", a pattern such as "order.*", or "*"; got ${JSON.stringify(pattern)}.`,
      );
    }
    const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : null;
    if (
      prefix === null ? this.#exact.has(pattern) : this.#prefixes.some((entry) => entry.prefix === prefix)
    ) {
      throw new TypeError(`The topic pattern ${JSON.stringify(pattern)} is given twice; keep one of them.`);
    }
    if (prefix === null) this.#exact.set(pattern, value);
    else this.#prefixes.push({ prefix, value });
  }

  /** The value of the most specific pattern that covers the topic, or `undefined`. */
  get(topic: string): V | undefined {
    const exact = this.#exact.get(topic);
    if (exact !== undefined) return exact;
    for (const { prefix, value } of this.#prefixes) if (topic.startsWith(prefix)) return value;
    return undefined;
  }

  /** The patterns that are exact topics, when there is no other kind; else `null`. */
  exactNames(): readonly string[] | null {
    return this.#prefixes.length === 0 ? [...this.#exact.keys()] : null;
  }

  /** Whether some pattern covers every topic. */
  coversAll(): boolean {
    return this.#prefixes.some((entry) => entry.prefix === '');
  }
}

function isTopicPattern(pattern: string): boolean {
  if (pattern === '*') return true;
  const star = pattern.indexOf('*');
  if (star === -1) return pattern !== '';
  return star === pattern.length - 1 && pattern.length > 2 && pattern.endsWith('.*');
}

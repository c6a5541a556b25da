import { guardTransport } from '../guard/guard-transport.ts';
import { ALL_TOPICS, matchingTopics, namedTopics, type TopicFilter, TopicTable } from '../topics.ts';
import type { Transport } from '../transport.ts';

/** Which transport each topic goes to; what no route covers stays pending in the store. */
export class Routes {
  readonly #table: TopicTable<Transport>;
  readonly transports: readonly Transport[];

  /** @param routes - topic pattern to transport */
  constructor(routes: Readonly<Record<string, unknown>>) {
    const entries = Object.entries(routes).map(([pattern, transport]): [string, Transport] => [
      pattern,
      guardTransport(transport),
    ]);
    if (entries.length === 0) {
      throw new TypeError('createRelay: give a "transport", or "routes" with at least one topic pattern.');
    }
    this.#table = new TopicTable(entries);
    this.transports = [...new Set(entries.map(([, transport]) => transport))];
  }

  of(topic: string): Transport | undefined {
    return this.#table.get(topic);
  }

  /** The topics that have a route and pass `accepts`; without it all that have a route. */
  filter(accepts?: (topic: string, transport: Transport) => boolean): TopicFilter {
    const names = this.#table.exactNames();
    if (accepts === undefined) {
      if (this.#table.coversAll()) return ALL_TOPICS;
      return names === null ? matchingTopics((topic) => this.of(topic) !== undefined) : namedTopics(names);
    }
    const passes = (topic: string): boolean => {
      const transport = this.of(topic);
      return transport !== undefined && accepts(topic, transport);
    };
    return names === null ? matchingTopics(passes) : namedTopics(names.filter(passes));
  }
}

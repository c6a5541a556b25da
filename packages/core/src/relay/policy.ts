import { oneOf, readOptions } from '../settings.ts';
import { TopicTable } from '../topics.ts';
import { type RetryOptions, type RetrySettings, readRetry } from './retry-policy.ts';

/** How a relay treats the messages of a topic. */
export interface TopicPolicyOptions {
  /** Default: the relay's. Fields that are absent come from there too. */
  readonly retry?: RetryOptions | undefined;
  /**
   * What a dead letter does to later messages of its key: `'continue'` lets them pass, `'block'` makes them wait until
   * somebody redrives or discards it. Default: `'continue'`.
   */
  readonly onDead?: 'continue' | 'block' | undefined;
}

/** Checked {@link TopicPolicyOptions}. */
export interface TopicPolicy {
  readonly retry: RetrySettings;
  readonly onDead: 'continue' | 'block';
}

/** Finds the policy of a topic. */
export class TopicPolicies {
  readonly #table: TopicTable<TopicPolicy>;
  readonly #fallback: TopicPolicy;

  constructor(retry: RetrySettings, topics: Readonly<Record<string, TopicPolicyOptions>>) {
    this.#fallback = { retry, onDead: 'continue' };
    this.#table = new TopicTable(
      Object.entries(topics).map(([pattern, options]): [string, TopicPolicy] => {
        const owner = `createRelay: topic "${pattern}"`;
        const settings = readOptions(owner, options, {
          retry: (value: unknown) => readRetry(`${owner}: option "retry"`, value, retry),
          onDead: oneOf<'continue' | 'block'>('continue', ['continue', 'block']),
        });
        return [pattern, settings];
      }),
    );
  }

  of(topic: string): TopicPolicy {
    return this.#table.get(topic) ?? this.#fallback;
  }
}

import { Redis } from 'ioredis';
import { type Setting, option, urlOf } from '../harness/contender.ts';
import { TOPIC } from '../workload.ts';

/** A message as a hand-written loop has it. */
export interface PlainMessage {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly payload: string;
}

/** Where a hand-written loop sends messages. */
export interface HandWrittenTarget {
  publish(messages: readonly PlainMessage[]): Promise<void>;
  clear(): Promise<void>;
  count(): Promise<number>;
  close(): Promise<void>;
}

/** What the option `to` names. */
export function targetOf(setting: Setting): HandWrittenTarget {
  return option(setting, 'to') === 'redis' ? pipelinedXadd(urlOf(setting, 'redis')) : nowhere();
}

/** One XADD per message, all in one pipeline; throws when one of them fails. */
function pipelinedXadd(url: string): HandWrittenTarget {
  const redis = new Redis(url);
  return {
    async publish(messages) {
      const pipeline = redis.pipeline();
      for (const { id, topic, key, payload } of messages)
        pipeline.xadd(topic, '*', 'id', id, 'key', key, 'payload', payload);
      const replies = (await pipeline.exec()) ?? [];
      for (const [error] of replies) if (error !== null) throw error;
    },
    async clear() {
      await redis.flushall();
    },
    count: () => redis.xlen(TOPIC),
    async close() {
      redis.disconnect();
    },
  };
}

function nowhere(): HandWrittenTarget {
  let count = 0;
  return {
    async publish(messages) {
      count += messages.length;
    },
    async clear() {
      count = 0;
    },
    count: async () => count,
    async close() {},
  };
}

import { Redis } from 'ioredis';
import type { ShopTopics } from '../shop/messages.ts';
import type { Destination } from './destination.ts';

const TOPICS: readonly (keyof ShopTopics)[] = ['order.events', 'stock.level'];

/** The consumer group of the demo. */
export const GROUP = 'warehouse';

/** What the streams of a run begin with. */
export function streamPrefix(name: string): string {
  return `${name}:`;
}

/** The streams of a run: one per topic. */
export function streamsOf(name: string): readonly string[] {
  return TOPICS.map((topic) => `${streamPrefix(name)}${topic}`);
}

/** Streams of Redis whose names begin with the name of the run. */
export function redisDestination(url: string, name: string): Destination {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 });
  /** Why there is no connection: ioredis tells it to listeners alone. */
  let failure: Error | null = null;
  redis.on('error', (error: Error) => {
    failure = error;
  });
  const streams = streamsOf(name);

  return {
    belongings: `streams ${streamPrefix(name)}*`,

    async check() {
      try {
        await redis.connect();
        await redis.ping();
      } catch (error) {
        throw failure ?? error;
      }
    },

    async isDrained() {
      for (const stream of streams) if (!(await isRead(redis, stream))) return false;
      return true;
    },

    async remove() {
      // The source keeps what it rejects beside the stream; here that should be nothing.
      await redis.del(streams.flatMap((stream) => [stream, `${stream}.dead`]));
    },

    async close() {
      redis.disconnect();
    },
  };
}

/** Whether the group has read the stream to its end and acknowledged all of it. */
async function isRead(redis: Redis, stream: string): Promise<boolean> {
  // The consumer creates the stream together with its group.
  if ((await redis.exists(stream)) === 0) return false;
  const end = fields(await redis.xinfo('STREAM', stream));
  const groups = (await redis.xinfo('GROUPS', stream)) as unknown[];
  const group = groups.map(fields).find((one) => one.get('name') === GROUP);
  return group?.get('pending') === 0 && group.get('last-delivered-id') === end.get('last-generated-id');
}

/** Names and values in turn, as a map. */
function fields(reply: unknown): Map<unknown, unknown> {
  const list = reply as readonly unknown[];
  return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]]] : [])));
}

// A process: takes payments from the stream and applies each once. It may be killed at any moment.
import { redisSource } from '@outrelay/transport-redis';
import { groundOf } from './databases/ground-of.ts';

const [databaseUrl = '', redisUrl = '', stream = ''] = process.argv.slice(2);
const ground = await groundOf(databaseUrl);
const source = redisSource({
  url: redisUrl,
  streams: [stream],
  group: 'payments',
  idleMs: 1_500,
  claimIntervalMs: 200,
});
const consumer = ground.consumer({
  name: 'payments',
  source,
  prefetch: 60,
  concurrency: 6,
  batchMessages: 20,
  retry: { minDelayMs: 50, maxDelayMs: 1_000 },
});
process.once('disconnect', () => process.exit(1));
process.once('SIGTERM', () => {
  void (async () => {
    await consumer.stop();
    await source.close();
    await ground.close();
    process.disconnect();
  })();
});
consumer.start();
process.send?.('started');

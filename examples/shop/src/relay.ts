// A process: carries what the shop has committed to the consumer. It may be killed at any moment.
import { once } from 'node:events';
import { createRelay, type Transport } from '@outrelay/core';
import { httpTransport } from '@outrelay/transport-http';
import { redisTransport } from '@outrelay/transport-redis';
import { openDatabase } from './databases/open-database.ts';
import { streamPrefix } from './destinations/redis.ts';
import { endWithParent, setting } from './process.ts';

const done = endWithParent();
const name = setting('NAME');
const database = openDatabase(setting('FROM'), name);
const transport = openTransport(setting('TO'));
const relay = createRelay({
  store: database.store,
  transport,
  name: setting('RELAY_NAME'),
  // After a kill nobody works for as long as the lease of the dead relay lasts: short, because people are watching.
  leaseMs: Number(setting('LEASE_MS')),
  retry: { minDelayMs: 100 },
});

relay.start();
await once(process, 'SIGTERM');
await relay.stop();
await transport.close();
await database.close();
done();

function openTransport(url: string): Transport {
  if (!url.startsWith('http:')) return redisTransport({ url, prefix: streamPrefix(name) });
  return httpTransport({
    url,
    secret: setting('WEBHOOK_SECRET'),
    // Short, because the consumer of this demo answers too late on purpose.
    timeoutMs: Number(setting('TIMEOUT_MS')),
  });
}

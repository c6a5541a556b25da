// A process: gets messages, as webhooks or from Redis, and applies them to a database of its own.
import { once } from 'node:events';
import { endWithParent, setting } from '../process.ts';
import { receiveFromHttp } from './from-http.ts';
import { receiveFromRedis } from './from-redis.ts';
import { Warehouse } from './warehouse.ts';

const done = endWithParent();
const url = setting('TO');
const withoutInbox = setting('WITHOUT_INBOX') === 'true';

const warehouse = new Warehouse(setting('CONSUMER_DB'));
const receiving =
  url === 'http:'
    ? await receiveFromHttp(warehouse, withoutInbox)
    : receiveFromRedis(warehouse, { url, name: setting('NAME'), withoutInbox });
process.send?.({ url: receiving.url });
await once(process, 'SIGTERM');
await receiving.stop();
await warehouse.close();
done();

// Takes deliveries, tells of them, and holds them until it is killed.
import { redisSource } from '../../dist/index.js';

const [url, stream, group, idleMs, consumer] = process.argv.slice(2);
const source = redisSource({
  url,
  streams: [stream],
  group,
  idleMs: Number(idleMs),
  ...(consumer === undefined ? {} : { consumer }),
});
const signal = new AbortController().signal;
for (;;) {
  const deliveries = await source.receive({ limit: 10, waitMs: 1_000 }, signal);
  for (const { message, deliveryCount } of deliveries) process.send?.({ id: message?.id, deliveryCount });
}

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { message, quiet, series } from './support/messages.ts';
import { clientOf, payloads, received } from './support/redis.ts';
import { HAS_SHARED, SHARED_URL, uniquePrefix } from './support/shared.ts';
import { errorIn, open, statuses } from './support/transport.ts';

const prefix = uniquePrefix();
const url = SHARED_URL;

describe.skipIf(!HAS_SHARED)('publishing to a real server', () => {
  it('adds one entry per message, in order', async () => {
    const transport = open({ url, prefix });
    const sent = series(2500, 'many', ['a', 'b', null]);
    const results = await transport.publish(sent, quiet());
    expect(new Set(statuses(results))).toEqual(new Set(['accepted']));
    expect(results).toHaveLength(2500);
    expect(await payloads(clientOf(url), `${prefix}many`)).toEqual(sent.map(({ payload }) => payload));
  });

  it.each([1, 2])('restores everything, in chunks of %i', async (chunkMessages) => {
    const topic = `exact ${chunkMessages} größe/{tag}`;
    const transport = open({ url, prefix, chunkMessages });
    const hostile = 'naïve 🦊 "\\ \r\n\t $1\r\n*2 \u2028 {} %S 0';
    const sent = [
      message({ topic, key: '', payload: '', headers: {} }),
      message({
        topic,
        key: hostile,
        payload: hostile,
        headers: { [hostile]: hostile, payload: 'x', id: '' },
      }),
      message({ topic, key: null, payload: null, headers: { __proto__: 'no', Case: 'kept' } }),
      message({
        topic,
        payload: Buffer.from([0, 0xff, 0xfe, 13, 10]),
        contentType: 'application/octet-stream',
      }),
      message({ topic, payload: new Uint8Array(0), contentType: hostile }),
      message({ topic, payload: new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2) }),
      message({ topic, payload: '{"n":12345678901234567890}', deduplicationId: 'x#1' }),
      message({ topic, payload: randomBytes(50_000) }),
      message({ topic, createdAt: new Date(0) }),
    ];
    expect(new Set(statuses(await transport.publish(sent, quiet())))).toEqual(new Set(['accepted']));
    const got = await received(clientOf(url), prefix + topic);
    expect(got).toEqual(
      sent.map(({ payload, ...rest }) => ({
        ...rest,
        payload: payload === null ? null : Buffer.from(payload as string),
      })),
    );
  });

  it('sends what the message was when it was called', async () => {
    const transport = open({ url, prefix });
    const payload = Buffer.from('before');
    const headers: Record<string, string> = { a: 'before' };
    const batch = [message({ topic: 'mutated', payload, headers })];
    const publishing = transport.publish(batch, quiet());
    payload.fill('x');
    headers['a'] = 'after';
    await publishing;
    const [got] = await received(clientOf(url), `${prefix}mutated`);
    expect(got).toMatchObject({ payload: Buffer.from('before'), headers: { a: 'before' } });
  });

  it('keeps many streams apart, and each in order', async () => {
    const transport = open({ url, prefix, chunkMessages: 7 });
    const sent = Array.from({ length: 600 }, (_, at) =>
      message({ topic: `apart.${at % 30}`, key: `k${at % 4}`, payload: String(at) }),
    );
    expect(new Set(statuses(await transport.publish(sent, quiet())))).toEqual(new Set(['accepted']));
    const client = clientOf(url);
    for (let topic = 0; topic < 30; topic++) {
      const expected = sent.filter((_, at) => at % 30 === topic).map(({ payload }) => payload);
      expect(await payloads(client, `${prefix}apart.${topic}`)).toEqual(expected);
    }
  });

  it('stores the entries of a chunk side by side, whatever goes on besides', async () => {
    const [one, other] = [open({ url, prefix }), open({ url, prefix })];
    const batches = Array.from({ length: 10 }, (_, at) =>
      Array.from({ length: 50 }, () => message({ topic: 'side', payload: String(at) })),
    );
    await Promise.all(batches.map((batch, at) => (at % 2 === 0 ? one : other).publish(batch, quiet())));
    const runs = (await payloads(clientOf(url), `${prefix}side`)).filter(
      (payload, at, all) => payload !== all[at - 1],
    );
    expect(runs).toHaveLength(10);
  });

  it('names streams as it is told', async () => {
    const transport = open({ url, prefix, stream: { 'order.*': 'orders', stock: 'stock' } });
    const sent = ['order.placed', 'order.paid', 'stock', 'other', 'other'].map((topic) =>
      message({ topic, key: 'k' }),
    );
    const results = await transport.publish(sent, quiet());
    expect(statuses(results)).toEqual(['accepted', 'accepted', 'accepted', 'failed', 'withheld']);
    expect(errorIn(results[3])).toContain('The topic "other" has no stream');
    expect(await received(clientOf(url), `${prefix}orders`)).toHaveLength(2);
  });

  it('trims when it is asked to, and only then', async () => {
    const client = clientOf(url);
    const sent = series(3000, 'trimmed');
    await open({ url, prefix, maxLength: 500 }).publish(sent, quiet());
    const kept = await payloads(client, `${prefix}trimmed`);
    expect(kept.length).toBeGreaterThanOrEqual(500);
    expect(kept.length).toBeLessThan(1000);
    expect(kept.at(-1)).toBe('2999');
    await open({ url, prefix, maxLength: 10 }).publish([message({ topic: 'trimmed' })], quiet());
    expect(await client.xlen(`${prefix}trimmed`)).toBeLessThan(kept.length);
  });

  it('takes a batch at the declared limits', async () => {
    const transport = open({ url, prefix });
    const { maxMessages, maxBatchBytes, maxPayloadBytes } = transport.capabilities.limits;
    const size = Math.floor(maxBatchBytes / maxMessages);
    const batch = series(maxMessages, 'full').map((each) => ({ ...each, payload: 'x'.repeat(size) }));
    expect(new Set(statuses(await transport.publish(batch, quiet())))).toEqual(new Set(['accepted']));
    const large = message({ topic: 'large', payload: Buffer.alloc(maxPayloadBytes, 'ß') });
    expect(statuses(await transport.publish([large], quiet()))).toEqual(['accepted']);
    const client = clientOf(url);
    expect(await client.xlen(`${prefix}full`)).toBe(maxMessages);
    const [got] = await received(client, `${prefix}large`);
    expect(Buffer.compare(got?.payload as Buffer, large.payload as Buffer)).toBe(0);
  });

  it('uses the database of the URL', async () => {
    const transport = open({ url: `${url.replace(/\/\d*$/, '')}/9`, prefix });
    const client = clientOf(url, 9);
    await transport.publish([message({ topic: 'nine' })], quiet());
    expect(await client.xlen(`${prefix}nine`)).toBe(1);
    expect(await client.del(`${prefix}nine`)).toBe(1);
  });

  it('is used by several calls at once', async () => {
    const transport = open({ url, prefix });
    const batches = Array.from({ length: 20 }, (_, at) => series(100, `at-once.${at % 5}`, [`k${at}`]));
    const all = await Promise.all(batches.map((batch) => transport.publish(batch, quiet())));
    expect(new Set(all.flatMap(statuses))).toEqual(new Set(['accepted']));
    const client = clientOf(url);
    const got = await Promise.all(
      [0, 1, 2, 3, 4].map((topic) => received(client, `${prefix}at-once.${topic}`)),
    );
    for (const [at, batch] of batches.entries()) {
      const ids = got
        .flat()
        .filter(({ key }) => key === `k${at}`)
        .map(({ id }) => id);
      expect(ids).toEqual(batch.map(({ id }) => id));
    }
  });
});

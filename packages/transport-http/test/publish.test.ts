import { describe, expect, it } from 'vitest';
import { capabilities, httpTransport } from '../src/index.ts';
import { keyed, message, quiet, statuses } from './support/message.ts';
import { always, byId, startReceiver } from './support/receiver.ts';

describe('results (T1)', () => {
  it('come one per message, in the order of the messages', async () => {
    const { url } = await startReceiver(byId({ m1: 409, m2: 400, m3: 500, m4: 302 }));
    const transport = httpTransport({ url });
    const results = await transport.publish(keyed(Array(6).fill(null)), quiet());
    expect(statuses(results)).toEqual(['accepted', 'duplicate', 'rejected', 'failed', 'failed', 'accepted']);
    await transport.close();
  });

  it('leave a redirect alone', async () => {
    const target = await startReceiver();
    const { url } = await startReceiver(always(307, { location: target.url }));
    const transport = httpTransport({ url });
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['failed']);
    expect(target.requests).toEqual([]);
    await transport.close();
  });

  it('reject a message that cannot be signed, and only then', async () => {
    const { url, requests } = await startReceiver();
    const signing = httpTransport({ url, secret: `whsec_${Buffer.alloc(24).toString('base64')}` });
    const messages = [message({ id: 'a.b' }), message({ id: 'c' })];
    expect(await signing.publish(messages, quiet())).toMatchObject([
      {
        status: 'rejected',
        error: { code: 'TRANSPORT_REJECTED', message: expect.stringContaining('full stop') },
      },
      { status: 'accepted' },
    ]);
    const plain = httpTransport({ url });
    expect(statuses(await plain.publish(messages, quiet()))).toEqual(['accepted', 'accepted']);
    const sent = (id: string): number =>
      requests.filter(({ headers }) => headers['webhook-id'] === id).length;
    expect([sent('a.b'), sent('c')]).toEqual([1, 2]);
    await Promise.all([signing.close(), plain.close()]);
  });

  it('do not depend on what the caller does to a message afterwards', async () => {
    const { url, requests } = await startReceiver();
    const transport = httpTransport({ url, concurrency: 1 });
    const payloads = [Buffer.from('first'), Buffer.from('second')];
    const messages = payloads.map((payload) => ({ ...message({ payload }) }));
    const published = transport.publish(messages, quiet());
    for (const payload of payloads) payload.fill(0);
    for (const sent of messages) Object.assign(sent, { topic: 'other', id: 'other', key: 'other' });
    await published;
    expect(requests.map((request) => [request.body.toString(), request.headers['ce-type']])).toEqual([
      ['first', 'order.placed'],
      ['second', 'order.placed'],
    ]);
    await transport.close();
  });
});

describe('order (T3)', () => {
  it('is kept within a topic and key, while other keys go on beside', async () => {
    const under = new Map<string, number>();
    let most = 0;
    const { url, requests } = await startReceiver((request, response) => {
      const key = String(request.headers['ce-partitionkey']);
      under.set(key, (under.get(key) ?? 0) + 1);
      most = Math.max(most, under.get(key) ?? 0);
      // Later requests of a call are answered sooner, so that anything sent side by side would overtake.
      setImmediate(() => {
        under.set(key, (under.get(key) ?? 0) - 1);
        response.end();
      });
    });
    const transport = httpTransport({ url });
    const keys = Array.from({ length: 120 }, (_, at) => `k${at % 7}`);
    const results = await transport.publish(keyed(keys), quiet());
    expect(new Set(statuses(results))).toEqual(new Set(['accepted']));
    for (const key of new Set(keys)) {
      const ids = requests
        .filter((request) => request.headers['ce-partitionkey'] === key)
        .map((request) => Number(String(request.headers['ce-id']).slice(1)));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
    expect(most).toBe(1);
    await transport.close();
  });

  it('stops behind a message that was not accepted, for its key alone', async () => {
    const { url, requests } = await startReceiver(byId({ m0: 500, m1: 400, m2: 409 }));
    const transport = httpTransport({ url });
    const messages = [
      ...keyed(['a', 'b', 'c', 'a', 'b', 'c']),
      message({ id: 'other', topic: 'x', key: 'a' }),
    ];
    const results = await transport.publish(messages, quiet());
    expect(statuses(results)).toEqual([
      'failed',
      'rejected',
      'duplicate',
      'withheld',
      'withheld',
      'accepted',
      'accepted',
    ]);
    expect(requests.map((request) => String(request.headers['ce-id'])).toSorted()).toEqual([
      'm0',
      'm1',
      'm2',
      'm5',
      'other',
    ]);
    await transport.close();
  });
});

describe('limits (T6)', () => {
  const { maxMessages, maxBatchBytes, maxPayloadBytes } = capabilities.limits;

  it.each([
    [maxMessages, Math.floor(maxBatchBytes / maxMessages)],
    [1, maxPayloadBytes],
  ])('take %i messages of %i bytes in one call', async (count, size) => {
    const { url, requests } = await startReceiver();
    const transport = httpTransport({ url });
    const payload = Buffer.alloc(size, 'x');
    const messages = Array.from({ length: count }, () => message({ payload, contentType: 'text/plain' }));
    expect(new Set(statuses(await transport.publish(messages, quiet())))).toEqual(new Set(['accepted']));
    expect(requests).toHaveLength(count);
    expect(requests.every(({ body }) => body.equals(payload))).toBe(true);
    await transport.close();
  });
});

describe('concurrency', () => {
  it.each([1, 5])('is bounded to %i by all calls together, and reached', async (concurrency) => {
    let under = 0;
    let most = 0;
    const held: (() => void)[] = [];
    const { url } = await startReceiver((_request, response) => {
      under += 1;
      most = Math.max(most, under);
      held.push(() => {
        under -= 1;
        response.end();
      });
      if (held.length === concurrency) for (const release of held.splice(0)) release();
    });
    const transport = httpTransport({ url, concurrency });
    const calls = [1, 2].map(() => transport.publish(keyed(Array(50).fill(null)), quiet()));
    const results = (await Promise.all(calls)).flat();
    expect(new Set(statuses(results))).toEqual(new Set(['accepted']));
    expect(most).toBe(concurrency);
    await transport.close();
  });

  it('is counted per origin, so that a slow one does not hold up another', async () => {
    const slow = await startReceiver(() => undefined);
    const fast = await startReceiver();
    const control = new AbortController();
    const transport = httpTransport({ urls: { 'slow.*': slow.url, 'fast.*': fast.url }, concurrency: 1 });
    const stuck = transport.publish([message({ topic: 'slow.a' })], control.signal);
    await slow.arrived(1);
    expect(statuses(await transport.publish([message({ topic: 'fast.a' })], quiet()))).toEqual(['accepted']);
    control.abort();
    expect(statuses(await stuck)).toEqual(['unknown']);
    await transport.close();
  });
});

describe('topics', () => {
  it('choose the URL by the most specific pattern, and fail without one', async () => {
    const { url, requests } = await startReceiver();
    const transport = httpTransport({
      urls: { 'order.*': `${url}/orders`, 'order.paid': `${url}/paid?x=1`, 'user.*': `${url}/users` },
    });
    const topics = ['order.placed', 'order.paid', 'user.a.b', 'invoice.sent'];
    const results = await transport.publish(
      topics.map((topic) => message({ topic })),
      quiet(),
    );
    expect(statuses(results)).toEqual(['accepted', 'accepted', 'accepted', 'failed']);
    expect(results[3]).toMatchObject({
      error: { code: 'TRANSPORT_FAILED', message: expect.stringContaining('"invoice.sent"') },
    });
    expect(requests.map((request) => request.path).toSorted()).toEqual(['/orders', '/paid?x=1', '/users']);
    await transport.close();
  });
});

import { type CloudEvent, HTTP } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import { attemptHeaders, compose } from '../src/request.ts';
import { message } from './support/message.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('compose, binary', () => {
  it('sends the payload as the body and the attributes as headers', () => {
    const { headers, body, webhookId } = compose(
      message({ id: 'a-1', key: 'käy 7', headers: { Tenant: 'acme' } }),
      'binary',
      'shop',
    );
    expect(headers).toEqual({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'a-1',
      'ce-source': 'shop',
      'ce-type': 'order.placed',
      'ce-time': '2026-01-02T03:04:05.678Z',
      'ce-partitionkey': 'k%C3%A4y%207',
      'ce-outrelayheaders': '{%22Tenant%22:%22acme%22}',
    });
    expect(body.toString()).toBe('{"total":12}');
    expect(webhookId).toBe('a-1');
  });

  it('copies the payload', () => {
    const payload = utf8('before');
    const { body } = compose(message({ payload }), 'binary', 's');
    payload.fill(0);
    expect(body.toString()).toBe('before');
  });

  it('marks a payload of null, and no other', () => {
    expect(compose(message({ payload: null }), 'binary', 's').headers['ce-outrelaynodata']).toBe('true');
    expect(compose(message({ payload: '' }), 'binary', 's').headers).not.toHaveProperty('ce-outrelaynodata');
  });

  it('hides the content type of a payload that is itself a CloudEvent from receivers that look for events', () => {
    const { headers } = compose(message({ contentType: 'Application/CloudEvents+json' }), 'binary', 's');
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['ce-outrelaycontenttype']).toBe('Application/CloudEvents+json');
  });

  it('is what the CloudEvents SDK reads', () => {
    const { headers, body } = compose(
      message({ id: 'a-1', key: 'order-7', headers: { traceparent: '00-a', tracestate: 'v=1' } }),
      'binary',
      'shop',
    );
    const event = HTTP.toEvent({ headers, body: body.toString() }) as CloudEvent<unknown>;
    expect(event.validate()).toBe(true);
    expect(event).toMatchObject({
      id: 'a-1',
      type: 'order.placed',
      source: 'shop',
      time: '2026-01-02T03:04:05.678Z',
      partitionkey: 'order-7',
      traceparent: '00-a',
      tracestate: 'v=1',
      data: { total: 12 },
    });
  });
});

describe('compose, structured', () => {
  it('sends one CloudEvents document', () => {
    const { headers, body } = compose(message({ id: 'a-1', key: 'order-7' }), 'structured', 'shop');
    expect(headers).toEqual({ 'content-type': 'application/cloudevents+json; charset=utf-8' });
    expect(JSON.parse(body.toString())).toMatchObject({
      id: 'a-1',
      partitionkey: 'order-7',
      data: { total: 12 },
    });
  });

  it.each([
    ['JSON', message({ id: 'a-1' }), { total: 12 }],
    ['text', message({ id: 'a-1', payload: 'ü', contentType: 'text/plain' }), 'ü'],
    [
      'bytes',
      message({ id: 'a-1', payload: Uint8Array.of(255, 0), contentType: 'image/png' }),
      Uint8Array.of(255, 0),
    ],
  ])('is what the CloudEvents SDK reads, with %s', (_what, sent, data) => {
    const { headers, body } = compose(sent, 'structured', 'shop');
    const event = HTTP.toEvent({ headers, body: body.toString() }) as CloudEvent<unknown>;
    expect(event.validate()).toBe(true);
    expect(event.id).toBe('a-1');
    expect(data instanceof Uint8Array ? Uint8Array.from(event.data as Uint8Array) : event.data).toEqual(data);
  });
});

describe('trace context', () => {
  it.each(['binary', 'structured'] as const)('also travels under its own names, %s', (format) => {
    const { headers } = compose(
      message({ headers: { traceparent: '00-a', tracestate: 'v=1, w=2' } }),
      format,
      's',
    );
    expect(headers).toMatchObject({ traceparent: '00-a', tracestate: 'v=1, w=2' });
  });

  it.each(['', ' 00-a', '00-a\r\nx-injected: 1', 'ü', 'a\tb'])(
    'does not when it is %j, which no header can carry',
    (traceparent) => {
      const { headers } = compose(message({ headers: { traceparent } }), 'binary', 's');
      expect(headers).not.toHaveProperty('traceparent');
      expect(headers).toHaveProperty('ce-traceparent');
    },
  );
});

describe('attemptHeaders', () => {
  const composed = compose(message({ id: 'ü 1', deduplicationId: 'ü 1#2' }), 'binary', 's');
  const keys = ['v1,abc', 'v1a,def'].map((signature) => ({ sign: () => signature }));

  it('names the deduplication id and the second of the attempt, signed or not', () => {
    const headers = attemptHeaders(composed, { 'user-agent': 'x' }, [], 1_234_567);
    expect(headers).toMatchObject({
      'user-agent': 'x',
      'content-length': '12',
      'webhook-id': '%C3%BC%201#2',
      'webhook-timestamp': '1234',
      'ce-outrelaydedupid': '%C3%BC%201#2',
    });
    expect(headers).not.toHaveProperty('webhook-signature');
  });

  it('signs exactly what is sent, with every key', () => {
    const contents: string[] = [];
    const recording = keys.map((key) => ({
      sign(content: Buffer) {
        contents.push(content.toString());
        return key.sign();
      },
    }));
    const headers = attemptHeaders(composed, {}, recording, 1_234_567);
    expect(headers['webhook-signature']).toBe('v1,abc v1a,def');
    expect(contents).toEqual(Array(2).fill('%C3%BC%201#2.1234.{"total":12}'));
  });
});

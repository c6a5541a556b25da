import { PassThrough } from 'node:stream';
import { guardTransport } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { capabilities, consoleTransport } from '../src/index.ts';
import { message, quiet } from './support/message.ts';

describe('consoleTransport', () => {
  it('declares what it does', async () => {
    const transport = consoleTransport({ stream: new PassThrough() });
    expect(transport).toMatchObject({ spec: 1, name: 'console', capabilities });
    expect(guardTransport(transport)).toMatchObject({ name: 'console' });
    await expect(transport.connectivity?.check(quiet())).resolves.toBeUndefined();
  });

  it('waits on close for calls under way, and neither ends the stream nor leaves listeners on it', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const before = stream.eventNames().map((name) => [name, stream.listenerCount(name)]);
    const transport = guardTransport(consoleTransport({ stream }));
    const order: string[] = [];
    const published = transport.publish([message(), message()], quiet()).then(() => order.push('published'));
    const closed = transport.close().then(() => order.push('closed'));
    await expect(transport.publish([message()], quiet())).rejects.toThrow(
      expect.objectContaining({ code: 'TRANSPORT_CLOSED' }),
    );
    expect(order).toEqual([]);
    stream.resume();
    await Promise.all([published, closed, transport.close()]);
    expect(order).toEqual(['published', 'closed']);
    expect([stream.destroyed, stream.writableEnded]).toEqual([false, false]);
    for (const event of ['error', 'close']) {
      expect(stream.listenerCount(event)).toBe(before.find(([name]) => name === event)?.[1] ?? 0);
    }
  });
});

import { Writable } from 'node:stream';
import { cloudEventJson } from '@outrelay/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { capabilities, consoleTransport } from '../src/index.ts';
import { message, quiet, statuses } from './support/message.ts';
import { DEAF, ECHO, startReader } from './support/reader.ts';
import { once } from 'node:events';

const UNAVAILABLE = expect.objectContaining({ code: 'TRANSPORT_UNAVAILABLE', retryable: false });

/** A stream whose writes end when the test says so. */
function manual(): { stream: Writable; ends: ((error?: Error) => void)[] } {
  const ends: ((error?: Error) => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(_chunk, _encoding, callback) {
      ends.push((error) => callback(error));
    },
  });
  return { stream, ends };
}

const failure = (code: string): Error => Object.assign(new Error(`write ${code}`), { code });

describe('lines', () => {
  it('are CloudEvents, one per message and in order, each to the byte', async () => {
    const { stream, output } = startReader(ECHO);
    const transport = consoleTransport({ stream, source: '/shop' });
    const messages = [
      message({ key: 'a\nb', headers: { Tenant: 'ü' }, payload: '{"n":9007199254740993}' }),
      message({ payload: '{\n}' }),
      message({ payload: null }),
      message({ payload: '', contentType: 'text/plain' }),
      message({ payload: 'two\nlines', contentType: 'text/plain' }),
      message({ payload: Uint8Array.of(0, 255), contentType: 'image/png' }),
    ];
    expect(new Set(statuses(await transport.publish(messages, quiet())))).toEqual(new Set(['accepted']));
    await transport.close();
    stream.end();
    const lines = (await output).split('\n');
    expect(lines).toEqual([...messages.map((sent) => cloudEventJson(sent, '/shop')), '']);
    expect(lines[0]).toContain('"data":{"n":9007199254740993}');
  });

  it('arrive whole from calls side by side (T5.1), and up to the declared limits (T6.1)', async () => {
    const { stream, output } = startReader(ECHO);
    const transport = consoleTransport({ stream });
    const { maxMessages, maxPayloadBytes } = capabilities.limits;
    const calls = [1, 2].map((call) =>
      Array.from({ length: maxMessages }, (_, at) => message({ id: `${call}-${at}` })),
    );
    calls.push([message({ id: 'large', payload: 'x'.repeat(maxPayloadBytes), contentType: 'text/plain' })]);
    const results = await Promise.all(calls.map((messages) => transport.publish(messages, quiet())));
    expect(new Set(statuses(results.flat()))).toEqual(new Set(['accepted']));
    stream.end();
    const events = (await output)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; data: string });
    expect(events).toHaveLength(2 * maxMessages + 1);
    for (const call of [1, 2]) {
      const ids = events.map(({ id }) => id).filter((id) => id.startsWith(`${call}-`));
      expect(ids).toEqual(calls[call - 1]?.map(({ id }) => id));
    }
    expect(events.find(({ id }) => id === 'large')?.data).toHaveLength(maxPayloadBytes);
    await transport.close();
  });

  it('do not depend on what the caller does to a message afterwards (T2.4)', async () => {
    const { stream, output } = startReader(ECHO);
    const transport = consoleTransport({ stream });
    const payload = Buffer.from('before');
    const messages = [message(), message({ payload, contentType: 'text/plain' })];
    const published = transport.publish(messages, quiet());
    payload.fill(0);
    for (const sent of messages) Object.assign(sent, { topic: 'other' });
    await published;
    stream.end();
    expect(await output).toContain('before');
    expect(await output).not.toContain('other');
    await transport.close();
  });
});

describe('a slow reader', () => {
  it('holds the call up: a message is accepted only once the stream has passed it on', async () => {
    const { stream, ends } = manual();
    const transport = consoleTransport({ stream });
    const published = transport.publish([message(), message()], quiet());
    expect(ends).toHaveLength(1);
    let done = false;
    void published.then(() => {
      done = true;
    });
    ends[0]?.();
    await new Promise(setImmediate);
    expect([done, ends.length]).toEqual([false, 2]);
    ends[1]?.();
    expect(statuses(await published)).toEqual(['accepted', 'accepted']);
    await transport.close();
  });

  it('leaves the message it holds unknown when the call is aborted (T5.2)', async () => {
    const { stream, child } = startReader(DEAF);
    if (child.stdout !== null) await once(child.stdout, 'data');
    const control = new AbortController();
    const transport = consoleTransport({ stream });
    const large = { payload: 'x'.repeat(1_048_576), contentType: 'text/plain' };
    const published = transport.publish([message(large), message(large)], control.signal);
    control.abort();
    expect(await published).toMatchObject([
      { status: 'unknown', error: { code: 'TRANSPORT_OUTCOME_UNKNOWN' } },
      { status: 'withheld' },
    ]);
    expect(statuses(await transport.publish([message()], AbortSignal.abort()))).toEqual(['withheld']);
    await transport.close();
  });
});

describe('a stream that breaks', () => {
  it('does not end the process, neither when it is closed at once nor with a line of an aborted call', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.prependListener('uncaughtException', note);
    onTestFinished(() => void process.off('uncaughtException', note));
    const [first, second] = [manual(), manual()];

    const closedAtOnce = consoleTransport({ stream: first.stream });
    const published = closedAtOnce.publish([message()], quiet());
    first.ends[0]?.(failure('EPIPE'));
    await expect(published).rejects.toThrow(UNAVAILABLE);
    await closedAtOnce.close();

    const control = new AbortController();
    const aborted = consoleTransport({ stream: second.stream });
    const abandoned = aborted.publish([message()], control.signal);
    control.abort();
    expect(statuses(await abandoned)).toEqual(['unknown']);
    await aborted.close();
    const broken = new Promise((resolve) => second.stream.once('close', resolve));
    second.ends[0]?.(failure('EIO'));
    await broken;
    expect(uncaught).toEqual([]);
    expect(second.stream.listenerCount('error')).toBe(1);
  });

  it('is left without listeners once a line of an aborted call has been passed on', async () => {
    const { stream, ends } = manual();
    const control = new AbortController();
    const transport = consoleTransport({ stream });
    const abandoned = transport.publish([message()], control.signal);
    control.abort();
    await abandoned;
    await transport.close();
    expect(stream.listenerCount('error')).toBe(1);
    ends[0]?.();
    await new Promise(setImmediate);
    expect(stream.listenerCount('error')).toBe(0);
  });

  it('takes nothing more, for ever, when the reader of a pipe has ended', async () => {
    const { stream, output } = startReader('process.stdin.once("data", () => process.exit())');
    const transport = consoleTransport({ stream });
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['accepted']);
    await output;
    await expect(transport.publish([message(), message()], quiet())).rejects.toThrow(UNAVAILABLE);
    await expect(transport.publish([message()], quiet())).rejects.toThrow(UNAVAILABLE);
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow(UNAVAILABLE);
    await transport.close();
  });

  it.each([
    ['EPIPE', 'withheld'],
    ['EIO', 'unknown'],
  ])('with %s in the middle of a call leaves its message %s', async (code, status) => {
    const { stream, ends } = manual();
    const transport = consoleTransport({ stream });
    const published = transport.publish([message(), message(), message()], quiet());
    ends[0]?.();
    await new Promise(setImmediate);
    ends[1]?.(failure(code));
    expect(statuses(await published)).toEqual(['accepted', status, 'withheld']);
    await expect(transport.publish([message()], quiet())).rejects.toThrow(UNAVAILABLE);
    await transport.close();
  });

  it('leaves the first message unknown when it may have been passed on', async () => {
    const { stream, ends } = manual();
    const transport = consoleTransport({ stream });
    const published = transport.publish([message(), message()], quiet());
    ends[0]?.(failure('EIO'));
    expect(statuses(await published)).toEqual(['unknown', 'withheld']);
    await transport.close();
  });

  it('is one that was ended, destroyed or closed by its owner', async () => {
    const [ended, destroyed] = [manual().stream, manual().stream];
    ended.end();
    destroyed.destroy();
    for (const stream of [ended, destroyed]) {
      const transport = consoleTransport({ stream });
      await expect(transport.publish([message()], quiet())).rejects.toThrow(UNAVAILABLE);
      await transport.close();
    }
    const { stream } = manual();
    const transport = consoleTransport({ stream });
    const published = transport.publish([message()], quiet());
    stream.destroy();
    expect(statuses(await published)).toEqual(['unknown']);
    await transport.close();
  });
});

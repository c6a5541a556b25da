import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { guardTransport } from '../../src/guard/guard-transport.ts';
import { ACCEPTED, DUPLICATE, type PublishResult, type Transport, WITHHELD } from '../../src/transport.ts';
import { message } from '../support/messages.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const { signal } = new AbortController();
const two = [message({ id: 'a' }), message({ id: 'b' })];

function transportWith(fields: Partial<Transport>): Transport {
  return guardTransport(Object.assign(new ScriptedTransport(new VirtualClock(), { takesMs: 0 }), fields));
}

const answering = (results: unknown): Transport =>
  transportWith({ publish: async () => results as PublishResult[] });

describe('what guardTransport takes', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['redis', '"redis"'],
    [{}, 'an object (Object)'],
  ])('says what it expects instead of %o', (value, shown) => {
    expect(() => guardTransport(value)).toThrow(
      new TypeError(`Expected a transport such as redisTransport({ … }); got ${shown}.`),
    );
  });

  it('refuses another version of the contract', () => {
    expect(() => transportWith({ spec: 2 as never })).toThrow(/implements version 2 of the contract/);
  });

  it.each(['maxMessages', 'maxBatchBytes', 'maxPayloadBytes'] as const)('refuses a %s of nothing', (name) => {
    const clock = new VirtualClock();
    for (const limit of [0, -1, Number.NaN]) {
      expect(() => guardTransport(new ScriptedTransport(clock, { limits: { [name]: limit } }))).toThrow(
        new RegExp(`"${name}" .* at least 1`),
      );
    }
    expect(() =>
      guardTransport(new ScriptedTransport(clock, { limits: { [name]: Infinity } })),
    ).not.toThrow();
  });

  it('guards a transport once, and does not guard a guard', () => {
    const transport = new ScriptedTransport(new VirtualClock());
    const guard = guardTransport(transport);
    expect(guardTransport(transport)).toBe(guard);
    expect(guardTransport(guard)).toBe(guard);
  });
});

describe('what guardTransport checks', () => {
  it('sends nothing for no messages', async () => {
    const transport = new ScriptedTransport(new VirtualClock());
    await expect(guardTransport(transport).publish([], signal)).resolves.toEqual([]);
    expect(transport.calls).toEqual([]);
  });

  it('gives back the results it gets', async () => {
    const results = [ACCEPTED, DUPLICATE];
    await expect(answering(results).publish(two, signal)).resolves.toBe(results);
  });

  it.each([[[]], [[ACCEPTED]], [[ACCEPTED, ACCEPTED, ACCEPTED]], [undefined], [null]])(
    'publish gives one result per message (T1.1), not %o',
    async (results) => {
      await expect(answering(results).publish(two, signal)).rejects.toMatchObject({
        code: 'ADAPTER_CONTRACT',
        message: expect.stringContaining('T1.1'),
      });
    },
  );

  it.each([[undefined], [null], ['accepted'], [{}], [{ status: 'ok' }], [{ status: 'toString' }]])(
    'a result is one of the six (T1.1), not %o',
    async (result) => {
      await expect(answering([ACCEPTED, result]).publish(two, signal)).rejects.toMatchObject({
        code: 'ADAPTER_CONTRACT',
        message: expect.stringContaining('T1.1'),
      });
    },
  );

  it('a call whose every message is withheld has failed with its first: it would be repeated for ever', async () => {
    const [first, second] = await answering([WITHHELD, WITHHELD]).publish(two, signal);
    expect(first).toMatchObject({ status: 'failed', error: { code: 'ADAPTER_CONTRACT' } });
    expect(second).toEqual(WITHHELD);
    const some = [WITHHELD, ACCEPTED];
    await expect(answering(some).publish(two, signal)).resolves.toEqual(some);
  });

  it('a call that was aborted may have sent nothing at all', async () => {
    const results = [WITHHELD, WITHHELD];
    await expect(answering(results).publish(two, AbortSignal.abort())).resolves.toEqual(results);
  });

  it('an error thrown at once is a rejection', async () => {
    const transport = transportWith({
      publish() {
        throw new Error('at once');
      },
    });
    await expect(transport.publish(two, signal)).rejects.toThrow('at once');
  });
});

describe('the connectivity of a guarded transport', () => {
  const checking = (failure: unknown): Transport =>
    transportWith({
      connectivity: {
        async check() {
          throw failure;
        },
      },
    });

  it('is absent where the transport has none', () => {
    expect(transportWith({}).connectivity).toBeUndefined();
  });

  it('fails with TRANSPORT_UNAVAILABLE whatever failed (T4.4)', async () => {
    const cause = new Error('ECONNREFUSED');
    await expect(checking(cause).connectivity?.check(signal)).rejects.toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
      message: 'The transport "scripted" cannot be reached: ECONNREFUSED',
      cause,
    });
    const classified = new OutboxError('TRANSPORT_UNAVAILABLE', 'down');
    await expect(checking(classified).connectivity?.check(signal)).rejects.toBe(classified);
  });
});

describe('the end of a guarded transport', () => {
  it('is final (T5.3)', async () => {
    const transport = guardTransport(new ScriptedTransport(new VirtualClock(), { connectivity: true }));
    await transport.close();
    await transport.close();
    await expect(transport.publish(two, signal)).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' });
    await expect(transport.connectivity?.check(signal)).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' });
  });
});

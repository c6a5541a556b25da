import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { guardTransport } from '../../src/guard/guard-transport.ts';
import type { ClaimedMessage } from '../../src/message.ts';
import { isStored, type Published, type PublishScope, publishAll } from '../../src/relay/publish.ts';
import type { PublishResult } from '../../src/transport.ts';
import { claimed } from '../support/messages.ts';
import { ScriptedTransport, type ScriptedTransportOptions } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const failed: PublishResult = { status: 'failed', error: new Error('busy') };

interface Run {
  readonly clock: VirtualClock;
  readonly transport: ScriptedTransport;
  readonly controller: AbortController;
  publish(
    messages: readonly ClaimedMessage[],
    mayBegin?: () => boolean,
    retriesAlone?: boolean,
  ): Promise<Published>;
}

function setUp(options: ScriptedTransportOptions = {}): Run {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport(clock, options);
  const controller = new AbortController();
  const { signal } = controller;
  return {
    clock,
    transport,
    controller,
    publish(messages, mayBegin = () => !signal.aborted, retriesAlone = false) {
      const scope: PublishScope = { signals: [signal], clock, timeoutMs: 60_000, mayBegin, retriesAlone };
      return clock.outcome(publishAll(guardTransport(transport), messages, scope));
    },
  };
}

const keyed = (...keys: (string | null)[]): ClaimedMessage[] =>
  keys.map((key, index) => claimed({ id: `${key ?? ''}${index}`, key, payload: 'x'.repeat(10) }));
const statuses = ({ results }: Published): string => results.map((result) => result.status[0]).join('');
const calls = ({ transport }: Run): string[] => transport.calls.map(({ ids }) => ids.join(' '));

describe('publishAll', () => {
  it('sends what fits in one call', async () => {
    const run = setUp();
    expect(statuses(await run.publish(keyed('a', 'a', 'b')))).toBe('aaa');
    expect(calls(run)).toEqual(['a0 a1 b2']);
  });

  it('splits by number of messages, in order', async () => {
    const run = setUp({ limits: { maxMessages: 2 } });
    await run.publish(keyed('a', 'b', 'a', 'b', 'a'));
    expect(calls(run)).toEqual(['a0 b1', 'a2 b3', 'a4']);
  });

  it('splits by bytes; a larger message goes alone', async () => {
    const run = setUp({ limits: { maxBatchBytes: 25 } });
    const large = claimed({ id: 'large', payload: 'x'.repeat(30) });
    await run.publish([...keyed(null, null, null), large, ...keyed(null)]);
    expect(calls(run)).toEqual(['0 1', '2', 'large', '0']);
  });

  it('rejects what is too large and stops its key; its neighbours pass', async () => {
    const run = setUp({ limits: { maxPayloadBytes: 20 } });
    const large = claimed({ id: 'large', key: 'a', payload: 'x'.repeat(21) });
    const [first, second, third] = keyed('a', 'a', 'b') as [ClaimedMessage, ClaimedMessage, ClaimedMessage];
    const published = await run.publish([first, large, second, third]);
    expect(statuses(published)).toBe('arwa');
    expect(published.results[1]).toMatchObject({ error: { code: 'MESSAGE_TOO_LARGE' } });
    expect(calls(run)).toEqual(['a0 b2']);
    expect(statuses(await run.publish([large]))).toBe('r');
  });

  it('stops a key in later calls after a message of it was not accepted (R2.2)', async () => {
    const run = setUp({ limits: { maxMessages: 2 } });
    run.transport.outcome = ({ id }) => (id === 'a0' ? failed : { status: 'accepted' });
    expect(statuses(await run.publish(keyed('a', 'b', 'a', 'b', 'a', null)))).toBe('fawawa');
    expect(calls(run)).toEqual(['a0 b1', 'b3 5']);
  });

  it('puts no two messages of a key into one call of a transport that cannot stop a key', async () => {
    const run = setUp({ capabilities: { batchOrder: 'none' } });
    run.transport.outcome = ({ id }) => (id === 'b3' ? failed : { status: 'accepted' });
    expect(statuses(await run.publish(keyed('a', 'b', 'a', 'b', 'b', null, null)))).toBe('aaafwaa');
    expect(calls(run)).toEqual(['a0 b1 5 6', 'a2 b3']);
  });

  it('takes a key of another topic for another key', async () => {
    const run = setUp({ capabilities: { batchOrder: 'none' } });
    await run.publish([
      claimed({ id: 'm', topic: 't', key: 'a' }),
      claimed({ id: 'n', topic: 'u', key: 'a' }),
    ]);
    expect(calls(run)).toEqual(['m n']);
  });

  it('withholds everything from the call on in which the broker is out of reach', async () => {
    const run = setUp({ limits: { maxMessages: 2 } });
    const down = new OutboxError('TRANSPORT_UNAVAILABLE', 'down');
    run.transport.script.next('publish', {}, { fail: down });
    const published = await run.publish(keyed('a', 'b', 'c', 'd', 'e'));
    expect(statuses(published)).toBe('aawww');
    expect(published.unavailable).toBe(down);
    expect(calls(run)).toHaveLength(2);
  });

  it('takes a closed transport for one that is out of reach', async () => {
    const run = setUp();
    await guardTransport(run.transport).close();
    const published = await run.publish(keyed('a'));
    expect([statuses(published), published.unavailable?.code]).toEqual(['w', 'TRANSPORT_CLOSED']);
  });

  it('takes any other failure of a call for an unknown outcome, and goes on with other keys', async () => {
    const run = setUp({ limits: { maxMessages: 2 } });
    run.transport.script.next('publish', { fail: new Error('socket closed') });
    const published = await run.publish(keyed('a', 'b', 'a', 'c'));
    expect(statuses(published)).toBe('uuwa');
    expect(published).toMatchObject({
      unavailable: null,
      collateral: true,
      results: [{ error: new Error('socket closed') }, {}, {}, {}],
    });
  });

  it.each(['key', 'none'] as const)(
    'sends what failed before in calls of its own when told so, %s',
    async (batchOrder) => {
      const run = setUp({ capabilities: { batchOrder } });
      const batch = ['a', 'b', 'c', 'd', 'e'].map((id, index) =>
        claimed({ id, key: id, attempt: index === 1 || index === 2 ? 2 : 1 }),
      );
      await run.publish(batch, () => true, true);
      expect(calls(run)).toEqual(['a', 'b', 'c', 'd e']);
      await run.publish(batch, () => true, false);
      expect(calls(run).at(-1)).toBe('a b c d e');
    },
  );

  it('begins no further call when it may not', async () => {
    const run = setUp({ limits: { maxMessages: 1 } });
    let allowed = 2;
    expect(statuses(await run.publish(keyed('a', 'b', 'c', 'd'), () => allowed-- > 0))).toBe('aaww');
    expect(calls(run)).toEqual(['a0', 'b1']);
  });

  it('does not even begin a single call when it may not (R5.1)', async () => {
    const run = setUp();
    expect(statuses(await run.publish(keyed('a'), () => false))).toBe('w');
    expect(calls(run)).toEqual([]);
  });

  it('takes a call that does not heed its abort for unknown after a second', async () => {
    const run = setUp();
    run.transport.heedsAbort = false;
    run.transport.script.always('publish', { hang: 'after' });
    const publishing = run.publish(keyed('a'));
    await run.clock.advance(500);
    run.controller.abort(new Error('enough'));
    expect(statuses(await publishing)).toBe('u');
    expect(run.clock.monotonicMs()).toBe(1_500);
  });

  it('keeps order per key and every limit, with one result per message, whatever happens', async () => {
    const topics = fc.constantFrom('t', 'u');
    const keys = fc.option(fc.constantFrom('a', 'b', 'c', ''), { nil: null });
    const sizes = fc.integer({ min: 0, max: 12 });
    const outcomes = fc.constantFrom<PublishResult['status']>(
      'accepted',
      'duplicate',
      'failed',
      'rejected',
      'unknown',
    );
    const items = fc.array(fc.record({ topic: topics, key: keys, size: sizes, outcome: outcomes }), {
      minLength: 1,
      maxLength: 40,
    });
    const limits = fc.record({
      maxMessages: fc.integer({ min: 1, max: 10 }),
      maxBatchBytes: fc.integer({ min: 1, max: 40 }),
      maxPayloadBytes: fc.integer({ min: 1, max: 12 }),
    });
    const batchOrder = fc.constantFrom('key' as const, 'none' as const);
    const failing = fc.array(fc.constantFrom('fine', 'fine', 'lost', 'down'), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(items, limits, batchOrder, failing, async (given, bounds, order, failures) => {
        const run = setUp({ limits: bounds, capabilities: { batchOrder: order }, takesMs: 0 });
        const messages = given.map(({ topic, key, size }, index) =>
          claimed({ id: String(index), topic, key, payload: 'x'.repeat(size) }),
        );
        run.transport.outcome = ({ id }): PublishResult => ({
          status: given[Number(id)]?.outcome ?? 'accepted',
          error: new Error('as told'),
        });
        for (const failure of failures) {
          const down = new OutboxError('TRANSPORT_UNAVAILABLE', 'down');
          const lost = new Error('lost');
          run.transport.script.next(
            'publish',
            failure === 'fine' ? {} : { fail: failure === 'down' ? down : lost },
          );
        }
        const { results } = await run.publish(messages);
        expect(results).toHaveLength(messages.length);
        assertLimits(run.transport, messages);
        assertOrder(run.transport, messages, results);
      }),
      { numRuns: 300 },
    );
  });
});

/** Every call is within the limits of the transport and holds no more of a key than it may. */
function assertLimits(
  { calls: made, capabilities }: ScriptedTransport,
  messages: readonly ClaimedMessage[],
): void {
  const { batchOrder, limits } = capabilities;
  const sent = made.flatMap(({ ids }) => ids);
  expect(new Set(sent).size).toBe(sent.length);
  for (const { ids } of made) {
    const call = ids.map((id) => messages[Number(id)] as ClaimedMessage);
    const bytes = call.map(({ payload }) => (payload as string).length);
    expect(call.length).toBeLessThanOrEqual(limits.maxMessages);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(limits.maxPayloadBytes);
    const total = bytes.reduce((sum, size) => sum + size, 0);
    expect(call.length === 1 || total <= limits.maxBatchBytes).toBe(true);
    const ordered = call.filter(({ key }) => key !== null).map(({ topic, key }) => `${topic}/${key}`);
    expect(batchOrder === 'key' || new Set(ordered).size === ordered.length).toBe(true);
  }
}

/** Of each key, what was sent is a beginning of what was given, and no call follows one in which it was not accepted. */
function assertOrder(
  { calls: made }: ScriptedTransport,
  messages: readonly ClaimedMessage[],
  results: readonly PublishResult[],
): void {
  const callOf = new Map(
    made.flatMap(({ ids }, call) => ids.map((id): [number, number] => [Number(id), call])),
  );
  const keys = new Set(messages.filter(({ key }) => key !== null).map(({ topic, key }) => `${topic}/${key}`));
  for (const name of keys) {
    const ofKey = (index: number): boolean => `${messages[index]?.topic}/${messages[index]?.key}` === name;
    const given = messages.map((_, index) => index).filter(ofKey);
    const order = [...callOf.keys()].filter(ofKey);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const stop = given.find((index) => !isStored(results[index] as PublishResult));
    if (stop === undefined) continue;
    for (const index of given.filter((each) => each > stop)) {
      // A call whose every outcome is unknown cannot tell which of its messages came first.
      const lostTogether = callOf.has(index) && callOf.get(index) === callOf.get(stop);
      expect(results[index]?.status).toMatch(lostTogether ? /^(withheld|unknown)$/ : /^withheld$/);
    }
  }
}

import { OutboxError, type RelayEvent } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { eventJson } from '../../src/run/event-json.ts';
import { noticeOf } from '../../src/run/notice.ts';
import { batchSettled, claimedMessage } from '../support/events.ts';

const error = new OutboxError('STORE_UNAVAILABLE', 'no connection');
const scope = { transport: 'http', topic: 'order.placed' };
const message = claimedMessage();

const EVENTS: readonly RelayEvent[] = [
  { type: 'relay-started', relay: 'r1' },
  { type: 'relay-stopped', relay: 'r1', unsettled: 2 },
  { type: 'lease-granted', lane: 0 },
  { type: 'lease-lost', lane: 0, unsettled: 3 },
  batchSettled({ accepted: 2, retried: 1 }),
  { type: 'message-retry', message, error: 'HTTP 503', delayMs: 1_500 },
  { type: 'message-dead', message, reason: 'rejected', error: 'HTTP 400' },
  { type: 'breaker-opened', scope, openMs: 500, error: 'HTTP 503' },
  { type: 'breaker-closed', scope: { ...scope, topic: null } },
  { type: 'store-failed', during: 'claim', error, delayMs: 100 },
  { type: 'lane-failed', lane: 1, error: new Error('boom'), delayMs: 100 },
  { type: 'wakeups-lost', error },
  { type: 'wakeups-restored' },
  { type: 'purged', removed: 1_200 },
];

describe('noticeOf', () => {
  it('tells what a person should hear of, and is silent about normal work', () => {
    const texts = EVENTS.flatMap((event) => noticeOf(event)?.text ?? []);
    expect(texts).toEqual([
      'another relay has taken the lease; 3 messages will be delivered again',
      'order.placed: attempt 1 failed, next in 1.5 s: HTTP 503 [id-1]',
      'order.placed: dead letter after 1 attempt (rejected): HTTP 400 [id-1]',
      'http, topic order.placed: held back for 500 ms: HTTP 503',
      'http: flows again',
      'the store failed in claim: no connection',
      'lane 1 failed and starts anew: boom',
      'wake-ups are lost, polling goes on: no connection',
      'wake-ups are back',
      'removed 1,200 rows of old history and receipts',
    ]);
  });

  it('lets nothing from outside rewrite the terminal', () => {
    const event = {
      type: 'message-dead',
      message: claimedMessage({ topic: 'a\u001b[2J' }),
      reason: 'rejected',
      error: 'x\ny',
    } as const;
    expect(noticeOf(event)?.text).toBe('a\\x1b[2J: dead letter after 1 attempt (rejected): x\\x0ay [id-1]');
  });
});

describe('a notice', () => {
  it('holds the beginning of a long error only', () => {
    const event = { type: 'message-dead', message, reason: 'rejected', error: 'x'.repeat(2_000) } as const;
    expect(noticeOf(event)?.text).toBe(
      `order.placed: dead letter after 1 attempt (rejected): ${'x'.repeat(300)}… [id-1]`,
    );
  });
});

describe('eventJson', () => {
  it('names every event and never shows a payload, a header or a row', () => {
    for (const event of EVENTS) {
      const json = JSON.stringify(eventJson(event));
      expect(json).toContain(`"event":"${event.type}"`);
      expect(json).not.toContain('CONFIDENTIAL');
    }
  });

  it('keeps what programs need', () => {
    expect(eventJson(batchSettled({ accepted: 2, duplicates: 1, retried: 1 }))).toEqual({
      event: 'batch-settled',
      lane: 0,
      accepted: 2,
      duplicates: 1,
      retried: 1,
      dead: 0,
      returned: 0,
      publishMs: 12.3,
      settleMs: 3,
    });
    expect(eventJson({ type: 'message-dead', message, reason: 'rejected', error: 'HTTP 400' })).toEqual({
      event: 'message-dead',
      message: { id: 'id-1', topic: 'order.placed', key: '17', attempt: 1, createdAt: message.createdAt },
      reason: 'rejected',
      error: 'HTTP 400',
    });
    expect(eventJson({ type: 'store-failed', during: 'claim', error, delayMs: 100 })).toEqual({
      event: 'store-failed',
      during: 'claim',
      error: 'no connection',
      code: 'STORE_UNAVAILABLE',
      delayMs: 100,
    });
  });

  it('passes on only the name of an event that it does not know', () => {
    const unknown = { type: 'invented', message } as unknown as RelayEvent;
    expect(eventJson(unknown)).toEqual({ event: 'invented' });
  });
});

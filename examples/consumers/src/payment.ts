import type { ConsumedMessage } from '@outrelay/core';
import { payloadText } from '@outrelay/core';
import type { Payment } from './ground.ts';

/** The payment in a message. */
export function paymentOf({ payload }: ConsumedMessage): Payment {
  return JSON.parse(payloadText(payload ?? 'null')) as Payment;
}

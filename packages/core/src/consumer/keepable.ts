import { MAX_ID_BYTES, MAX_KEY_BYTES, MAX_TOPIC_BYTES, type StoreLimits } from '../capabilities.ts';
import { payloadBytes } from '../message.ts';
import type { ConsumedMessage } from '../parking.ts';

/** Whether a store can keep the message: other producers are not bound by the rules of an outbox. */
export function keepable(message: ConsumedMessage, limits: StoreLimits): boolean {
  const { id, topic, key, headers, contentType, payload } = message;
  return (
    isText(id, MAX_ID_BYTES) &&
    isText(topic, MAX_TOPIC_BYTES) &&
    isText(contentType, MAX_ID_BYTES) &&
    (key === null || key === '' || isText(key, MAX_KEY_BYTES)) &&
    Object.entries(headers).every(([name, value]) => isPlain(name) && isPlain(value)) &&
    Buffer.byteLength(JSON.stringify(headers)) <= limits.maxHeadersBytes &&
    payloadBytes(payload) <= limits.maxPayloadBytes
  );
}

/** Whether a value can be part of a receipt: a text of 1 to 255 bytes that every database keeps as it is. */
export function isReceiptText(value: unknown): value is string {
  return isText(value, MAX_ID_BYTES);
}

function isText(value: unknown, maxBytes: number): value is string {
  return isPlain(value) && value !== '' && Buffer.byteLength(value) <= maxBytes;
}

function isPlain(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
}

import { createRelay, type Message, type NewMessage, type OutboxStore } from '@outrelay/core';

/** Publishes what is due and answers with it. */
export async function published(store: OutboxStore): Promise<readonly Message[]> {
  const messages: Message[] = [];
  const relay = createRelay({
    store,
    transport: {
      spec: 1,
      name: 'collecting',
      capabilities: {
        batchOrder: 'key',
        confirmation: 'received',
        deduplication: 'consumer',
        limits: { maxMessages: 1_000, maxBatchBytes: 2 ** 30, maxPayloadBytes: 2 ** 30 },
      },
      async publish(batch) {
        messages.push(...batch);
        return batch.map(() => ({ status: 'accepted' as const }));
      },
      async close() {},
    },
  });
  await relay.drain();
  return messages;
}

/** A message as core hands it to a store. */
export function message(
  id: string,
  payload: string | Uint8Array | null,
  contentType: string,
  headers: Record<string, string>,
): NewMessage {
  return {
    id,
    topic: 'exact',
    key: null,
    headers,
    payload,
    contentType,
    availableAt: null,
    ordering: 'key',
  };
}

/** The payload as text, whether it came back as text or as bytes. */
export function payloadText(back: Message | undefined): string | null {
  const payload = back?.payload ?? null;
  return typeof payload === 'string' || payload === null ? payload : Buffer.from(payload).toString();
}

import {
  type ClaimedMessage,
  deduplicationId,
  type Message,
  type MessageContent,
  type NewMessage,
} from '../../src/message.ts';

let ids = 0;

function content(fields: Partial<MessageContent>): MessageContent {
  return {
    id: fields.id ?? `m${++ids}`,
    topic: 'order.placed',
    key: null,
    headers: {},
    payload: '{}',
    contentType: 'application/json',
    ...fields,
  };
}

/** A message as a producer's transaction leaves it. */
export function newMessage(fields: Partial<NewMessage> = {}): NewMessage {
  const { availableAt = null, ordering = 'key', ...rest } = fields;
  return { ...content(rest), availableAt, ordering };
}

/** A message as a transport gets it. */
export function message(fields: Partial<Message> = {}): Message {
  const base = content(fields);
  return { ...base, createdAt: new Date(0), deduplicationId: deduplicationId(base.id, 0), ...fields };
}

/** A message as a store yields it. */
export function claimed(fields: Partial<ClaimedMessage> = {}): ClaimedMessage {
  return { ...message(fields), attempt: 1, undecodable: null, ref: null, ...fields };
}

/** `count` messages; the fields of each come from its number, counted from 0. */
export function many(
  count: number,
  fields: (index: number) => Partial<NewMessage> = () => ({}),
): NewMessage[] {
  return Array.from({ length: count }, (_, index) => newMessage(fields(index)));
}

import type { Headers, NewMessage, Payload } from '@outrelay/core';
import { storing, yieldingEach } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** Changes every text of a message on its way in. */
function texts(change: (text: string) => string): (message: NewMessage) => NewMessage {
  const payloadOf = (payload: Payload): Payload => (typeof payload === 'string' ? change(payload) : payload);
  return (message) => ({
    ...message,
    key: message.key === null ? null : change(message.key),
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [change(name), change(value)]),
    ),
    payload: payloadOf(message.payload),
  });
}

function reEncoded(payload: Payload): Payload {
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.stringify(JSON.parse(payload));
  } catch {
    return payload;
  }
}

export const CONTENT_MUTANTS: readonly StoreMutant[] = [
  full('headers-dropped', 'Headers are not stored.', () =>
    storing((message) => ({ ...message, headers: {} })),
  ),

  full('header-names-lowered', 'Header names are taken as HTTP would take them.', () =>
    storing(({ headers, ...message }) => ({
      ...message,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    })),
  ),

  full('bytes-decoded-as-text', 'Bytes are stored in a text column.', () =>
    storing(({ payload, ...message }) => ({
      ...message,
      payload: payload instanceof Uint8Array ? Buffer.from(payload).toString('utf8') : payload,
    })),
  ),

  full('json-re-encoded', 'Payloads go through a JSON column, which parses and prints them.', () =>
    storing(({ payload, ...message }) => ({ ...message, payload: reEncoded(payload) })),
  ),

  full('empty-payload-is-null', 'An empty payload comes back as none.', () =>
    storing(({ payload, ...message }) => ({ ...message, payload: payload?.length === 0 ? null : payload })),
  ),

  full('empty-key-is-none', 'An empty key comes back as none.', () =>
    storing(({ key, ...message }) => ({ ...message, key: key === '' ? null : key })),
  ),

  full('content-type-forgotten', 'Everything is application/json.', () =>
    storing((message) => ({ ...message, contentType: 'application/json' })),
  ),

  full('text-normalised', 'Texts are stored in one of their equivalent Unicode forms.', () =>
    storing(texts((text) => text.normalize('NFC'))),
  ),

  full(
    'three-byte-characters',
    "Characters beyond the basic plane become question marks, as in MySQL's utf8.",
    () => storing(texts((text) => text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '?'))),
  ),

  full('text-padded', 'Texts lose the space at their ends.', () => storing(texts((text) => text.trim()))),

  full('quotes-doubled', 'Texts are escaped by hand and sent as parameters all the same.', () =>
    storing(texts((text) => text.replaceAll("'", "''"))),
  ),

  full('format-directives-read', 'Texts pass through a formatter.', () =>
    storing(texts((text) => text.replaceAll('%s', ''))),
  ),

  full('payload-truncated', 'The payload column takes 64 KiB.', () =>
    storing(({ payload, ...message }) => ({ ...message, payload: payload?.slice(0, 65_535) ?? null })),
  ),

  full('created-at-in-local-time', 'Times are stored without zone by the client.', () => {
    const shifts = new Map<string, number>();
    return (store) =>
      yieldingEach(({ createdAt, ...message }) => ({
        ...message,
        createdAt: new Date(createdAt.getTime() - (shifts.get(message.id) ?? 0)),
      }))({
        ...store,
        append(tx, messages, options) {
          const shiftMs = new Date().getTimezoneOffset() * 60_000;
          for (const { id } of messages) shifts.set(id, shiftMs);
          return store.append(tx, messages, options);
        },
      });
  }),

  full('reference-kept', "The caller's objects are stored, not their contents.", () => {
    const given = new Map<string, { headers: Headers; payload: Payload }>();
    return (store) =>
      yieldingEach((message) => ({ ...message, ...given.get(message.id) }))({
        ...store,
        append(tx, messages, options) {
          for (const { id, headers, payload } of messages) given.set(id, { headers, payload });
          return store.append(tx, messages, options);
        },
      });
  }),
];

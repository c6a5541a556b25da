import {
  type DeadLetterEdit,
  type Headers,
  type NewMessage,
  type Payload,
  type RecoveryFacet,
  readOptions,
  uuidv7,
} from '@outrelay/core';
import { draftOf, write } from './append.ts';
import { updateChains } from './chains.ts';
import type { MongoDocument, MongoSession } from './client.ts';
import { checkLimit } from './condition.ts';
import type { Connection } from './connection.ts';
import { filterCondition, letterOf, pageRequest } from './letters.ts';
import { chainOf } from './partition.ts';
import { headersOf, NO_HEADERS, payloadOf } from './row.ts';
import { delayedRow } from './upkeep.ts';

/** Reads and resolves dead letters. Every verb that changes something is one transaction. */
export function recoveryFacet(connection: Connection): RecoveryFacet {
  const { database, clock } = connection;

  async function choose(
    condition: MongoDocument,
    limit: number,
    session: MongoSession,
  ): Promise<MongoDocument[]> {
    const letters = await database
      .collection('deadLetters')
      .find(condition, { session, sort: { _id: 1 }, limit, batchSize: Math.min(limit, 1_000) })
      .toArray();
    return letters as MongoDocument[];
  }

  /** Removes the markers that letters left in the chains of their keys; answers with the names of the chains. */
  async function dropMarkers(letters: readonly MongoDocument[], session: MongoSession): Promise<string[]> {
    const blocking = letters.filter(
      (letter) => letter['blocking'] === true && letter['message_key'] !== null,
    );
    if (blocking.length === 0) return [];
    const chains = blocking.map(chainOfRow);
    const places = blocking.map((letter) => ({
      chain: chainOfRow(letter),
      position: letter['position'],
      seq: letter['seq'],
    }));
    await database.collection('delayed').deleteMany({ dead: true, $or: places }, { session });
    return chains;
  }

  const removeLetters = async (letters: readonly MongoDocument[], session: MongoSession): Promise<void> => {
    const ids = letters.map((letter) => letter['_id']);
    await database.collection('deadLetters').deleteMany({ _id: { $in: ids } }, { session });
  };

  return {
    async list(request = {}) {
      const { condition, limit } = pageRequest(request);
      return connection.run(async () => {
        // One more than the page tells whether there is a next one.
        const options = { sort: { _id: 1 }, limit: limit + 1, batchSize: limit + 1 };
        const rows = await connection.find('deadLetters', condition, options);
        const page = rows.slice(0, limit);
        return {
          letters: page.map(letterOf),
          next: rows.length > limit ? (page.at(-1)?.['_id'] as string) : null,
        };
      });
    },

    async redrive(filter, limit) {
      const condition = filterCondition('recovery.redrive', filter);
      checkLimit('recovery.redrive', limit);
      return connection.transaction(async (session) => {
        const letters = await choose(condition, limit, session);
        if (letters.length === 0) return 0;
        await dropMarkers(letters, session);
        const now = clock.now();
        const rows = letters.map((letter) => {
          const chain = letter['message_key'] === null ? null : chainOfRow(letter);
          const redrives = (letter['redrives'] as number) + 1;
          return delayedRow(letter, { chain, blocks: chain !== null, available_at: now, redrives });
        });
        await database.collection('delayed').insertMany(rows, { session });
        await removeLetters(letters, session);
        const chains = rows.flatMap((row) => (row['chain'] as string | null) ?? []);
        await updateChains(database, [...new Set(chains)], now, session);
        return letters.length;
      });
    },

    async redriveEdited(id, edit) {
      const condition = filterCondition('recovery.redriveEdited', { ids: [id] });
      const changes = readEdit(edit);
      const { positions } = await connection.run((installation) => Promise.resolve(installation));
      return connection.transaction(async (session) => {
        const [letter] = await choose(condition, 1, session);
        if (letter === undefined) return null;
        const corrected = editedMessage(letter, changes);
        await write({ database, positions }, clock, draftOf([corrected]), session);
        const chains = await dropMarkers([letter], session);
        await database
          .collection('deadLetters')
          .updateOne({ _id: letter['_id'] }, { $set: { resolved_at: clock.now() } }, { session });
        await updateChains(database, chains, clock.now(), session);
        return corrected.id;
      });
    },

    async discard(filter, limit) {
      const condition = filterCondition('recovery.discard', filter);
      checkLimit('recovery.discard', limit);
      return connection.transaction(async (session) => {
        const letters = await choose(condition, limit, session);
        if (letters.length === 0) return 0;
        const chains = await dropMarkers(letters, session);
        await removeLetters(letters, session);
        await updateChains(database, [...new Set(chains)], clock.now(), session);
        return letters.length;
      });
    },
  };
}

function chainOfRow(row: MongoDocument): string {
  return chainOf(row['topic'] as string, row['message_key'] as string);
}

function editedMessage(letter: MongoDocument, edit: DeadLetterEdit): NewMessage {
  const payload = 'payload' in edit ? edit.payload : payloadOf(letter);
  return {
    id: uuidv7(),
    topic: edit.topic ?? (letter['topic'] as string),
    key: letter['message_key'] as string | null,
    contentType: edit.contentType ?? (letter['content_type'] as string),
    headers: edit.headers ?? headersOf(letter) ?? NO_HEADERS,
    payload: payload ?? null,
    availableAt: null,
    ordering: 'key',
  };
}

/** Only what is given; `null` as a payload is a payload. */
function readEdit(edit: DeadLetterEdit): DeadLetterEdit {
  const values = readOptions('recovery.redriveEdited', edit, {
    topic: textOrNothing,
    contentType: textOrNothing,
    headers: headersOrNothing,
    payload: payloadOrNothing,
  });
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function textOrNothing(value: unknown, name: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new TypeError(`${name} must be a text that is not empty.`);
}

function headersOrNothing(value: unknown, name: string): Headers | undefined {
  if (value === undefined) return undefined;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && Object.values(value).every((header) => typeof header === 'string')) return value as Headers;
  throw new TypeError(`${name} must be an object of texts.`);
}

function payloadOrNothing(value: unknown, name: string): Payload | undefined {
  if (value === undefined || value === null || typeof value === 'string' || value instanceof Uint8Array)
    return value;
  throw new TypeError(`${name} must be a text, a Uint8Array or null: it is stored as it is.`);
}

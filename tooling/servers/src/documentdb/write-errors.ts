import { BSON } from 'mongodb';
import { DUPLICATE_KEY, isConflict, WRITE_CONFLICT } from './command-failure.ts';
import { COMMANDS, numberOf, textOf } from './commands.ts';
import type { Ask } from './postgres-session.ts';
import { parseDocument, type WireDocument, type WireRequest } from './wire-message.ts';

interface WriteError extends WireDocument {
  readonly index: unknown;
  readonly code: unknown;
  readonly errmsg: unknown;
}

const FIELD = Buffer.from('writeErrors\0', 'latin1');
/** Codes from here on are SQLSTATEs as PostgreSQL packs them: five characters, six bits each, counted from "0". */
const PACKED_STATES = 1 << 20;

function sqlState(code: number): string {
  return [0, 6, 12, 18, 24].map((shift) => String.fromCodePoint(((code >> shift) & 0x3f) + 0x30)).join('');
}

/** The reply with the codes of MongoDB in place of those of DocumentDB. */
export function withPlainCodes(reply: Buffer): Uint8Array {
  if (!reply.includes(FIELD)) return reply;
  const document = parseDocument(reply);
  const errors = (document['writeErrors'] as readonly WriteError[]).map((error) => {
    const code = numberOf(error.code);
    return code < PACKED_STATES ? error : { ...error, code: plainCode(sqlState(code), textOf(error.errmsg)) };
  });
  return BSON.serialize({ ...document, writeErrors: errors });
}

function plainCode(code: string, text: string): number {
  if (text.startsWith('Duplicate key violation')) return DUPLICATE_KEY;
  return isConflict({ code }) ? WRITE_CONFLICT : 2;
}

/** What a write inside a transaction came to. */
export interface WriteOutcome {
  readonly failed: boolean;
  /**
   * Whether it failed on a document that the transaction does not see, because somebody else has inserted it since.
   * MongoDB calls that a write conflict, and a duplicate key only what the transaction can see.
   */
  readonly conflict: boolean;
}

/** Looks into the reply of a write inside a transaction. */
export async function outcomeOf(
  name: string,
  { body, sequence }: WireRequest,
  reply: Uint8Array,
  ask: Ask,
): Promise<WriteOutcome> {
  if (
    COMMANDS[name]?.writes !== true ||
    !Buffer.from(reply.buffer, reply.byteOffset, reply.length).includes(FIELD)
  )
    return { failed: false, conflict: false };
  const [error] = parseDocument(reply)['writeErrors'] as readonly WriteError[];
  const code = numberOf(error?.code ?? 0);
  // An upsert that could see the document would have changed it.
  if (code === WRITE_CONFLICT || (code === DUPLICATE_KEY && name === 'update'))
    return { failed: true, conflict: true };
  if (name !== 'insert' || error === undefined || code !== DUPLICATE_KEY)
    return { failed: true, conflict: false };
  const documents =
    sequence === null ? (body['documents'] as readonly WireDocument[]) : documentsOf(sequence);
  const filter = { _id: documents[numberOf(error.index)]?.['_id'] };
  const find = Buffer.from(BSON.serialize({ find: body['insert'], filter, limit: 1 }));
  const page = await ask(COMMANDS['find']?.sql ?? '', [textOf(body['$db']), find]);
  const { cursor } = parseDocument(page['reply'] as Buffer) as { cursor: { firstBatch: readonly unknown[] } };
  return { failed: true, conflict: cursor.firstBatch.length === 0 };
}

function documentsOf(sequence: Buffer): readonly WireDocument[] {
  const documents: WireDocument[] = [];
  for (let at = 0; at < sequence.length; at += sequence.readInt32LE(at))
    documents.push(parseDocument(sequence.subarray(at, at + sequence.readInt32LE(at))));
  return documents;
}

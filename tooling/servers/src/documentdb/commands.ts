import { BSON } from 'mongodb';
import { CommandFailure } from './command-failure.ts';
import type { WireDocument } from './wire-message.ts';

/** How a command reaches DocumentDB: the statement, and the column that holds the reply. */
export interface CommandStatement {
  /** Takes the database, the command as BSON, and a sequence of documents where `sequence` says so. */
  readonly sql: string;
  readonly sequence?: true;
  /** Answers with a page of a cursor, which may go on. */
  readonly cursor?: true;
  readonly writes?: true;
}

const BSON_TYPE = 'documentdb_core.bson';
const SEQUENCE_TYPE = 'documentdb_core.bsonsequence';

const write = (verb: string): CommandStatement => ({
  sql: `SELECT p_result::bytea AS reply FROM documentdb_api.${verb}($1, $2::bytea::${BSON_TYPE}, $3::bytea::${SEQUENCE_TYPE})`,
  sequence: true,
  writes: true,
});
const page = (verb: string): CommandStatement => ({
  sql: `SELECT cursorpage::bytea AS reply, continuation::bytea AS continuation, persistconnection FROM documentdb_api.${verb}_cursor_first_page($1, $2::bytea::${BSON_TYPE})`,
  cursor: true,
});
const query = (verb: string): CommandStatement => ({
  sql: `SELECT documentdb_api.${verb}($1, $2::bytea::${BSON_TYPE})::bytea AS reply`,
});

/** Commands that are one function of DocumentDB each. */
export const COMMANDS: Readonly<Record<string, CommandStatement>> = {
  insert: write('insert'),
  update: write('update'),
  delete: write('delete'),
  findAndModify: {
    sql: `SELECT p_result::bytea AS reply FROM documentdb_api.find_and_modify($1, $2::bytea::${BSON_TYPE})`,
    writes: true,
  },
  find: page('find'),
  aggregate: page('aggregate'),
  listCollections: page('list_collections'),
  listIndexes: page('list_indexes'),
  count: query('count_query'),
  distinct: query('distinct_query'),
  // Not in the background, which DocumentDB leaves to a scheduler that comes round every few seconds.
  createIndexes: {
    sql: `SELECT documentdb_api_internal.create_indexes_non_concurrently($1, $2::bytea::${BSON_TYPE}, true)::bytea AS reply`,
  },
};

/** The next page of a cursor. */
export const GET_MORE: string = `SELECT cursorpage::bytea AS reply, continuation::bytea AS continuation FROM documentdb_api.cursor_get_more($1, $2::bytea::${BSON_TYPE}, $3::bytea::${BSON_TYPE})`;

/** Commands about whole collections and databases, whose functions take names. */
export const NAMED: Readonly<
  Record<string, (command: WireDocument) => readonly [sql: string, name: unknown]>
> = {
  create: ({ create }) => ['SELECT documentdb_api.create_collection($1, $2)', create],
  drop: ({ drop }) => ['SELECT documentdb_api.drop_collection($1, $2)', drop],
  dropDatabase: () => ['SELECT documentdb_api.drop_database($1), $2::text', null],
  dropIndexes: ({ dropIndexes, index }) => [
    `CALL documentdb_api.drop_indexes($1, $2::bytea::${BSON_TYPE}, null)`,
    Buffer.from(BSON.serialize({ dropIndexes, index })),
  ],
};

/** Fields that belong to the driver's conversation with the server, and that DocumentDB does not know. */
const CONVERSATION: ReadonlySet<string> = new Set([
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  '$clusterTime',
  '$readPreference',
  '$db',
  'readConcern',
  'writeConcern',
  'apiVersion',
  'apiStrict',
  'maxTimeMS',
  'comment',
]);

/** The command as DocumentDB takes it. */
export function withoutConversation(body: WireDocument): Buffer {
  const kept = Object.fromEntries(Object.entries(body).filter(([name]) => !CONVERSATION.has(name)));
  return Buffer.from(BSON.serialize(kept, { ignoreUndefined: true }));
}

/** The name of a command, which is its first field. */
export function commandName(body: WireDocument): string {
  const [name] = Object.keys(body);
  if (name === undefined) throw new CommandFailure(59, 'CommandNotFound', 'an empty command');
  return name;
}

/** The text of a field; names come as plain strings. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

/** The number of a field in any of BSON's types of numbers. */
export function numberOf(value: unknown): number {
  return Number((value as { valueOf(): unknown }).valueOf());
}

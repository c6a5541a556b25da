import type { PoolClient } from 'pg';
import { CommandFailure } from './command-failure.ts';
import { type CommandStatement, GET_MORE, withoutConversation } from './commands.ts';
import { type Ask, askOn, type PostgresPool } from './postgres-session.ts';
import type { WireDocument } from './wire-message.ts';

/** A cursor that a client may ask for more. */
interface OpenCursor {
  readonly database: string;
  continuation: Buffer;
  /** The connection that has it open; `null` when any can go on, or when it is that of a transaction. */
  readonly client: PoolClient | null;
}

/** The cursors of all clients, by the number that the replies carry. */
export class Cursors {
  readonly #pool: PostgresPool;
  readonly #open = new Map<string, OpenCursor>();

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  /** Opens a cursor; in a transaction on its connection, otherwise on one that stays with it while it is open. */
  async open(
    { sql }: CommandStatement,
    database: string,
    command: Buffer,
    transaction: Ask | null,
  ): Promise<Uint8Array> {
    const client = transaction === null ? await this.#pool.connect() : null;
    try {
      const ask = transaction ?? askOn(client as PoolClient);
      const { reply, continuation, persistconnection } = await ask(sql, [database, command]);
      const goesOn = continuation !== null && continuation !== undefined;
      const keeps = goesOn && persistconnection === true;
      if (goesOn) {
        const open = { database, continuation: continuation as Buffer, client: keeps ? client : null };
        this.#open.set(String(numberIn(reply as Buffer)), open);
      }
      if (!keeps) client?.release();
      return reply as Buffer;
    } catch (error) {
      client?.release(true);
      throw error;
    }
  }

  async getMore(database: string, body: WireDocument, transaction: Ask | null): Promise<Uint8Array> {
    const number = String(body['getMore']);
    const cursor = this.#open.get(number);
    if (cursor === undefined || cursor.database !== database)
      throw new CommandFailure(43, 'CursorNotFound', `cursor id ${number} not found`);
    const command = withoutConversation(body);
    const parameters = [database, command, cursor.continuation];
    const held = cursor.client === null ? null : askOn(cursor.client);
    const ask =
      transaction ?? held ?? ((sql: string, values: readonly unknown[]) => this.#pool.ask(sql, values));
    try {
      const { reply, continuation } = await ask(GET_MORE, parameters);
      const goesOn = continuation !== null && continuation !== undefined;
      if (goesOn) cursor.continuation = continuation as Buffer;
      else this.close(number);
      return reply as Buffer;
    } catch (error) {
      this.close(number);
      throw error;
    }
  }

  /** Forgets a cursor and frees its connection; ending the connection is what closes it there. */
  close(number: string): boolean {
    const cursor = this.#open.get(number);
    cursor?.client?.release(true);
    return this.#open.delete(number);
  }
}

/** Where the number of the cursor stands in a page: `{ cursor: { id: … } }` are its first fields. */
const NUMBER_OFFSET = 20;
const PAGE_START = Buffer.from('\u0003cursor\0', 'latin1');

/** The number of a page's cursor. */
function numberIn(reply: Buffer): bigint {
  if (!reply.subarray(4, 12).equals(PAGE_START))
    throw new RangeError('a page does not begin with its cursor');
  return reply.readBigInt64LE(NUMBER_OFFSET);
}

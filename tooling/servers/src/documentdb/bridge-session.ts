import { CommandFailure, DUPLICATE_KEY, failureOf, TRANSIENT, WRITE_CONFLICT } from './command-failure.ts';
import {
  COMMANDS,
  type CommandStatement,
  commandName,
  NAMED,
  numberOf,
  textOf,
  withoutConversation,
} from './commands.ts';
import { conversationReply, helloReply, type Introduction, serialized, sessionName } from './conversation.ts';
import type { Cursors } from './cursors.ts';
import type { EmptyTimestamps } from './empty-timestamps.ts';
import type { FailPoint } from './fail-point.ts';
import type { Ask, PostgresPool } from './postgres-session.ts';
import type { RetriedWrites } from './retried-writes.ts';
import type { TransactionName, Transactions } from './transactions.ts';
import type { WireDocument, WireRequest } from './wire-message.ts';
import { outcomeOf, withPlainCodes } from './write-errors.ts';

/** What all connections of a bridge share. */
export interface BridgeState {
  readonly self: Introduction;
  readonly pool: PostgresPool;
  readonly transactions: Transactions;
  readonly cursors: Cursors;
  readonly retried: RetriedWrites;
  readonly failPoint: FailPoint;
  /** `null` leaves empty timestamps as they are. */
  readonly timestamps: EmptyTimestamps | null;
}

/** The commands of one connection. */
export class BridgeSession {
  readonly #state: BridgeState;
  readonly #id: number;
  #appName: string | null = null;

  constructor(state: BridgeState, id: number) {
    this.#state = state;
    this.#id = id;
  }

  /** The reply to a request as BSON; `null` when the connection is to be closed instead. */
  async answer(request: WireRequest): Promise<Uint8Array | null> {
    const { body } = request;
    try {
      const name = commandName(body);
      const failure = await this.#state.failPoint.meet(name, this.#appName);
      if (failure === 'close') return null;
      if (failure !== null) return serialized(failure.reply);
      return await this.#run(name, request);
    } catch (error) {
      return serialized(failureOf(error, body['autocommit'] === false).reply);
    }
  }

  /**
   * Rolls back the transaction of a request whose client went away before the reply. MongoDB keeps it for a minute
   * unless the client aborts it; here the abort of the client may have come before the request had begun.
   */
  async abandon({ body }: WireRequest): Promise<void> {
    if (body['autocommit'] === false) await this.#state.transactions.abort(sessionName(body['lsid']));
  }

  async #run(name: string, request: WireRequest): Promise<Uint8Array> {
    const { body } = request;
    const { self, transactions, retried } = this.#state;
    if (/^(hello|ismaster)$/i.test(name)) {
      this.#meet(body);
      return serialized(helloReply(self, this.#id));
    }
    if (name === 'configureFailPoint') {
      return serialized({ count: this.#state.failPoint.configure(body), ok: 1 });
    }
    if (name === 'endSessions') {
      for (const lsid of body['endSessions'] as readonly unknown[])
        await transactions.abort(sessionName(lsid));
    }
    if (name === 'killCursors') {
      for (const id of body['cursors'] as readonly unknown[]) this.#state.cursors.close(String(id));
    }
    const reply = conversationReply(name, body, self);
    if (reply !== null) return serialized(reply);

    const number = body['txnNumber'];
    if (number !== undefined && self.setName === null)
      throw new CommandFailure(
        20,
        'IllegalOperation',
        'Transaction numbers are only allowed on a replica set member or mongos',
      );
    const transaction =
      number === undefined ? null : { session: sessionName(body['lsid']), number: BigInt(numberOf(number)) };
    if (transaction === null) return this.#execute(name, request, null);
    if (body['autocommit'] !== false)
      return retried.once(transaction, () => this.#execute(name, request, null));
    return this.#inTransaction(name, request, transaction);
  }

  #meet(body: WireDocument): void {
    const client = body['client'] as { application?: { name?: unknown } } | undefined;
    if (client?.application?.name !== undefined) this.#appName = textOf(client.application.name);
  }

  /** A statement that fails ends the transaction at once, as it does in MongoDB. */
  async #inTransaction(
    name: string,
    request: WireRequest,
    transaction: TransactionName,
  ): Promise<Uint8Array> {
    const { transactions } = this.#state;
    if (name === 'commitTransaction') {
      await transactions.commit(transaction);
      return serialized({ ok: 1 });
    }
    if (name === 'abortTransaction') {
      transactions.find(transaction);
      await transactions.abort(transaction.session);
      return serialized({ ok: 1 });
    }
    try {
      const begins = request.body['startTransaction'] === true;
      const ask = begins ? await transactions.begin(transaction) : transactions.find(transaction);
      const reply = await this.#execute(name, request, ask);
      const { failed, conflict } = await outcomeOf(name, request, reply, ask);
      if (conflict) throw lostRace();
      if (failed) await transactions.abort(transaction.session);
      return reply;
    } catch (error) {
      await transactions.abort(transaction.session);
      if (name === 'findAndModify' && failureOf(error, true).code === DUPLICATE_KEY) throw lostRace();
      throw error;
    }
  }

  async #execute(name: string, request: WireRequest, ask: Ask | null): Promise<Uint8Array> {
    const { pool, cursors, timestamps } = this.#state;
    const { body, sequence } = request;
    const database = textOf(body['$db']);
    if (name === 'getMore') return cursors.getMore(database, body, ask);
    const run = ask ?? ((sql: string, parameters: readonly unknown[]) => pool.ask(sql, parameters));
    const named = NAMED[name]?.(body);
    if (named !== undefined) {
      await run(named[0], [database, named[1]]);
      return serialized({ ok: 1 });
    }
    const statement = COMMANDS[name];
    if (statement === undefined) throw unknownCommand(name);
    if (name === 'insert' && timestamps !== null) {
      if (sequence === null) timestamps.fillDocuments(body['documents'] as readonly WireDocument[]);
      else timestamps.fillSequence(sequence);
    }
    const command = withoutConversation(body);
    if (statement.cursor === true) return cursors.open(statement, database, command, ask);
    return replyOf(run, statement, database, command, sequence);
  }
}

/** Somebody else wrote a document first, whether the transaction can see it or not. */
function lostRace(): CommandFailure {
  return new CommandFailure(WRITE_CONFLICT, 'WriteConflict', 'Somebody else wrote this document.', [
    TRANSIENT,
  ]);
}

async function replyOf(
  ask: Ask,
  { sql, sequence: takesSequence }: CommandStatement,
  database: string,
  command: Buffer,
  sequence: Buffer | null,
): Promise<Uint8Array> {
  const parameters = takesSequence === true ? [database, command, sequence] : [database, command];
  const row = await ask(sql, parameters);
  return withPlainCodes(row['reply'] as Buffer);
}

function unknownCommand(name: string): CommandFailure {
  return new CommandFailure(59, 'CommandNotFound', `no such command: '${name}'`);
}

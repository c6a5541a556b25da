import { randomBytes } from 'node:crypto';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { mysqlStore } from '../../src/index.ts';
import { tablesOf } from '../../src/tables.ts';
import type { TestedServer } from './servers.ts';

/**
 * A database for one clause at a time. Making one takes a few tenths of a second, so those that were left as they were
 * made are emptied and used again.
 */
export class Place {
  readonly server: TestedServer;
  readonly database: string;
  /** A connection of whoever administers the database; it is not connected to it. */
  admin: Connection;
  /** Whether something was done to it that emptying does not undo. */
  spoilt = false;

  private constructor(server: TestedServer, database: string, admin: Connection) {
    this.server = server;
    this.database = database;
    this.admin = admin;
  }

  /** Makes an empty database. */
  static async make(server: TestedServer): Promise<Place> {
    const database = `outrelay_test_${randomBytes(6).toString('hex')}`;
    const admin = await connectTo(server);
    const place = new Place(server, database, admin);
    await place.run(`CREATE DATABASE \`${database}\``);
    return place;
  }

  /** Connects again, after the server was away. */
  async reconnect(): Promise<void> {
    this.admin.destroy();
    this.admin = await connectTo(this.server);
  }

  /** Creates the tables, and what the harness needs beside them. */
  async install(prefix = ''): Promise<void> {
    const store = mysqlStore({ connection: this.connection, ...(prefix === '' ? {} : { prefix }) });
    await store.schema.apply();
    await store.close();
    if (prefix !== '') return;
    // Refuses an id for which the harness holds a lock: a trigger made later would have to wait for transactions.
    await this.run(
      `CREATE TRIGGER \`${this.database}\`.refusal BEFORE INSERT ON \`${this.database}\`.outbox_messages FOR EACH ROW IF IS_USED_LOCK(SHA2(CONCAT('${this.database}', NEW.id), 224)) IS NOT NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF`,
    );
    await this.run(`CREATE TABLE \`${this.database}\`.app_keys (name VARCHAR(64) PRIMARY KEY)`);
  }

  /** How a store reaches it. */
  get connection(): { host: string; port: number; user: string; password: string; database: string } {
    const { host, port, user, password } = this.server;
    return { host, port, user, password, database: this.database };
  }

  async run(sql: string): Promise<void> {
    await this.admin.query(sql);
  }

  async rows(sql: string): Promise<readonly RowDataPacket[]> {
    const [rows] = await this.admin.query<RowDataPacket[]>(sql);
    return rows;
  }

  /** Removes all that was written. */
  async empty(): Promise<void> {
    const tables = tablesOf(this.database, '');
    const deletions = [
      tables.messages,
      tables.delayed,
      tables.deadLetters,
      tables.history,
      tables.receipts,
      tables.attempts,
      tables.parked,
      `\`${this.database}\`.app_keys`,
    ].map((table) => `DELETE FROM ${table};`);
    await this.run(
      `${deletions.join('')} UPDATE ${tables.partitions} SET token = NULL, relay = NULL, released = 1, wanted_by = NULL, wanted_at = NULL, losses = 0, last_read = 0, suspect_left = 0, served_at = UTC_TIMESTAMP(6)`,
    );
  }

  async remove(): Promise<void> {
    await this.run(`DROP DATABASE IF EXISTS \`${this.database}\``);
    await this.admin.end();
  }
}

async function connectTo({ host, port, user, password }: TestedServer): Promise<Connection> {
  const connection = await createConnection({
    host,
    port,
    user,
    password,
    multipleStatements: true,
    charset: 'utf8mb4',
  });
  // Whoever waits for an answer is told of a loss; nobody else has to be.
  connection.on('error', () => {});
  return connection;
}

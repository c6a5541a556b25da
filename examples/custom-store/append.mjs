import { OutboxError } from '@outrelay/core';

/**
 * Writes messages in the caller's transaction, all or none.
 *
 * @param {string} schema
 * @returns {(tx: import('@electric-sql/pglite').Transaction | import('@electric-sql/pglite').PGlite,
 *   messages: readonly import('@outrelay/core').NewMessage[],
 *   options: import('@outrelay/core').AppendOptions) => Promise<import('@outrelay/core').AppendReport>}
 */
export function appender(schema) {
  const insert = `INSERT INTO ${schema}.messages (id, topic, message_key, headers, payload, content_type, available_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`;

  return async (tx, messages, options) => {
    // Everything that can be read of the messages is read before anything is written (S1.4, S1.15).
    /** @type {[id: string, ...unknown[]][]} */
    const rows = messages.map((message) => [
      message.id,
      message.topic,
      message.key,
      JSON.stringify(message.headers),
      message.payload === null ? null : Uint8Array.from(Buffer.from(message.payload)),
      message.contentType,
      message.availableAt,
    ]);
    if ('transaction' in tx) {
      // The database itself: nothing keeps what is written here together with anything else (S1.6, S1.8).
      if (!options.autocommit) {
        throw new OutboxError(
          'TRANSACTION_REQUIRED',
          'Expected the handle that db.transaction() gives to its callback.',
        );
      }
      return tx.transaction((own) => write(own, rows));
    }
    if (tx.closed) throw new OutboxError('TRANSACTION_CLOSED', 'The transaction has ended already.');
    // An error ends a PostgreSQL transaction; a savepoint leaves the caller's usable (S1.4, S1.9).
    await tx.exec('SAVEPOINT append');
    try {
      return await write(tx, rows);
    } catch (error) {
      await tx.exec('ROLLBACK TO SAVEPOINT append');
      throw error;
    } finally {
      await tx.exec('RELEASE SAVEPOINT append');
    }
  };

  /**
   * @param {import('@electric-sql/pglite').Transaction} tx
   * @param {readonly [id: string, ...unknown[]][]} rows
   */
  async function write(tx, rows) {
    const duplicates = [];
    for (const row of rows) {
      const { affectedRows } = await tx.query(insert, row);
      if (affectedRows === 0) duplicates.push(row[0]);
    }
    return { duplicates };
  }
}

/**
 * Records outcomes in one transaction, whose first step locks the lease: nobody can take it over before the commit
 * (S4.11). Its end does not matter, only whether somebody else has it now (S4.9, S4.10).
 *
 * @param {string} schema
 */
export function settler(schema) {
  const messages = `${schema}.messages`;
  const copied = 'id, topic, message_key, headers, payload, content_type, created_at';
  const sql = {
    lock: `SELECT token FROM ${schema}.lease FOR UPDATE`,
    there: `SELECT position FROM ${messages} WHERE position = ANY ($1) AND NOT blocks`,
    remove: `DELETE FROM ${messages} WHERE position = ANY ($1)`,
    retry: `UPDATE ${messages} SET tried = true, suspect = false, attempts = $2, available_at = clock_timestamp() + $3 * interval '1 millisecond' WHERE position = $1`,
    bury: `INSERT INTO ${schema}.dead_letters (${copied}, attempts, reason, error) SELECT ${copied}, $2, $3, $4 FROM ${messages} WHERE position = $1`,
    block: `UPDATE ${messages} SET blocks = true, id = id || ' (dead) ' || position WHERE position = $1`,
    giveBack: `UPDATE ${messages} SET attempts = $2 WHERE position = $1`,
  };

  /**
   * @param {import('@electric-sql/pglite').Transaction} tx
   * @param {import('@outrelay/core').Lease} lease
   * @param {import('@outrelay/core').Settlements} settlements
   * @returns {Promise<import('@outrelay/core').SettleReport>}
   */
  return async (tx, lease, { accepted, retry, dead, returned }) => {
    const [holder] = (await tx.query(sql.lock)).rows;
    const held = /** @type {{ token: string | null }} */ (holder).token === lease.token;
    const all = [accepted, retry.map(messageOf), dead.map(messageOf), returned].flat();
    const { rows } = await tx.query(sql.there, [all.map((message) => refOf(message).position)]);
    const there = new Set(rows.map((row) => /** @type {{ position: number }} */ (row).position));
    /** @type {{ settled: number, alreadySettled: string[], lost: string[], unknown: string[] }} */
    const report = { settled: 0, alreadySettled: [], lost: [], unknown: [] };
    /**
     * Says of each message what is to be said, exactly once (S4.1), and whether its outcome is to be recorded.
     *
     * @param {import('@outrelay/core').ClaimedMessage} message
     */
    const mine = (message) => {
      const { position, token } = refOf(message);
      if (token !== lease.token) report.unknown.push(message.id);
      else if (!there.has(position)) report.alreadySettled.push(message.id);
      else if (!held) report.lost.push(message.id);
      else report.settled++;
      return held && token === lease.token && there.has(position);
    };

    await tx.query(sql.remove, [accepted.filter(mine).map((message) => refOf(message).position)]);
    for (const { message, delayMs } of retry) {
      if (mine(message)) await tx.query(sql.retry, [refOf(message).position, message.attempt, delayMs]);
    }
    for (const { message, reason, error, block } of dead) {
      if (!mine(message)) continue;
      const { position } = refOf(message);
      await tx.query(sql.bury, [position, message.attempt, reason, error]);
      // The row stays where its key has to wait, under a name that leaves its id free (S1.21, S4.12).
      if (block) await tx.query(sql.block, [position]);
      else await tx.query(sql.remove, [[position]]);
    }
    for (const message of returned) {
      if (mine(message)) await tx.query(sql.giveBack, [refOf(message).position, message.attempt - 1]);
    }
    return { ...report, wanted: false };
  };
}

/** @param {{ message: import('@outrelay/core').ClaimedMessage }} settlement */
function messageOf({ message }) {
  return message;
}

/** @param {import('@outrelay/core').ClaimedMessage} message */
function refOf({ ref }) {
  return /** @type {import('./read.mjs').Ref} */ (ref);
}

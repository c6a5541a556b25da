import type { ParkingFacet } from '@outrelay/core';
import { checkLimit } from './condition.ts';
import type { Connection, Session } from './connection.ts';
import { consumedOf, parkedCondition, parkedPage } from './parked.ts';
import { CONTENT_COLUMNS } from './row.ts';
import { NOW_MS, type Tables } from './tables.ts';

/**
 * Counts the attempts of deliveries and keeps the messages that a consumer gave up. Every verb that changes something
 * is one transaction on a connection of the store's own.
 */
export function parkingFacet(connection: Connection, { attempts, parked }: Tables): ParkingFacet {
  const delivery = 'consumer = ? AND message_id = ?';
  const message = 'consumer = ? AND id = ?';
  const sql = {
    isParked: `SELECT 1 FROM ${parked} WHERE ${message} AND available_at IS NULL`,
    attempts: `SELECT attempts FROM ${attempts} WHERE ${delivery}`,
    charge: `INSERT INTO ${attempts} (consumer, message_id, attempts) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET attempts = attempts + 1, charged_at = ${NOW_MS}`,
    forget: `DELETE FROM ${attempts} WHERE ${delivery}`,
    dropParked: `DELETE FROM ${parked} WHERE ${message}`,
    dropRedriven: `DELETE FROM ${parked} WHERE ${message} AND available_at IS NOT NULL`,
    park: `INSERT INTO ${parked} (consumer, ${CONTENT_COLUMNS}, attempts, redrives, reason, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    due: `SELECT parked_no, ${CONTENT_COLUMNS}, redrives FROM ${parked} WHERE consumer = ? AND available_at <= ${NOW_MS} ORDER BY parked_no LIMIT ?`,
    hold: `UPDATE ${parked} SET available_at = ${NOW_MS} + ? WHERE parked_no IN (SELECT value FROM json_each(?))`,
    restart: `DELETE FROM ${attempts} WHERE (consumer, message_id) IN (SELECT consumer, id FROM ${parked} WHERE parked_no IN (SELECT value FROM json_each(?)))`,
    redrive: `UPDATE ${parked} SET available_at = ${NOW_MS}, redrives = redrives + 1 WHERE parked_no IN (SELECT value FROM json_each(?))`,
    discard: `DELETE FROM ${parked} WHERE parked_no IN (SELECT parked_no FROM ${parked} WHERE`,
  };

  function choose(
    session: Session,
    condition: string,
    parameters: readonly (string | number | null)[],
  ): number[] {
    const oldest = `SELECT parked_no FROM ${parked} WHERE available_at IS NULL AND ${condition} ORDER BY parked_no LIMIT ?`;
    return session.rows(oldest, ...parameters).map(([number]) => number as number);
  }

  return {
    async charge(receipts) {
      return connection.write((session) =>
        receipts.map(({ consumer, messageId }) => {
          const isParked = session.row(sql.isParked, consumer, messageId) !== undefined;
          if (!isParked) session.run(sql.charge, consumer, messageId);
          const count = (session.row(sql.attempts, consumer, messageId)?.[0] as number | undefined) ?? 0;
          return { attempts: count, parked: isParked };
        }),
      );
    },

    async park(requests) {
      await connection.write((session) => {
        for (const { consumer, message: content, ...terms } of requests) {
          const { id, topic, key, contentType, createdAt, headers, payload } = content;
          session.run(sql.forget, consumer, id);
          session.run(sql.dropParked, consumer, id);
          session.run(
            sql.park,
            ...[consumer, id, topic, key, contentType, createdAt.getTime(), JSON.stringify(headers), payload],
            ...[terms.attempts, terms.redrives, terms.reason, terms.error],
          );
        }
      });
    },

    async take({ consumer, limit, holdMs }) {
      // Looks first: consumers ask all the time, and a write would stand in the way of writers.
      const look = (session: Session): readonly (readonly unknown[])[] =>
        session.rows(sql.due, consumer, limit);
      if ((await connection.read(look)).length === 0) return [];
      return connection.write((session) => {
        const rows = session.rows(sql.due, consumer, limit);
        session.run(sql.hold, holdMs, JSON.stringify(rows.map(([number]) => number)));
        return rows.map((row) => ({ message: consumedOf(row), redrives: row[8] as number }));
      });
    },

    async forget(receipts) {
      await connection.write((session) => {
        for (const { consumer, messageId } of receipts) {
          session.run(sql.forget, consumer, messageId);
          session.run(sql.dropRedriven, consumer, messageId);
        }
      });
    },

    async list(request = {}) {
      const page = parkedPage(parked, request);
      const found = await connection.read((session) => page.read(session));
      const shown = found.slice(0, page.limit);
      return {
        messages: shown.map((row) => row.parked),
        next: found.length > page.limit ? String(shown.at(-1)?.number) : null,
      };
    },

    async redrive(filter, limit) {
      const condition = parkedCondition('parking.redrive', filter);
      checkLimit('parking.redrive', limit);
      return connection.write((session) => {
        const numbers = choose(session, condition.sql, [...(condition.parameters as string[]), limit]);
        const list = JSON.stringify(numbers);
        session.run(sql.restart, list);
        return session.run(sql.redrive, list);
      });
    },

    async discard(filter, limit) {
      const { sql: condition, parameters } = parkedCondition('parking.discard', filter);
      checkLimit('parking.discard', limit);
      return connection.write((session) =>
        session.run(`${sql.discard} ${condition} ORDER BY parked_no LIMIT ?)`, ...parameters, limit),
      );
    },
  };
}

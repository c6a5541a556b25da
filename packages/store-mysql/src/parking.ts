import type { ParkingFacet, ParkRequest, Receipt } from '@outrelay/core';
import { checkLimit } from './condition.ts';
import { type Connections, rowsOf, type Session } from './connections.ts';
import { bytes, list, milliseconds, text, time, whole } from './literal.ts';
import { consumedOf, numberedOf, parkedCondition, parkedPage } from './parked.ts';
import { CONTENT_COLUMNS } from './row.ts';
import { NOW, type Tables } from './tables.ts';

/**
 * Counts the attempts of deliveries and keeps the messages that a consumer gave up. Every verb that changes something
 * is one transaction on a connection of the store's own, and locks its rows in the order of their keys.
 */
export function parkingFacet(connections: Connections, { attempts, parked }: Tables): ParkingFacet {
  const isDelivery = ({ consumer, messageId }: Receipt, id: string): string =>
    `consumer = ${text(consumer)} AND ${id} = ${text(messageId)}`;

  const charge = (receipt: Receipt): readonly string[] => {
    const isParked = `SELECT 1 FROM ${parked} WHERE ${isDelivery(receipt, 'id')} AND available_at IS NULL`;
    const { consumer, messageId } = receipt;
    return [
      // The parked row is looked for in the statement that counts, so that a message is not charged once it is parked.
      `INSERT INTO ${attempts} (consumer, message_id, attempts) SELECT ${text(consumer)}, ${text(messageId)}, 1 FROM DUAL WHERE NOT EXISTS (${isParked}) ON DUPLICATE KEY UPDATE attempts = ${attempts}.attempts + 1, charged_at = ${NOW}`,
      `SELECT COALESCE((SELECT attempts FROM ${attempts} WHERE ${isDelivery(receipt, 'message_id')}), 0), EXISTS (${isParked})`,
    ];
  };

  const park = ({ consumer, message, ...terms }: ParkRequest): readonly string[] => {
    const { id, topic, key, contentType, createdAt, headers, payload } = message;
    const receipt = { consumer, messageId: id };
    const body = typeof payload === 'string' ? `${text(payload)},NULL` : `NULL,${bytes(payload)}`;
    return [
      `DELETE FROM ${attempts} WHERE ${isDelivery(receipt, 'message_id')}`,
      `DELETE FROM ${parked} WHERE ${isDelivery(receipt, 'id')}`,
      `INSERT INTO ${parked} (consumer, ${CONTENT_COLUMNS}, attempts, redrives, reason, error) VALUES (${text(consumer)},${text(id)},${text(topic)},${text(key)},${text(contentType)},${time(createdAt)},${text(JSON.stringify(headers))},${body},${whole(terms.attempts)},${whole(terms.redrives)},${text(terms.reason)},${text(terms.error)})`,
    ];
  };

  const due = (consumer: string, limit: number): string =>
    `SELECT parked_no, ${CONTENT_COLUMNS}, redrives FROM ${parked} FORCE INDEX (inbox_parked_available) WHERE consumer = ${text(consumer)} AND available_at <= ${NOW} ORDER BY parked_no LIMIT ${whole(limit)}`;

  /** The oldest rows of a condition, locked; empty when there are none. */
  async function choose(session: Session, condition: string, limit: number): Promise<readonly string[]> {
    const rows = await session.rows(
      `SELECT parked_no FROM ${parked} WHERE ${condition} ORDER BY parked_no LIMIT ${whole(limit)} FOR UPDATE`,
    );
    return rows.map(([number]) => whole(number as number));
  }

  return {
    charge: (receipts) =>
      connections.write(async (session) => {
        const answers = new Map<Receipt, readonly unknown[]>();
        for (const receipt of inOrder(receipts)) {
          const [, counted] = await session.script(charge(receipt));
          answers.set(receipt, rowsOf(counted)[0] ?? []);
        }
        return receipts.map((receipt) => {
          const [count, isParked] = answers.get(receipt) ?? [];
          return { attempts: Number(count), parked: isParked === 1 };
        });
      }),

    async park(requests) {
      await connections.write((session) => session.script(requests.flatMap(park)));
    },

    async take({ consumer, limit, holdMs }) {
      // Looks first: consumers ask all the time.
      const found = await connections.look((session) => session.rows(due(consumer, 1)));
      if (found.length === 0) return [];
      return connections.write(async (session) => {
        const rows = await session.rows(`${due(consumer, limit)} FOR UPDATE`);
        if (rows.length > 0) {
          await session.run(
            `UPDATE ${parked} FORCE INDEX (PRIMARY) SET available_at = ${NOW} + ${milliseconds(holdMs)} WHERE parked_no IN ${list(rows.map(([number]) => whole(number as number)))}`,
          );
        }
        return rows.map((row) => ({ message: consumedOf(row), redrives: row[9] as number }));
      });
    },

    async forget(receipts) {
      await connections.write((session) =>
        session.script(
          inOrder(receipts).flatMap((receipt) => [
            `DELETE FROM ${attempts} WHERE ${isDelivery(receipt, 'message_id')}`,
            `DELETE FROM ${parked} WHERE ${isDelivery(receipt, 'id')} AND available_at IS NOT NULL`,
          ]),
        ),
      );
    },

    async list(request = {}) {
      const { limit, sql } = parkedPage(parked, request);
      const found = (await connections.read((session) => session.rows(sql))).map(numberedOf);
      const shown = found.slice(0, limit);
      return {
        messages: shown.map((row) => row.parked),
        next: found.length > limit ? String(shown.at(-1)?.number) : null,
      };
    },

    async redrive(filter, limit) {
      const condition = parkedCondition('parking.redrive', filter);
      checkLimit('parking.redrive', limit);
      return connections.write(async (session) => {
        const numbers = await choose(session, `available_at IS NULL AND ${condition}`, limit);
        if (numbers.length === 0) return 0;
        const chosen = `parked_no IN ${list(numbers)}`;
        await session.script([
          `DELETE a FROM ${parked} AS p FORCE INDEX (PRIMARY) STRAIGHT_JOIN ${attempts} AS a ON a.consumer = p.consumer AND a.message_id = p.id WHERE p.${chosen}`,
          `UPDATE ${parked} FORCE INDEX (PRIMARY) SET available_at = ${NOW}, redrives = redrives + 1 WHERE ${chosen}`,
        ]);
        return numbers.length;
      });
    },

    async discard(filter, limit) {
      const condition = parkedCondition('parking.discard', filter);
      checkLimit('parking.discard', limit);
      return connections.write(async (session) => {
        const numbers = await choose(session, condition, limit);
        if (numbers.length > 0)
          await session.run(`DELETE FROM ${parked} WHERE parked_no IN ${list(numbers)} ORDER BY parked_no`);
        return numbers.length;
      });
    },
  };
}

/** In an order that all transactions have in common, so that two of them do not lock crosswise. */
function inOrder(receipts: readonly Receipt[]): readonly Receipt[] {
  const name = ({ consumer, messageId }: Receipt): string => `${consumer}\0${messageId}`;
  return receipts.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

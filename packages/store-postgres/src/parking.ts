import type { ParkingFacet, ParkRequest, Receipt } from '@outrelay/core';
import { checkLimit, timeLiteral } from './condition.ts';
import type { Ask, Connections } from './connections.ts';
import { numbers, text, textOrNull, whole } from './literal.ts';
import {
  CONSUMED_COLUMNS,
  CONSUMED_WIDTH,
  consumedOf,
  numberedOf,
  parkedCondition,
  parkedPage,
} from './parked.ts';
import { CONTENT } from './row.ts';
import { CLOCK, interval, NOW, type Tables } from './tables.ts';

/**
 * Counts the attempts of deliveries and keeps the messages that a consumer gave up. Every verb that changes something is
 * one transaction on a connection of the store's own, and locks its rows in the order of their keys.
 */
export function parkingFacet(connections: Connections, { attempts, parked }: Tables): ParkingFacet {
  const isDelivery = ({ consumer, messageId }: Receipt, id: string): string =>
    `consumer = ${text(consumer)} AND ${id} = ${text(messageId)}`;

  const charge = (receipt: Receipt): readonly string[] => {
    const isParked = `SELECT 1 FROM ${parked} WHERE ${isDelivery(receipt, 'id')} AND available_at IS NULL`;
    const { consumer, messageId } = receipt;
    return [
      // The parked row is looked for in the statement that counts, so that a message is not charged once it is parked.
      `INSERT INTO ${attempts} AS a (consumer, message_id, attempts) SELECT ${text(consumer)}, ${text(messageId)}, 1 WHERE NOT EXISTS (${isParked}) ON CONFLICT (consumer, message_id) DO UPDATE SET attempts = a.attempts + 1, charged_at = ${CLOCK}`,
      `SELECT coalesce((SELECT attempts FROM ${attempts} WHERE ${isDelivery(receipt, 'message_id')}), 0), EXISTS (${isParked})`,
    ];
  };

  const columns = `${CONTENT}, attempts, redrives, reason, error`;
  const replaced = columns
    .split(', ')
    .map((column) => `${column} = excluded.${column}`)
    .join(', ');
  const park = ({ consumer, message, ...terms }: ParkRequest): readonly string[] => {
    const { id, topic, key, contentType, createdAt, headers, payload } = message;
    const receipt = { consumer, messageId: id };
    const body =
      payload instanceof Uint8Array
        ? `NULL, decode('${Buffer.from(payload).toString('base64')}', 'base64')`
        : `${textOrNull(payload)}, NULL`;
    const content = [
      ...[text(id), text(topic), textOrNull(key), text(contentType), timeLiteral(createdAt)],
      ...[text(JSON.stringify(headers)), body],
    ].join(', ');
    return [
      `DELETE FROM ${attempts} WHERE ${isDelivery(receipt, 'message_id')}`,
      `INSERT INTO ${parked} (consumer, ${columns}) VALUES (${text(consumer)}, ${content}, ${whole(terms.attempts)}, ${whole(terms.redrives)}, ${text(terms.reason)}, ${text(terms.error.replaceAll('\0', '\u2400'))}) ON CONFLICT (consumer, id) DO UPDATE SET parked_no = DEFAULT, parked_at = DEFAULT, available_at = NULL, ${replaced}`,
    ];
  };

  const due = (consumer: string, limit: number): string =>
    `SELECT ${CONSUMED_COLUMNS}, redrives FROM ${parked} WHERE consumer = ${text(consumer)} AND available_at <= ${NOW} ORDER BY parked_no LIMIT ${whole(limit)}`;

  /** The oldest rows of a condition, locked. */
  async function choose(ask: Ask, condition: string, limit: number): Promise<string | null> {
    const [rows = []] = await ask([
      `SELECT parked_no FROM ${parked} WHERE ${condition} ORDER BY parked_no LIMIT ${whole(limit)} FOR UPDATE`,
    ]);
    return rows.length === 0
      ? null
      : numbers(
          rows.map(([number]) => Number(number)),
          'bigint',
        );
  }

  /** Changes the oldest rows of a condition; answers with their number. */
  const changeChosen = (
    condition: string,
    limit: number,
    statements: (chosen: string) => readonly string[],
  ): Promise<number> =>
    connections.changeOn(async (ask) => {
      const chosen = await choose(ask, condition, limit);
      if (chosen === null) return 0;
      const [changed = []] = await ask(statements(chosen));
      return Number(changed[0]?.[0]);
    });
  const counted = (change: string): string =>
    `WITH changed AS (${change} RETURNING 1) SELECT count(*) FROM changed`;

  return {
    async charge(receipts) {
      const ordered = inOrder(receipts);
      const found = await connections.change(ordered.flatMap(charge));
      return receipts.map((receipt) => {
        const [count, isParked] = found[ordered.indexOf(receipt) * 2 + 1]?.[0] ?? [];
        return { attempts: Number(count), parked: isParked === 't' };
      });
    },

    async park(requests) {
      await connections.change(requests.flatMap(park));
    },

    async take({ consumer, limit, holdMs }) {
      // Looks first: consumers ask all the time.
      const [found = []] = await connections.look([due(consumer, 1)]);
      if (found.length === 0) return [];
      return connections.changeOn(async (ask) => {
        const [rows = []] = await ask([`${due(consumer, limit)} FOR UPDATE`]);
        const chosen = numbers(
          rows.map(([number]) => Number(number)),
          'bigint',
        );
        await ask([
          `UPDATE ${parked} SET available_at = ${CLOCK} + ${interval(holdMs)} WHERE parked_no = ANY(${chosen})`,
        ]);
        return rows.map((row) => ({ message: consumedOf(row), redrives: Number(row[CONSUMED_WIDTH]) }));
      });
    },

    async forget(receipts) {
      await connections.change(
        inOrder(receipts).flatMap((receipt) => [
          `DELETE FROM ${attempts} WHERE ${isDelivery(receipt, 'message_id')}`,
          `DELETE FROM ${parked} WHERE ${isDelivery(receipt, 'id')} AND available_at IS NOT NULL`,
        ]),
      );
    },

    async list(request = {}) {
      const { limit, sql } = parkedPage(parked, request);
      const [rows = []] = await connections.look([sql]);
      const shown = rows.slice(0, limit).map(numberedOf);
      return {
        messages: shown.map((row) => row.parked),
        next: rows.length > limit ? String(shown.at(-1)?.number) : null,
      };
    },

    async redrive(filter, limit) {
      const condition = parkedCondition('parking.redrive', filter);
      checkLimit('parking.redrive', limit);
      return changeChosen(`available_at IS NULL AND ${condition}`, limit, (chosen) => [
        counted(
          `UPDATE ${parked} SET available_at = ${CLOCK}, redrives = redrives + 1 WHERE parked_no = ANY(${chosen})`,
        ),
        `DELETE FROM ${attempts} AS a USING ${parked} AS p WHERE p.parked_no = ANY(${chosen}) AND a.consumer = p.consumer AND a.message_id = p.id`,
      ]);
    },

    async discard(filter, limit) {
      const condition = parkedCondition('parking.discard', filter);
      checkLimit('parking.discard', limit);
      return changeChosen(condition, limit, (chosen) => [
        counted(`DELETE FROM ${parked} WHERE parked_no = ANY(${chosen})`),
      ]);
    },
  };
}

/** In an order that all transactions have in common, so that two of them do not lock crosswise. */
function inOrder(receipts: readonly Receipt[]): readonly Receipt[] {
  const name = ({ consumer, messageId }: Receipt): string => `${consumer}\0${messageId}`;
  return receipts.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

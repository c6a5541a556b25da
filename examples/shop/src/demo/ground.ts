import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { createConsumerTables } from '../consumer/tables.ts';
import { openDatabase } from '../databases/open-database.ts';
import type { ShopDatabase } from '../databases/shop-database.ts';
import { type Destination, HTTP_DESTINATION } from '../destinations/destination.ts';
import { redisDestination } from '../destinations/redis.ts';
import { displayUrl } from './display-url.ts';

/** Everything that a run has for itself, on whatever servers. */
export interface Ground {
  /** What it all begins with on a server. */
  readonly name: string;
  readonly folder: string;
  /** URLs, as the processes need them. */
  readonly from: string;
  readonly to: string;
  readonly shop: ShopDatabase;
  readonly destination: Destination;
  /** The file of the consumer's database. */
  readonly consumer: string;
  /** What was created and where, for people. */
  readonly places: readonly string[];
  remove(): Promise<void>;
  close(): Promise<void>;
}

/** Where a run takes place, as a person said it: `null` for what needs no server. */
export interface Places {
  readonly from: string | null;
  readonly to: string | null;
}

/** Creates all that a run needs, under a name that no other run has; leaves nothing behind when that fails. */
export async function createGround({ from, to }: Places): Promise<Ground> {
  const name = `outrelay_demo_${randomBytes(4).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'outrelay-shop-'));
  const shopUrl = from ?? `sqlite:${join(folder, 'shop.db')}`;
  const consumer = join(folder, 'consumer.db');
  try {
    const shop = await usable('--from', shopUrl, () => openDatabase(shopUrl, name), create);
    const destination = to === null ? HTTP_DESTINATION : redisDestination(to, name);
    const ground: Ground = {
      name,
      folder,
      from: shopUrl,
      to: to ?? 'http:',
      shop,
      destination,
      consumer,
      places: [
        `shop and outbox: ${shop.belongings}${from === null ? '' : ` at ${displayUrl(from)}`}`,
        ...(to === null ? [] : [`deliveries: ${destination.belongings} at ${displayUrl(to)}`]),
        `consumer: the file ${consumer}`,
      ],
      async remove() {
        await destination.remove();
        await shop.remove();
        rmSync(folder, { recursive: true, force: true });
      },
      async close() {
        await destination.close();
        await shop.close();
      },
    };
    try {
      await usable(
        '--to',
        to ?? '',
        () => destination,
        (one) => one.check(),
      );
      await createConsumer(consumer);
    } catch (error) {
      await shop.remove();
      await ground.close();
      throw error;
    }
    return ground;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function create(shop: ShopDatabase): Promise<void> {
  try {
    await shop.create();
  } catch (error) {
    // What stands in the way of the first most often stands in the way of this, and is told once.
    await shop.remove().catch(() => {});
    await shop.close();
    throw error;
  }
}

/** Opens something and tries it; a failure names the option and the server, without a password. */
async function usable<T>(
  option: string,
  url: string,
  open: () => T,
  attempt: (opened: T) => Promise<void>,
): Promise<T> {
  try {
    const opened = open();
    await attempt(opened);
    return opened;
  } catch (error) {
    throw new Error(`${option}: the demo cannot use ${displayUrl(url)}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

async function createConsumer(file: string): Promise<void> {
  const db = new Database(file);
  createConsumerTables(db);
  db.close();
  const store = sqliteStore({ file, driver: Database });
  await store.schema.apply();
  await store.close();
}

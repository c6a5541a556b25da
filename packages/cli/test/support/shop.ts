import { mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folder.ts';
import { type Finished, outrelay, type Place, type Running, start } from './outrelay.ts';

const require = createRequire(import.meta.url);
/** Packages of this workspace and their main files. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@outrelay/core': require.resolve('@outrelay/core'),
  '@outrelay/cli': require.resolve('@outrelay/cli'),
  '@outrelay/store-sqlite': require.resolve('@outrelay/store-sqlite'),
  '@outrelay/transport-http': require.resolve('@outrelay/transport-http'),
  '@outrelay/transport-console': require.resolve('@outrelay/transport-console'),
};

/** A folder with a SQLite file in it that has the tables of an outbox. */
export class Shop {
  readonly folder: string = temporaryFolder();
  readonly file: string = join(this.folder, 'shop.db');
  readonly #database: Database.Database;

  private constructor() {
    this.#database = new Database(this.file);
    onTestFinished(() => void this.#database.close());
  }

  /** Creates the folder, the file and the tables; all of them go with the test. */
  static async open(): Promise<Shop> {
    const shop = new Shop();
    const store = sqliteStore({ file: shop.file, driver: Database });
    await store.schema.apply();
    await store.close();
    return shop;
  }

  /** Appends by plain SQL, as any other program could. */
  append(topic: string, key: string | null, ...payloads: readonly (string | Uint8Array)[]): string[] {
    const insert = this.#database
      .prepare('INSERT INTO outbox_messages (topic, message_key, payload) VALUES (?, ?, ?) RETURNING id')
      .pluck();
    return payloads.map((payload) => insert.get(topic, key, payload) as string);
  }

  /** Makes the packages of this workspace importable from the folder, as an installation would. */
  linkPackages(): void {
    const modules = join(this.folder, 'node_modules');
    mkdirSync(join(modules, '@outrelay'), { recursive: true });
    for (const [name, main] of Object.entries(PACKAGES)) {
      symlinkSync(dirname(dirname(main)), join(modules, name));
    }
  }

  /** The rows that a query answers with. */
  query<T>(sql: string): T[] {
    return this.#database.prepare(sql).all() as T[];
  }

  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs a command in the folder; `--from sqlite:shop.db` comes from the environment. */
  run(args: readonly string[], place: Partial<Place> = {}): Promise<Finished> {
    return outrelay(args, this.#place(place));
  }

  /** Starts a command in the folder. */
  start(args: readonly string[], place: Partial<Place> = {}): Running {
    return start(args, this.#place(place));
  }

  #place({ env, input }: Partial<Place>): Place {
    return { cwd: this.folder, env: { OUTRELAY_FROM: 'sqlite:shop.db', ...env }, input };
  }
}

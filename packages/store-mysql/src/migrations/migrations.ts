import type { MigrationStep } from '@outrelay/core';
import { PARTITIONS, type Tables } from '../tables.ts';
import { LOCKS } from '../order-locks.ts';
import { INITIAL_TABLES } from './0001-initial.ts';
import { createTable, type TableDefinition } from './table.ts';

/** Where a schema is, and how its texts are compared, which MySQL and MariaDB name differently. */
export interface SchemaPlace {
  readonly tables: Tables;
  readonly prefix: string;
  readonly collation: string;
}

/** One step of the schema, for tables of any prefix. */
interface Migration {
  readonly name: string;
  /** The oldest schema version a package may have been written for and still work with the result. */
  readonly minCompatible: number;
  readonly statements: (place: SchemaPlace) => readonly string[];
}

/** Every step ever released, in order; a released step never changes. */
const MIGRATIONS: readonly Migration[] = [{ name: 'initial', minCompatible: 1, statements: initial }];

/** The version that this package was written for. */
export const LATEST_VERSION: number = MIGRATIONS.length;
/** The oldest version that this package works with. */
export const OLDEST_VERSION = 1;
/** What the tables of the latest version look like. */
export const LATEST_TABLES: readonly TableDefinition[] = INITIAL_TABLES;

function initial({ tables, prefix, collation }: SchemaPlace): readonly string[] {
  return [
    ...INITIAL_TABLES.map((table) => createTable(table, tables.database, prefix, collation)),
    `INSERT IGNORE INTO ${tables.partitions} (partition_no) VALUES ${rowsUpTo(PARTITIONS)}`,
    `INSERT IGNORE INTO ${tables.locks} (lock_no) VALUES ${rowsUpTo(LOCKS)}`,
  ];
}

function rowsUpTo(count: number): string {
  return Array.from({ length: count }, (_, number) => `(${number})`).join(', ');
}

/**
 * The steps after `installed`, each of which records itself as its last statement. Definitions commit by themselves in
 * MySQL, so every statement can be run again after an interruption.
 */
export function stepsAfter(installed: number, place: SchemaPlace): readonly MigrationStep[] {
  return MIGRATIONS.slice(installed).map(({ name, minCompatible, statements }, index) => {
    const version = installed + index + 1;
    return {
      version,
      name,
      statements: [
        ...statements(place),
        `INSERT IGNORE INTO ${place.tables.schema} (version, name, min_compatible) VALUES (${version}, '${name}', ${minCompatible})`,
      ],
    };
  });
}

import type { MigrationStep } from '@outrelay/core';
import type { Tables } from '../tables.ts';
import { initial } from './0001-initial.ts';

/** One step of the schema, for tables of any prefix. */
interface Migration {
  readonly name: string;
  /** The oldest schema version a package may have been written for and still work with the result. */
  readonly minCompatible: number;
  readonly statements: (tables: Tables) => readonly string[];
}

/** Every step ever released, in order; a released step never changes. */
const MIGRATIONS: readonly Migration[] = [{ name: 'initial', minCompatible: 1, statements: initial }];

/** The version that this package was written for. */
export const LATEST_VERSION: number = MIGRATIONS.length;
/** The oldest version that this package works with. */
export const OLDEST_VERSION = 1;

/** The steps after `installed`, each of which records itself as its last statement. */
export function stepsAfter(installed: number, tables: Tables): readonly MigrationStep[] {
  return MIGRATIONS.slice(installed).map(({ name, minCompatible, statements }, index) => {
    const version = installed + index + 1;
    return {
      version,
      name,
      statements: [
        ...statements(tables),
        `INSERT INTO ${tables.versions} (version, name, min_compatible) VALUES (${version}, '${name}', ${minCompatible})`,
      ],
    };
  });
}

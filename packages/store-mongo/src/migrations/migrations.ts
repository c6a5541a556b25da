import type { MigrationStep } from '@outrelay/core';
import type { Collections } from '../collections.ts';
import { type IndexSpec, initial } from './0001-initial.ts';

/** One step of the schema, for collections of any prefix. */
interface Migration {
  readonly name: string;
  /** The oldest schema version a package may have been written for and still work with the result. */
  readonly minCompatible: number;
  /** Collections to make, each with its indexes. */
  readonly collections: (names: Collections) => Readonly<Record<string, readonly IndexSpec[]>>;
}

/** Every step ever released, in order; a released step never changes. */
const MIGRATIONS: readonly Migration[] = [{ name: 'initial', minCompatible: 1, collections: initial }];

/** The version that this package was written for. */
export const LATEST_VERSION: number = MIGRATIONS.length;
/** The oldest version that this package works with. */
export const OLDEST_VERSION = 1;

/** A step with its commands. */
export interface Step extends MigrationStep {
  readonly minCompatible: number;
  readonly commands: readonly object[];
}

/** The steps after `installed`. */
export function stepsAfter(installed: number, names: Collections): readonly Step[] {
  return MIGRATIONS.slice(installed).map(({ name, minCompatible, collections }, index) => {
    const commands = Object.entries(collections(names)).flatMap(([collection, indexes]): object[] => [
      { create: collection },
      ...(indexes.length === 0 ? [] : [{ createIndexes: collection, indexes }]),
    ]);
    const statements = commands.map((command) => JSON.stringify(command));
    return { version: installed + index + 1, name, minCompatible, commands, statements };
  });
}

/** What the collections of a version look like. */
export function expectedCollections(
  version: number,
  names: Collections,
): ReadonlyMap<string, readonly IndexSpec[]> {
  return new Map(
    MIGRATIONS.slice(0, version).flatMap(({ collections }) => Object.entries(collections(names))),
  );
}

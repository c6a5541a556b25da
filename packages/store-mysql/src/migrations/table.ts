import { quoted } from '../tables.ts';

/** A table as a migration makes it, in parts, so that what is there can be compared with it. */
export interface TableDefinition {
  /** Without the prefix. */
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly primaryKey: readonly string[];
  /** Columns of the indexes by their names. */
  readonly indexes: Readonly<Record<string, readonly string[]>>;
  /** Names of those indexes that are unique. */
  readonly unique?: readonly string[] | undefined;
  /** Conditions by their names. */
  readonly checks?: Readonly<Record<string, string>> | undefined;
}

/** One column. */
export interface ColumnDefinition {
  readonly name: string;
  /** As `information_schema` writes it, without display widths. */
  readonly type: string;
  readonly nullable: boolean;
  /** What follows the type: a default, or how the value is generated. */
  readonly rest: string;
}

/** A column that must have a value. */
export function column(name: string, type: string, rest = ''): ColumnDefinition {
  return { name, type, nullable: false, rest };
}

/** A column that may be NULL. */
export function nullable(name: string, type: string, rest = ''): ColumnDefinition {
  return { name, type, nullable: true, rest };
}

/**
 * The statement that makes a table. It does nothing when the table is there: definitions commit by themselves, so a
 * migration that was interrupted begins again.
 *
 * @param collation - one that compares bytes and does not pad, so that `A`, `a` and `a ` are three keys
 */
export function createTable(
  { name, columns, primaryKey, indexes, unique = [], checks = {} }: TableDefinition,
  database: string,
  prefix: string,
  collation: string,
): string {
  const columnsOf = (names: readonly string[]): string => names.map(quoted).join(', ');
  const parts = [
    ...columns.map(({ name: own, type, nullable: mayBeNull, rest }) =>
      [quoted(own), type, mayBeNull || rest.startsWith('GENERATED') ? '' : 'NOT NULL', rest]
        .filter((part) => part !== '')
        .join(' '),
    ),
    `PRIMARY KEY (${columnsOf(primaryKey)})`,
    ...Object.entries(indexes).map(
      ([index, names]) =>
        `${unique.includes(index) ? 'UNIQUE ' : ''}KEY ${quoted(index)} (${columnsOf(names)})`,
    ),
    // Names of constraints are shared by all tables of a database.
    ...Object.entries(checks).map(
      ([check, condition]) => `CONSTRAINT ${quoted(`${prefix}${check}`)} CHECK (${condition})`,
    ),
  ];
  return `CREATE TABLE IF NOT EXISTS ${quoted(database)}.${quoted(prefix + name)} (${parts.join(', ')}) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`;
}

import { ByteReader } from './byte-reader.ts';

/** A row that was inserted: columns by name, each as the text that PostgreSQL sent, or `null`. */
export interface InsertedRow {
  readonly schema: string;
  readonly table: string;
  readonly columns: ReadonlyMap<string, string | null>;
  /** Bytes of the row as it came. */
  readonly bytes: number;
}

/** What happens in the log, as far as this package wants to know. */
export type LogEvent =
  | { readonly kind: 'begin'; readonly xid: number }
  | { readonly kind: 'insert'; readonly row: InsertedRow }
  | { readonly kind: 'commit'; readonly end: bigint }
  | { readonly kind: 'other' };

interface Relation {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

const OTHER: LogEvent = { kind: 'other' };

/**
 * Decodes what the output plugin `pgoutput` sends, protocol version 1
 * (https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html): whole transactions in the order
 * of their commits. Relations are described before their first row, and again when they change.
 */
export class PgOutput {
  readonly #relations = new Map<number, Relation>();

  decode(message: Buffer): LogEvent {
    const reader = new ByteReader(message);
    switch (reader.letter()) {
      case 'B':
        reader.uint64();
        reader.uint64();
        return { kind: 'begin', xid: reader.uint32() };
      case 'C':
        reader.byte();
        reader.uint64();
        // The end of the commit record: confirming anything earlier repeats the whole transaction.
        return { kind: 'commit', end: reader.uint64() };
      case 'R':
        this.#relations.set(reader.uint32(), relation(reader));
        return OTHER;
      case 'I':
        return { kind: 'insert', row: this.#insert(reader, message.length) };
      default:
        return OTHER;
    }
  }

  #insert(reader: ByteReader, bytes: number): InsertedRow {
    const id = reader.uint32();
    const known = this.#relations.get(id);
    if (known === undefined)
      throw new Error(`The log holds a row of the relation ${id}, which it never described.`);
    reader.letter();
    const count = reader.int16();
    const columns = new Map<string, string | null>();
    for (let at = 0; at < count; at++) {
      const name = known.columns[at] as string;
      const kind = reader.letter();
      columns.set(name, kind === 't' ? reader.bytes(reader.int32()).toString('utf8') : null);
    }
    return { schema: known.schema, table: known.table, columns, bytes };
  }
}

function relation(reader: ByteReader): Relation {
  const schema = reader.text();
  const table = reader.text();
  reader.byte();
  const columns = Array.from({ length: reader.int16() }, () => {
    reader.byte();
    const name = reader.text();
    reader.int32();
    reader.int32();
    return name;
  });
  return { schema, table, columns };
}

import { describe, expect, it } from 'vitest';
import { PgOutput } from '../../src/log/pgoutput.ts';

/** Puts fields of the protocol together. */
function bytes(
  ...fields: readonly (string | Buffer | [bits: 8 | 16 | 32 | 64, value: number | bigint])[]
): Buffer {
  return Buffer.concat(
    fields.map((field) => {
      if (typeof field === 'string') return Buffer.from(`${field}\0`);
      if (Buffer.isBuffer(field)) return field;
      const [bits, value] = field;
      const buffer = Buffer.alloc(bits / 8);
      if (bits === 64) buffer.writeBigUInt64BE(BigInt(value));
      else buffer.writeUIntBE(Number(value), 0, bits / 8);
      return buffer;
    }),
  );
}
const letter = (name: string): Buffer => Buffer.from(name);
const column = (name: string): Buffer => bytes([8, 0], name, [32, 25], [32, 0]);
const value = (text: string): Buffer => bytes(letter('t'), [32, Buffer.byteLength(text)], Buffer.from(text));

const RELATION = bytes(
  letter('R'),
  [32, 77],
  'outrelay',
  'outbox_messages',
  letter('d'),
  [16, 2],
  column('id'),
  column('payload'),
);

describe('PgOutput', () => {
  it('decodes a transaction', () => {
    const decoder = new PgOutput();
    expect(decoder.decode(bytes(letter('B'), [64, 10], [64, 0], [32, 4_000_000_000]))).toEqual({
      kind: 'begin',
      xid: 4_000_000_000,
    });
    expect(decoder.decode(RELATION)).toEqual({ kind: 'other' });
    const insert = bytes(letter('I'), [32, 77], letter('N'), [16, 2], value('zwölf'), letter('n'));
    expect(decoder.decode(insert)).toEqual({
      kind: 'insert',
      row: {
        schema: 'outrelay',
        table: 'outbox_messages',
        columns: new Map([
          ['id', 'zwölf'],
          ['payload', null],
        ]),
        bytes: insert.length,
      },
    });
    const commit = bytes(letter('C'), [8, 0], [64, 10], [64, 0x1_0000_0010n], [64, 0]);
    expect(decoder.decode(commit)).toEqual({ kind: 'commit', end: 0x1_0000_0010n });
  });

  it.each(['U', 'D', 'T', 'O', 'Y', 'M'])('passes over %s', (kind) => {
    expect(new PgOutput().decode(bytes(letter(kind), [64, 0]))).toEqual({ kind: 'other' });
  });

  it('does not guess when the stream makes no sense', () => {
    const decoder = new PgOutput();
    expect(() => decoder.decode(bytes(letter('I'), [32, 5]))).toThrow('which it never described');
    expect(() => decoder.decode(bytes(letter('B'), [32, 0]))).toThrow('ends too early');
  });
});

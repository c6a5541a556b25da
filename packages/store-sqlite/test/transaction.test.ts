import { join } from 'node:path';
import { createOutbox } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import { openDatabase } from './support/drivers.ts';
import { openShop } from './support/shop.ts';

const MESSAGE = { topic: 'order.placed', key: '17', payload: { total: 12.5 } };

describe('the handle of an append', () => {
  it.each([
    ['nothing', undefined, 'TRANSACTION_REQUIRED'],
    ['a path', 'shop.db', 'TRANSACTION_REQUIRED'],
    ['an object of another kind', {}, 'TRANSACTION_FOREIGN'],
  ])('is refused when it is %s', async (_, handle, code) => {
    const { store } = await openShop();
    const outbox = createOutbox({ store });
    expect(() => outbox.append(handle as never, MESSAGE)).toThrow(expect.objectContaining({ code }));
  });

  it('is refused outside of a transaction, unless that is asked for by name', async () => {
    const { store, db } = await openShop();
    const outbox = createOutbox({ store });
    expect(() => outbox.append(db, MESSAGE)).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_REQUIRED' }),
    );
    expect(outbox.appendAutocommit(db, MESSAGE).ids).toHaveLength(1);
    expect(db.prepare('SELECT count(*) AS n FROM outbox_messages').get()).toEqual({ n: 1 });
  });

  it('is refused on another file and in memory, where no relay would look', async () => {
    const { store, directory } = await openShop();
    const outbox = createOutbox({ store });
    for (const file of [join(directory, 'other.db'), ':memory:']) {
      const other = openDatabase(Database, file);
      other.exec('BEGIN IMMEDIATE');
      expect(() => outbox.append(other, MESSAGE)).toThrow(
        expect.objectContaining({ code: 'TRANSACTION_FOREIGN' }),
      );
      other.exec('ROLLBACK');
      other.close();
    }
  });

  it('is taken by any path that leads to the file', async () => {
    const { store, directory } = await openShop();
    const other = openDatabase(Database, join(directory, '.', 'x', '..', 'shop.db'));
    other.exec('BEGIN IMMEDIATE');
    expect(createOutbox({ store }).append(other, MESSAGE).ids).toHaveLength(1);
    other.exec('COMMIT');
    other.close();
  });

  it('is refused once it is closed', async () => {
    const { store, file } = await openShop();
    const other = openDatabase(Database, file);
    other.close();
    expect(() => createOutbox({ store }).append(other, MESSAGE)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^TRANSACTION_/) as string }),
    );
  });

  it('stays usable after a refusal', async () => {
    const { store, db } = await openShop();
    const outbox = createOutbox({ store });
    db.exec('BEGIN IMMEDIATE');
    expect(() => outbox.append(db, { ...MESSAGE, key: 'x'.repeat(513) })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    );
    outbox.append(db, MESSAGE);
    db.exec('COMMIT');
    expect(db.prepare('SELECT count(*) AS n FROM outbox_messages').get()).toEqual({ n: 1 });
  });
});

import { describe, expect, it } from 'vitest';
import { table } from '../../src/terminal/table.ts';

describe('table', () => {
  it('aligns columns by what is seen', () => {
    const lines = table(
      [{ title: 'topic' }, { title: 'pending', align: 'right' }, { title: 'note' }],
      [
        ['order.placed', '1,204', 'x'],
        ['注文', '3', ''],
      ],
      (title) => title.toUpperCase(),
    );
    expect(lines).toEqual([
      'TOPIC         PENDING  NOTE',
      'order.placed    1,204  x',
      '注文                3',
    ]);
  });

  it('has only its titles when there are no rows', () => {
    expect(table([{ title: 'id' }], [], (title) => title)).toEqual(['id']);
  });
});

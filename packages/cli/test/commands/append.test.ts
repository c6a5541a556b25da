import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Shop } from '../support/shop.ts';

const LINES = [
  '{"topic":"order.placed","key":"17","payload":{"total": 12345678901234567890.10}}',
  '{"topic":"blob","payloadBase64":"AP8=","headers":{"h":"v"},"id":"fixed"}',
  '{"topic":"note","payload":"Zoë","contentType":"text/plain"}',
];

interface Row {
  readonly topic: string;
  readonly message_key: string | null;
  readonly payload: string | Buffer | null;
  readonly content_type: string;
}

describe('append', () => {
  it('writes what stands on stdin, payloads to the letter', async () => {
    const shop = await Shop.open();
    const finished = await shop.run(['append'], { input: LINES.join('\n') });
    expect(finished).toEqual({
      code: 0,
      stdout: 'Appended 3 messages to sqlite:shop.db in 1 transaction.\n',
      stderr: '',
    });
    const rows = shop.query<Row>(
      'SELECT topic, message_key, payload, content_type FROM outbox_messages ORDER BY position',
    );
    expect(rows).toEqual([
      {
        topic: 'order.placed',
        message_key: '17',
        payload: '{"total": 12345678901234567890.10}',
        content_type: 'application/json',
      },
      {
        topic: 'blob',
        message_key: null,
        payload: Buffer.from([0, 255]),
        content_type: 'application/octet-stream',
      },
      { topic: 'note', message_key: null, payload: 'Zoë', content_type: 'text/plain' },
    ]);
  });

  it('reads a file, a batch per transaction, and reports as JSON', async () => {
    const shop = await Shop.open();
    writeFileSync(join(shop.folder, 'in.ndjson'), [...LINES, LINES[1]].join('\n'));
    const finished = await shop.run(['append', 'in.ndjson', '--batch', '2', '--json']);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(finished.stdout)).toEqual({
      messages: 4,
      duplicates: 1,
      transactions: 2,
      line: 4,
      dryRun: false,
    });
    expect(shop.query('SELECT 1 FROM outbox_messages')).toHaveLength(3);
  });

  it('names the wrong line, what was appended before it, and how to go on', async () => {
    const shop = await Shop.open();
    const input = [LINES[0], LINES[2], LINES[0], '{"topic":"order.placed","kee":"17"}'].join('\n');
    expect(await shop.run(['append', '--batch', '2'], { input })).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'Appended before: 2 messages, up to line 2. To go on after a correction: tail -n +3 FILE',
        'error: Line 4: "kee" is not known. Did you mean "key"? Known are: topic, key, payload, payloadBase64, headers, id, contentType, availableAt.',
        '',
      ].join('\n'),
    });
    expect(shop.query('SELECT 1 FROM outbox_messages')).toHaveLength(2);
  });

  it('checks without writing', async () => {
    const shop = await Shop.open();
    expect(await shop.run(['append', '--dry-run'], { input: LINES.join('\n') })).toEqual({
      code: 0,
      stdout: 'Checked 3 messages: all can be appended. Nothing was written.\n',
      stderr: '',
    });
    expect(shop.query('SELECT 1 FROM outbox_messages')).toEqual([]);
    const wrong = await shop.run(['append', '--dry-run'], { input: '{"topic":"a*"}' });
    expect(wrong).toMatchObject({
      code: 2,
      stderr: 'error: Line 1: the topic "a*" holds a control character or "*", which is kept for patterns.\n',
    });
  });

  it('says which file it cannot read', async () => {
    const shop = await Shop.open();
    expect(await shop.run(['append', 'nowhere.ndjson'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'Nothing was appended.\nerror: The file nowhere.ndjson cannot be read (ENOENT).\n',
    });
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { Shop } from '../support/shop.ts';

let shop: Shop;
let ids: string[];

/** Three dead letters: two of `order.placed`, one of `blob`. */
beforeEach(async () => {
  shop = await Shop.open();
  const receiver = await startReceiver(() => 400);
  ids = [
    ...shop.append('order.placed', '17', '{"total": 1.10}', '{"total": 2}'),
    ...shop.append('blob', null, Buffer.from([0, 255, 65])),
  ];
  await shop.run(['run', '--once', '--quiet', '--to', receiver.url]);
});

function letters(): Set<string> {
  return new Set(shop.query<{ id: string }>('SELECT id FROM outbox_dead_letters').map(({ id }) => id));
}

describe('dead list', () => {
  it('lists letters without payloads, as a table or as JSON', async () => {
    const table = await shop.run(['dead', 'list']);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    const [titles, ...rows] = table.stdout.trimEnd().split('\n');
    expect(titles).toMatch(/^id +topic +key +reason +attempts +died +error$/);
    expect(rows.map((row) => row.split(/ +/).slice(0, 5))).toEqual(
      expect.arrayContaining([[ids[0], 'order.placed', '17', 'rejected', '1']]),
    );
    expect(rows).toHaveLength(3);
    const { stdout } = await shop.run(['dead', 'list', '--json', '--topic', 'order.placed']);
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(found).toMatchObject([{ id: ids[0] }, { id: ids[1] }]);
    for (const letter of found) expect(letter).not.toHaveProperty('payload');
    expect(stdout).not.toContain('total');
  });

  it('chooses by id, key, reason and time, and pages', async () => {
    const count = async (...args: readonly string[]): Promise<number> => {
      const { stdout } = await shop.run(['dead', 'list', '--json', ...args]);
      return stdout === '' ? 0 : stdout.trimEnd().split('\n').length;
    };
    expect(await count('--key', '17')).toBe(2);
    expect(await count('--id', ids[2] as string)).toBe(1);
    expect(await count('--reason', 'undecodable')).toBe(0);
    expect(await count('--since', '1h')).toBe(3);
    expect(await count('--until', '1h')).toBe(0);
    const page = await shop.run(['dead', 'list', '--limit', '2']);
    const [, cursor = ''] = /^There are more\. Go on with: --after (\S+)\n$/.exec(page.stderr) ?? [];
    expect(await count('--limit', '2', '--after', cursor)).toBe(1);
  });

  it('says when there is nothing', async () => {
    expect(await shop.run(['dead', 'list', '--topic', 'other'])).toEqual({
      code: 0,
      stdout: 'There are no such dead letters.\n',
      stderr: '',
    });
  });
});

describe('dead show', () => {
  it('shows everything, the payload as text', async () => {
    const { code, stdout } = await shop.run(['dead', 'show', ids[0] as string]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^topic +order\.placed$/m);
    expect(stdout).toMatch(/^payload +15 bytes$/m);
    expect(stdout).toMatch(/\n\n\{"total": 1\.10\}\n$/);
  });

  it('shows bytes as a dump, or writes them raw', async () => {
    const { stdout } = await shop.run(['dead', 'show', ids[2] as string]);
    expect(stdout).toMatch(/\n0000 {2}00 ff 41 +\.\.A\n$/);
    const raw = shop.start(['dead', 'show', ids[0] as string, '--raw']);
    expect((await raw.finished).stdout).toBe('{"total": 1.10}');
    const json = await shop.run(['dead', 'show', ids[2] as string, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: ids[2], payloadBase64: 'AP9B' });
  });

  it('ends with 1 when there is none', async () => {
    expect(await shop.run(['dead', 'show', 'nobody'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no dead letter with the id nobody.\nWhere the message is: outrelay find nobody\n',
    });
  });
});

describe('dead redrive', () => {
  it('puts letters back, so that they are delivered', async () => {
    const done = await shop.run(['dead', 'redrive', '--topic', 'order.placed']);
    expect(done).toEqual({ code: 0, stdout: '2 dead letters redriven.\n', stderr: '' });
    expect(letters()).toEqual(new Set([ids[2]]));
    const receiver = await startReceiver();
    await shop.run(['run', '--once', '--to', receiver.url]);
    expect(receiver.ids).toEqual(ids.slice(0, 2));
    expect(await shop.run(['dead', 'redrive', ids[0] as string])).toEqual({
      code: 1,
      stdout: 'There are no such dead letters.\n',
      stderr: '',
    });
  });

  it('sends a corrected copy and keeps the original', async () => {
    writeFileSync(join(shop.folder, 'edit.json'), '{"payload": {"total": 1.20}}');
    const done = await shop.run(['dead', 'redrive', ids[0] as string, '--edit', 'edit.json']);
    const [, id] = /^Redriven with changes, under the new id (\S+)\.\n$/.exec(done.stdout) ?? [];
    const { stdout } = await shop.run(['run', '--once', '--to', 'stdout:']);
    expect(stdout).toContain('"data":{"total": 1.20}');
    expect(JSON.parse(stdout)).toMatchObject({ id, type: 'order.placed', partitionkey: '17' });
    expect((await shop.run(['dead', 'list', '--json', '--id', ids[0] as string])).stdout).toBe('');
    const resolved = await shop.run(['dead', 'list', '--json', '--resolved', '--id', ids[0] as string]);
    expect(JSON.parse(resolved.stdout)).toMatchObject({ id: ids[0] });
  });

  it('edits one letter only', async () => {
    writeFileSync(join(shop.folder, 'edit.json'), '{"payload": 1}');
    expect(await shop.run(['dead', 'redrive', '--all', '--edit', 'edit.json'])).toMatchObject({
      code: 2,
      stderr: 'error: --edit changes one letter: give exactly one id.\n',
    });
    expect(letters()).toEqual(new Set(ids));
  });
});

describe('dead discard', () => {
  it('takes ids at their word', async () => {
    const done = await shop.run(['dead', 'discard', ids[0] as string, ids[2] as string]);
    expect(done).toEqual({ code: 0, stdout: '2 dead letters discarded.\n', stderr: '' });
    expect(letters()).toEqual(new Set([ids[1]]));
  });

  it('wants --yes where nobody can be asked', async () => {
    expect(await shop.run(['dead', 'discard', '--topic', 'blob'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: Discarding by filter is final, and nobody can be asked here.\nRepeat it with --yes, or name the letters by their ids.\n',
    });
    expect(letters()).toEqual(new Set(ids));
    expect((await shop.run(['dead', 'discard', '--all', '--yes'])).stdout).toBe(
      '3 dead letters discarded.\n',
    );
    expect(letters().size).toBe(0);
  });
});

describe('find', () => {
  it('says where a message is', async () => {
    const [pending] = shop.append('order.placed', '18', '{}');
    const { code, stdout } = await shop.run(['find', pending as string]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\S+ {2}topic order\.placed, key 18\n {2}appended {2}\S+Z \(.* ago\)\n {2}pending {3}could be published now\n$/,
    );
    const dead = await shop.run(['find', ids[0] as string]);
    expect(dead.stdout).toMatch(/\n {2}dead {6}\S+Z \(.* ago\), after 1 attempt\n/);
    expect(JSON.parse((await shop.run(['find', ids[0] as string, '--json'])).stdout)).toMatchObject({
      id: ids[0],
      state: 'dead',
    });
  });

  it('ends with 1 when the id is unknown', async () => {
    expect(await shop.run(['find', 'nobody'])).toEqual({
      code: 1,
      stdout:
        'No message with the id nobody: never committed, or sent longer ago than the history is kept.\n',
      stderr: '',
    });
  });
});

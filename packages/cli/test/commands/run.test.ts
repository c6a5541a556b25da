import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { Shop } from '../support/shop.ts';

describe('run --once', () => {
  it('publishes what is due, says so in lines with a time, and ends with 0', async () => {
    const shop = await Shop.open();
    const ids = shop.append('order.placed', '17', '{"n":1}', '{"n":2}', '{"n":3}');
    const receiver = await startReceiver();
    const { code, stdout, stderr } = await shop.run(['run', '--once', '--to', receiver.url, '--name', 'r1']);
    expect([code, stderr]).toEqual([0, '']);
    expect(receiver.ids).toEqual(ids);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z relay started: sqlite:shop\.db → http:\/\/127\.0\.0\.1:\d+$/,
    );
    expect(lines.at(-1)).toMatch(/Z Drained: nothing is due\. 3 messages published in \d.* m?s.*\.$/);
  });

  it('writes messages to stdout alone when they go there', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '17', '{"n":1}', '{"n":2}');
    const { code, stdout, stderr } = await shop.run(['run', '--once', '--to', 'stdout:']);
    expect(code).toBe(0);
    const data = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { data: unknown }).data);
    expect(data).toEqual([{ n: 1 }, { n: 2 }]);
    expect(stderr).toContain('2 messages published');
  });

  it('writes events as JSON, without payloads', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '17', '"CONFIDENTIAL"');
    shop.append('order.broken', '17', '"CONFIDENTIAL"');
    const receiver = await startReceiver((topic) => (topic === 'order.broken' ? 400 : 204));
    const { code, stdout } = await shop.run(['run', '--once', '--json', '--to', receiver.url]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('CONFIDENTIAL');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['relay-started', 'lease-granted', 'batch-settled', 'message-dead', 'end']),
    );
    expect(events.at(-1)).toMatchObject({
      event: 'end',
      ended: 'drained',
      published: 1,
      dead: 1,
      unsettled: 0,
    });
    expect(events.every(({ time }) => typeof time === 'string')).toBe(true);
  });

  it('is quiet when told to, except about what goes wrong', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '17', '{}');
    const receiver = await startReceiver();
    const args = ['run', '--once', '-q', '--to', receiver.url];
    expect(await shop.run(args)).toEqual({ code: 0, stdout: '', stderr: '' });
    shop.append('order.placed', '17', '{}');
    const broken = await startReceiver(() => 400);
    const { stdout } = await shop.run(['run', '--once', '-q', '--to', broken.url]);
    expect(stdout).toMatch(
      /Z warning: order\.placed: dead letter after 1 attempt \(rejected\): .* \[\S+\]\n/,
    );
  });

  it('sends topics where they belong and leaves the others', async () => {
    const shop = await Shop.open();
    const [placed] = shop.append('order.placed', null, '{}');
    const [paid] = shop.append('invoice.paid', null, '{}');
    const [other] = shop.append('other', null, '{}');
    const orders = await startReceiver();
    const invoices = await startReceiver();
    const routes = ['--route', `order.*=${orders.url}`, '--route', `invoice.paid=${invoices.url}`];
    expect((await shop.run(['run', '--once', ...routes])).code).toBe(0);
    expect([orders.ids, invoices.ids]).toEqual([[placed], [paid]]);
    const rest = await startReceiver();
    await shop.run(['run', '--once', '--to', rest.url, '--topics', 'order.*,invoice.*']);
    expect(rest.ids).toEqual([]);
    await shop.run(['run', '--once', '--to', rest.url, '--topics', 'order.*,other']);
    expect(rest.ids).toEqual([other]);
  });

  it.each([
    [['--max-messages', '2'], 5, /Ended at --max-messages\. 2 messages published/],
    [['--timeout', '300ms'], 6, /Ended at --timeout\. /],
  ])('says with its exit code that it ended by %j', async (limit, code, text) => {
    const shop = await Shop.open();
    shop.append('a', null, '{}', '{}', '{}');
    // A receiver that never answers, where the time has to run out.
    const receiver = await startReceiver(() => (code === 6 ? null : 204));
    const finished = await shop.run([
      'run',
      '--once',
      '--to',
      receiver.url,
      '--stop-timeout',
      '0s',
      ...limit,
    ]);
    expect(finished.code).toBe(code);
    expect(finished.stdout).toMatch(text);
  });

  it('ends with 3 when the destination cannot be reached, and the messages stay', async () => {
    const shop = await Shop.open();
    shop.append('a', null, '{}');
    const { code, stdout } = await shop.run(['run', '--once', '--to', 'http://127.0.0.1:1/hook']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/Z warning: http: held back for /);
    expect(stdout).toMatch(/Ended because the destination cannot be reached or refuses; messages stay\. 0 /);
    expect(shop.query('SELECT 1 FROM outbox_messages UNION ALL SELECT 1 FROM outbox_delayed')).toHaveLength(
      1,
    );
  });

  it('ends with 4 when the tables are missing, and says what to do', async () => {
    const shop = await Shop.open();
    const args = ['run', '--once', '--from', 'sqlite:shop.db?prefix=other_', '--to', 'stdout:'];
    const { code, stderr } = await shop.run(args);
    expect(code).toBe(4);
    expect(stderr).toMatch(/\nerror: .*`outrelay migrate apply`.* \[STORE_SCHEMA_MISSING\]\n$/);
  });

  it('ends quietly when nobody reads any more', async () => {
    const shop = await Shop.open();
    shop.append('a', null, ...Array.from({ length: 2_000 }, () => JSON.stringify('x'.repeat(200))));
    const running = shop.start(['run', '--once', '--quiet', '--to', 'stdout:']);
    running.child.stdout?.once('data', () => running.child.stdout?.destroy());
    const { stderr } = await running.finished;
    expect(stderr).not.toContain('EPIPE\n    at');
    expect(stderr).not.toContain('error:');
  });
});

describe('a configuration', () => {
  const config = (url: string): string => `
    import { defineConfig } from '@outrelay/cli';
    import { sqliteStore } from '@outrelay/store-sqlite';
    import { httpTransport } from '@outrelay/transport-http';
    export default defineConfig({
      store: sqliteStore({ file: 'shop.db' }),
      transport: httpTransport({ url: '${url}', secret: 'whsec_${'A'.repeat(32)}' }),
      topics: { 'order.*': { retry: { maxAttempts: 1 } } },
    });`;

  it('brings store, transport and policies of its own, and is closed at the end', async () => {
    const shop = await Shop.open();
    shop.linkPackages();
    shop.append('order.placed', '17', '{}');
    const receiver = await startReceiver(() => 500);
    writeFileSync(join(shop.folder, 'outrelay.config.mjs'), config(receiver.url));
    const place = { env: { OUTRELAY_FROM: '' } };
    const { code, stdout } = await shop.run(['run', '--once'], place);
    expect(stdout).toContain('relay started: sqlite → http\n');
    expect(stdout).toContain('order.placed: dead letter after 1 attempt (attempts-exhausted)');
    expect(code).toBe(0);
    expect((await shop.run(['status', '--max-dead', '0'], place)).code).toBe(1);
  });

  it('gives way to options and environment', async () => {
    const shop = await Shop.open();
    shop.linkPackages();
    shop.append('order.placed', '17', '{}');
    writeFileSync(join(shop.folder, 'outrelay.config.mjs'), config('http://127.0.0.1:1/hook'));
    const receiver = await startReceiver();
    const { code, stdout } = await shop.run(['run', '--once'], { env: { OUTRELAY_TO: receiver.url } });
    expect(stdout).toMatch(/relay started: sqlite:shop\.db → http:\/\/127\.0\.0\.1:\d+\n/);
    expect([code, receiver.ids.length]).toEqual([0, 1]);
  });

  it('names what is wrong in it', async () => {
    const shop = await Shop.open();
    shop.linkPackages();
    writeFileSync(
      join(shop.folder, 'outrelay.config.mjs'),
      config('http://a.example').replace('topics:', 'lanes: "many", topics:'),
    );
    expect(await shop.run(['run', '--once'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: createRelay: option "lanes" must be a whole number from 1 to 64; got "many".\n',
    });
  });
});

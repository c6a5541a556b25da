import { describe, expect, it } from 'vitest';
import { Shop } from '../support/shop.ts';

describe('status', () => {
  it('shows an empty outbox', async () => {
    const shop = await Shop.open();
    expect(await shop.run(['status'])).toEqual({
      code: 0,
      stdout: 'Nothing is pending, waiting or dead.\n\nNo relay holds a lease.\n',
      stderr: '',
    });
  });

  it('shows the backlog by topic, as a table or as JSON', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '1', '{}', '{}');
    shop.append('order.shipped', '1', '{}');
    const table = await shop.run(['status']);
    expect(table.stdout.split('\n').slice(0, 3).join('\n')).toMatch(
      /^topic {10}pending {2}waiting {2}dead +lag\norder\.placed {9}2 {8}0 {5}0 +[\d.]+ m?s\norder\.shipped {8}1 {8}0 {5}0 +[\d.]+ m?s$/,
    );
    const json = JSON.parse((await shop.run(['status', '--json'])).stdout) as unknown;
    expect(json).toMatchObject({
      topics: [
        { topic: 'order.placed', pending: { value: 2, exact: true } },
        { topic: 'order.shipped', pending: { value: 1, exact: true } },
      ],
      holders: [],
      exceeded: [],
    });
  });

  it('is a health check: exit code 1 when a limit does not hold', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '1', '{}');
    const [tight, loose] = await Promise.all([
      shop.run(['status', '--max-lag', '0s']),
      shop.run(['status', '--max-lag', '1h', '--max-dead', '0']),
    ]);
    expect(tight.code).toBe(1);
    expect(tight.stderr).toMatch(/^The lag of order\.placed is \d.*; at most 0 ms is allowed\.\n$/);
    expect(loose).toMatchObject({ code: 0, stderr: '' });
  });

  it('watches until it is told to stop', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '1', '{}');
    const watching = shop.start(['status', '--watch', '--json']);
    await watching.shown('order.placed');
    watching.child.kill('SIGINT');
    const { code, stdout, stderr } = await watching.finished;
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout.split('\n')[0] as string)).toHaveProperty('time');
  });

  it('says what to do when there are no tables', async () => {
    const shop = await Shop.open();
    const { code, stderr } = await shop.run(['status', '--from', 'sqlite:other.db']);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^error: .*other\.db.*`outrelay migrate apply`.* \[STORE_SCHEMA_MISSING\]\n$/);
  });
});

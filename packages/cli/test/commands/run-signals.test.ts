import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { Shop } from '../support/shop.ts';

const HOLDER = 'SELECT relay FROM outbox_partitions WHERE token IS NOT NULL AND NOT released';

describe('run', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'works until %s, then gives its lease back and ends with 0',
    async (signal) => {
      const shop = await Shop.open();
      const receiver = await startReceiver();
      const running = shop.start(['run', '--to', receiver.url, '--name', 'r1']);
      await running.shown('relay started');
      const [id] = shop.append('a', null, '{}');
      await receiver.arrived(1);
      running.child.kill(signal);
      const { code, stdout, stderr } = await running.finished;
      expect([code, stderr, receiver.ids]).toEqual([0, '', [id]]);
      expect(stdout).toContain(`Z stopping: ${signal}\n`);
      expect(stdout).toMatch(/Z Stopped\. 1 message published in .*\.\n$/);
      expect(shop.query(HOLDER)).toEqual([]);
    },
  );

  it('lets a batch under way finish', async () => {
    const shop = await Shop.open();
    let answer: (status: number) => void = () => {};
    const receiver = await startReceiver(() => new Promise((resolve) => (answer = resolve)));
    shop.append('a', null, '{}');
    const running = shop.start(['run', '--to', receiver.url]);
    await receiver.arrived(1);
    running.child.kill('SIGTERM');
    await running.shown('stopping: SIGTERM');
    answer(204);
    const { code, stdout } = await running.finished;
    expect(code).toBe(0);
    expect(stdout).toMatch(/Z Stopped\. 1 message published in .*\.\n$/);
  });

  it('waits no longer than it was told, and says with 1 that messages were under way', async () => {
    const shop = await Shop.open();
    const receiver = await startReceiver(() => null);
    shop.append('a', null, '{}');
    const running = shop.start(['run', '--to', receiver.url, '--stop-timeout', '100ms']);
    await receiver.arrived(1);
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.finished;
    expect(code).toBe(1);
    expect(stdout).toMatch(/Z Stopped with 1 message under way, which may be delivered again\. 0 messages /);
    expect(shop.query(HOLDER)).toEqual([]);
    expect(shop.query('SELECT 1 FROM outbox_messages')).toHaveLength(1);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends at once with a second %s', async (signal, expected) => {
    const shop = await Shop.open();
    const receiver = await startReceiver(() => null);
    shop.append('a', null, '{}');
    const running = shop.start(['run', '--to', receiver.url, '--stop-timeout', '1h']);
    await receiver.arrived(1);
    running.child.kill(signal);
    await running.shown(`stopping: ${signal}`);
    const again = setInterval(() => running.child.kill(signal), 50);
    const { code } = await running.finished;
    clearInterval(again);
    expect(code).toBe(expected);
  });

  it('waits for a store that is not there yet', async () => {
    const shop = await Shop.open();
    const receiver = await startReceiver();
    const running = shop.start(['run', '--from', 'sqlite:later.db', '--to', receiver.url]);
    await running.shown('warning: the store failed in claim');
    expect((await shop.run(['migrate', 'apply', '--from', 'sqlite:later.db'])).code).toBe(0);
    await shop.run(['append', '--into', 'sqlite:later.db'], { input: '{"topic":"a"}' });
    await receiver.arrived(1);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
  });
});

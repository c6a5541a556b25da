import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { Shop } from '../support/shop.ts';
import { HAS_TERMINAL, startInTerminal } from '../support/terminal.ts';

const FROM = { OUTRELAY_FROM: 'sqlite:shop.db' };

describe.runIf(HAS_TERMINAL)('in a terminal (needs "script" of util-linux)', () => {
  it('paints a block again and again, and ends with one line', async () => {
    const shop = await Shop.open();
    const receiver = await startReceiver();
    const terminal = startInTerminal(['run', '--to', receiver.url], shop.folder, FROM);
    await terminal.shown(/○ idle/);
    shop.append('order.placed', '17', '{}', '{}');
    await terminal.shown(/\u001b\[1m2\u001b\[22m published/);
    await terminal.shown(/outbox {4}\u001b\[22m0 pending/);
    expect(terminal.seen()).toMatch(/\u001b\[\d+A\r?\u001b\[J/);
    terminal.type('\u0003');
    expect(await terminal.finished).toBe(0);
    expect(terminal.seen()).toMatch(/✔\u001b\[39m Stopped\. 2 messages published in [^\n]*\.\r\n$/);
  });

  it('lets notices pass above the block', async () => {
    const shop = await Shop.open();
    const receiver = await startReceiver(() => 400);
    shop.append('order.placed', '17', '{}');
    const terminal = startInTerminal(['run', '--to', receiver.url], shop.folder, FROM);
    await terminal.shown(/order\.placed: dead letter after 1 attempt/);
    await terminal.shown(/1 dead letter/);
    terminal.type('\u0003');
    expect(await terminal.finished).toBe(0);
  });

  it('has no colours when they are not wanted', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '17', '{}');
    const terminal = startInTerminal(['status'], shop.folder, { ...FROM, NO_COLOR: '1' });
    expect(await terminal.finished).toBe(0);
    expect(terminal.seen()).toContain('order.placed');
    expect(terminal.seen()).not.toContain('\u001b');
    const coloured = startInTerminal(['status'], shop.folder, FROM);
    await coloured.finished;
    expect(coloured.seen()).toContain('\u001b[2mtopic');
  });

  it.each([
    ['y\r', 0, '2 dead letters discarded.', 0],
    ['n\r', 1, 'Nothing was discarded.', 2],
    ['\r', 1, 'Nothing was discarded.', 2],
    ['\u0004', 1, 'Nothing was discarded.', 2],
  ])('asks before it discards by filter, and takes %j for an answer', async (answer, code, text, left) => {
    const shop = await Shop.open();
    const receiver = await startReceiver(() => 400);
    shop.append('order.placed', null, '{}', '{}');
    await shop.run(['run', '--once', '--quiet', '--to', receiver.url]);
    const terminal = startInTerminal(['dead', 'discard', '--all'], shop.folder, FROM);
    await terminal.shown(/Discard 2 dead letters of sqlite:shop\.db\? \[y\/N\] /);
    terminal.type(answer);
    expect(await terminal.finished).toBe(code);
    expect(terminal.seen()).toContain(text);
    expect(shop.query('SELECT 1 FROM outbox_dead_letters')).toHaveLength(left);
  });
});

import { describe, expect, it } from 'vitest';
import { COLOURED } from '../../src/terminal/style.ts';
import { cut, printable, textWidth } from '../../src/terminal/text-width.ts';

describe('textWidth', () => {
  it.each([
    ['order.placed', 12],
    ['', 0],
    ['Zoë', 3],
    ['Zoe\u0308', 3],
    ['注文', 4],
    ['주문', 4],
    ['🚚', 2],
    ['→ …', 3],
  ])('measures %j', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('does not count mark-up', () => {
    expect(textWidth(COLOURED.red('dead'))).toBe(4);
  });
});

describe('printable', () => {
  it('shows what could rewrite the terminal', () => {
    expect(printable('a\u001b[2Jb\rc\nd\u0000')).toBe('a\\x1b[2Jb\\x0dc\\x0ad\\x00');
    expect(printable('\u009b31m\u202eevil')).toBe('\\x9b31m\\u202eevil');
  });

  it('leaves letters of every script alone', () => {
    expect(printable('Łukasz 注文 🚚')).toBe('Łukasz 注文 🚚');
  });
});

describe('cut', () => {
  it('keeps what fits', () => {
    expect(cut('order', 5)).toBe('order');
  });

  it('ends what does not fit with an ellipsis inside the width', () => {
    expect(cut('order.placed', 6)).toBe('order…');
    expect(cut('注文注文', 5)).toBe('注文…');
    expect(cut('注文注文', 6)).toBe('注文…');
  });

  it('neither counts nor breaks mark-up, and closes what it opened', () => {
    expect(cut(`${COLOURED.red('dead letter')} x`, 5)).toBe(COLOURED.red('dead…'));
  });
});

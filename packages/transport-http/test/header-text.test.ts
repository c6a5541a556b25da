import { describe, expect, it } from 'vitest';
import { decodeHeaderText, encodeHeaderText } from '../src/header-text.ts';

describe('encodeHeaderText', () => {
  it.each([
    ['order-7', 'order-7'],
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['a"b%c', 'a%22b%25c'],
    ['a\r\nb: c\t', 'a%0D%0Ab:%20c%09'],
    ['', ''],
    ["!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"],
  ])('writes %j as %j', (text, value) => {
    expect(encodeHeaderText(text)).toBe(value);
    expect(decodeHeaderText(value)).toBe(text);
  });
});

describe('decodeHeaderText', () => {
  it.each([
    ['"quoted \\"text\\""', 'quoted "text"'],
    ['"Euro%20%e2%82%ac"', 'Euro €'],
    ['%41%42', 'AB'],
    ['100%', '100%'],
    ['%2525', '%25'],
    ['"', '"'],
  ])('reads %j as %j', (value, text) => {
    expect(decodeHeaderText(value)).toBe(text);
  });

  it.each(['%C0%A0', '%FF', '%E2%82'])('refuses %j, which is not UTF-8', (value) => {
    expect(decodeHeaderText(value)).toBeNull();
  });
});

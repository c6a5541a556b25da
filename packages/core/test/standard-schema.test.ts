import { describe, expect, it } from 'vitest';
import { issueText } from '../src/standard-schema.ts';

describe('issueText', () => {
  it.each([
    [{ message: 'Required' }, 'Required'],
    [{ message: 'Required', path: [] }, 'Required'],
    [{ message: 'Expected number', path: ['items', 0, 'price'] }, 'items.0.price: Expected number'],
    [{ message: 'Wrong', path: [{ key: 'items' }, { key: 2 }] }, 'items.2: Wrong'],
    [{ message: 'Wrong', path: [Symbol('tag')] }, 'Symbol(tag): Wrong'],
  ])('shows the path and the message (case %#)', (issue, text) => {
    expect(issueText(issue)).toBe(text);
  });
});

import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../src/nearest.ts';

const COMMANDS = ['run', 'append', 'status', 'find', 'dead', 'migrate'];

describe('nearest', () => {
  it.each([
    ['staus', 'status'],
    ['statsu', 'status'],
    ['STATUS', 'status'],
    ['migrat', 'migrate'],
    ['appendd', 'append'],
    ['rnu', 'run'],
    ['mig', 'migrate'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, COMMANDS)).toBe(meant);
  });

  it.each(['publish', 'x', '', 'zz'])('has no suggestion for %j', (word) => {
    expect(nearest(word, COMMANDS)).toBeNull();
    expect(didYouMean(word, COMMANDS)).toBe('');
  });

  it('prefers the nearer of two', () => {
    expect(nearest('lane', ['lease', 'lanes', 'name'])).toBe('lanes');
  });

  it('shows the suggestion the way it is typed', () => {
    expect(didYouMean('form', ['from'], '--')).toBe(' Did you mean "--from"?');
  });
});

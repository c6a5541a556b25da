import { OutboxError } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../src/failure.ts';
import { styleFor } from '../src/terminal/style.ts';
import { UsageError } from '../src/usage-error.ts';

const plain = styleFor(false, {});

describe('failureOf', () => {
  it.each([
    ['got "postgres://u:secret@db/shop".', 'got "postgres://db/shop".'],
    ['got "https://hooks.example/T1/secret?token=secret" too.', 'got "https://hooks.example" too.'],
    ['There is no command "postgres://u:se"cret@db/shop".', 'There is no command "postgres://db/shop".'],
    ['--config: there is no file redis://:secret@cache', '--config: there is no file redis://cache'],
    ['for example --to https://example.com/hook.', 'for example --to https://example.com/hook.'],
  ])('shows nothing secret of a URL in the wrong place: %s', (message, shown) => {
    expect(failureOf(new UsageError(message), plain).lines).toEqual([`error: ${shown}`]);
    expect(failureOf(new OutboxError('STORE_UNAVAILABLE', message), plain).lines[0]).toBe(
      `error: ${shown} [STORE_UNAVAILABLE]`,
    );
  });

  it('makes control characters visible and keeps lines', () => {
    const { lines } = failureOf(new UsageError('a\u001b[2Jb\nc'), plain);
    expect(lines).toEqual(['error: a\\x1b[2Jb\nc']);
  });
});

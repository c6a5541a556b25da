import { describe, expect, it } from 'vitest';
import { findCommand } from '../../src/arguments/find-command.ts';
import { COMMANDS } from '../../src/commands/index.ts';

describe('findCommand', () => {
  it('finds commands of one and of two words, and leaves the rest', () => {
    const one = findCommand(COMMANDS, ['run', '--once']);
    expect([one.command.name, one.rest]).toEqual(['run', ['--once']]);
    const two = findCommand(COMMANDS, ['dead', 'show', 'x']);
    expect([two.command.name, two.rest]).toEqual(['dead show', ['x']]);
  });

  it.each([
    [['rum'], 'There is no command "rum". Did you mean "run"?'],
    [['publish'], 'There is no command "publish".'],
    [['--from', 'x', 'run'], 'Expected a command first; got the option "--from".'],
    [['dead'], '"outrelay dead" needs one of: list, show, redrive, discard.'],
    [['dead', '--all'], '"outrelay dead" needs one of: list, show, redrive, discard.'],
    [
      ['dead', 'redrve'],
      '"outrelay dead" has no "redrve". Did you mean "redrive"? It has: list, show, redrive, discard.',
    ],
    [['migrate', 'down'], '"outrelay migrate" has no "down". It has: plan, apply, status.'],
  ])('refuses %j', (args, message) => {
    expect(() => findCommand(COMMANDS, args)).toThrow(message);
  });
});

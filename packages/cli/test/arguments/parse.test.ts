import { describe, expect, it } from 'vitest';
import type { CommandShape } from '../../src/arguments/command.ts';
import { flag, list, value } from '../../src/arguments/option.ts';
import { parseArguments } from '../../src/arguments/parse.ts';
import { assignment, text, wholeNumber } from '../../src/arguments/readers.ts';

const shape: CommandShape = {
  name: 'run',
  summary: '',
  details: [],
  options: {
    from: value('URL', text, '', 'OUTRELAY_FROM'),
    lanes: value('N', wholeNumber(1, 64), ''),
    route: list('TOPIC=URL', assignment, ''),
    quiet: flag('', 'q'),
  },
  positionals: { placeholder: 'ID', min: 0, max: 1 },
  examples: [],
};

function optionsOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): Record<string, unknown> {
  return parseArguments(shape, args, env).options;
}

describe('parseArguments', () => {
  it('fills every option, the absent ones too', () => {
    expect(optionsOf([])).toEqual({ from: undefined, lanes: undefined, route: [], quiet: false });
  });

  it('reads values with a space or an equals sign, flags short and long, lists in order', () => {
    expect(optionsOf(['--from', 'a', '--lanes=3', '-q', '--route', 'x=1', '--route=y=2'])).toEqual({
      from: 'a',
      lanes: 3,
      quiet: true,
      route: [
        ['x', '1'],
        ['y', '2'],
      ],
    });
    expect(optionsOf(['--quiet'])['quiet']).toBe(true);
  });

  it('takes the environment only for what the arguments leave out', () => {
    const env = { OUTRELAY_FROM: 'env' };
    expect(optionsOf([], env)['from']).toBe('env');
    expect(optionsOf(['--from', 'flag'], env)['from']).toBe('flag');
    expect(optionsOf([], { OUTRELAY_FROM: '' })['from']).toBeUndefined();
  });

  it('names the variable when its value is wrong', () => {
    const withEnv: CommandShape = {
      ...shape,
      options: { lanes: value('N', wholeNumber(1, 64), '', 'LANES') },
    };
    expect(() => parseArguments(withEnv, [], { LANES: 'x' })).toThrow(
      'The environment variable LANES must be a whole number from 1 to 64; got "x".',
    );
  });

  it.each([
    [['--lane', '3'], '"outrelay run" has no option "--lane". Did you mean "--lanes"?'],
    [['--frobnicate'], '"outrelay run" has no option "--frobnicate".'],
    [['-x'], '"outrelay run" has no option "-x".'],
    [['--from'], '--from needs a value: --from URL.'],
    [['--from', '--quiet'], '--from needs a value: --from URL.'],
    [['--lanes', '1', '--lanes', '2'], '--lanes is given twice; it takes one value.'],
    [['--quiet=false'], '--quiet takes no value; it is there or not.'],
    [['a', 'b'], '"outrelay run" takes ID and nothing more; got "b" too.'],
  ])('refuses %j', (args, message) => {
    expect(() => optionsOf(args)).toThrow(message);
  });

  it('knows names of Object.prototype for what they are: no options', () => {
    expect(() => optionsOf(['--constructor'])).toThrow('has no option "--constructor".');
    expect(() => optionsOf(['--__proto__'])).toThrow('has no option "--__proto__".');
  });

  it('answers a call for help before it looks at anything else', () => {
    expect(parseArguments(shape, ['--nonsense', '-h'], {}).help).toBe(true);
    expect(parseArguments(shape, ['--help'], {}).help).toBe(true);
  });

  it('asks for what is missing', () => {
    const needsId: CommandShape = { ...shape, positionals: { placeholder: 'ID', min: 1, max: 1 } };
    expect(() => parseArguments(needsId, [], {})).toThrow('"outrelay run" needs ID.');
    const { positionals: _, ...takesNone } = shape;
    expect(() => parseArguments(takesNone, ['x'], {})).toThrow(
      '"outrelay run" takes no arguments besides options; got "x".',
    );
  });
});

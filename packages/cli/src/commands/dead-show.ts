import type { DeadLetter } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import type { Context } from '../context.ts';
import { type Field, fieldLines } from '../dead/field-lines.ts';
import { fullLetterJson } from '../dead/letter-json.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { duration } from '../terminal/figures.ts';
import type { Style } from '../terminal/style.ts';
import { printable } from '../terminal/text-width.ts';
import { UsageError } from '../usage-error.ts';

/** `outrelay dead show`: one dead letter with everything, payload included. */
export const deadShowCommand: Command = command({
  name: 'dead show',
  summary: 'Show one dead letter with its headers and payload',
  details: [
    'Besides `parked show` this is the only command that prints a payload. Text is shown with control characters made visible, bytes as the beginning of a hexadecimal dump. --raw writes exactly the bytes of the payload, for a file or another program.',
  ],
  positionals: { placeholder: 'ID', min: 1, max: 1 },
  options: {
    ...STORE_OPTIONS,
    raw: flag('Write the payload alone, byte by byte.'),
    json: flag('Write JSON, the payload in payloadText or payloadBase64.'),
  },
  examples: ['dead show ID --from sqlite:shop.db', 'dead show ID --from sqlite:shop.db --raw > payload.json'],

  async run(context, options, [id = '']) {
    if (options.raw && options.json) throw new UsageError('--raw and --json exclude each other.');
    return withStore(context, options, async ({ store }) => {
      const request = { ids: [id], resolved: true, limit: 1 };
      const [letter] = (await facetOf(store, 'recovery').list(request)).letters;
      if (letter !== undefined) return show(context, letter, options);
      context.err.line(`There is no dead letter with the id ${printable(id)}.`);
      context.err.line(`Where the message is: outrelay find ${printable(id)}`);
      return EXIT.unmet;
    });
  },
});

async function show(
  { out }: Context,
  letter: DeadLetter,
  { raw, json }: { readonly raw: boolean; readonly json: boolean },
): Promise<ExitCode> {
  if (raw) await out.write(letter.payload ?? '');
  else if (json) out.json(fullLetterJson(letter));
  else out.lines(letterLines(letter, out.style));
  return EXIT.ok;
}

function letterLines(letter: DeadLetter, style: Style): string[] {
  const { id, topic, key, createdAt, deadAt, reason, error, attempts, redrives, blocking } = letter;
  const fields: readonly Field[] = [
    ['id', id],
    ['topic', topic],
    ['key', key ?? '–'],
    ['appended', createdAt.toISOString()],
    ['died', `${deadAt.toISOString()} (${duration(Date.now() - deadAt.getTime())} ago)`],
    ['reason', blocking ? `${reason}; later messages of its key wait` : reason],
    ['error', error],
    ['attempts', String(attempts)],
    ['redriven', redrives === 0 ? 'never' : `${redrives} times`],
    ...(letter.resolvedAt === null ? [] : ([['resolved', letter.resolvedAt.toISOString()]] as const)),
  ];
  return fieldLines(fields, letter, style);
}

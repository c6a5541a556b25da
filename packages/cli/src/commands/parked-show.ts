import type { ParkedMessage } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { type Field, fieldLines } from '../dead/field-lines.ts';
import { fullLetterJson } from '../dead/letter-json.ts';
import { EXIT } from '../exit-code.ts';
import { CONSUMER_OPTION } from '../parked/filter.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { duration } from '../terminal/figures.ts';
import type { Style } from '../terminal/style.ts';
import { printable } from '../terminal/text-width.ts';
import { UsageError } from '../usage-error.ts';

/** `outrelay parked show`: one parked message with everything, payload included. */
export const parkedShowCommand: Command = command({
  name: 'parked show',
  summary: 'Show one parked message with its headers and payload',
  details: [
    'Text is shown with control characters made visible, bytes as the beginning of a hexadecimal dump. --raw writes exactly the bytes of the payload, for a file or another program.',
  ],
  positionals: { placeholder: 'ID', min: 1, max: 1 },
  options: {
    ...STORE_OPTIONS,
    consumer: CONSUMER_OPTION,
    raw: flag('Write the payload alone, byte by byte.'),
    json: flag('Write JSON, the payload in payloadText or payloadBase64.'),
  },
  examples: ['parked show ID --from sqlite:shop.db --consumer billing'],

  async run(context, options, [id = '']) {
    const { consumer, raw, json } = options;
    if (raw && json) throw new UsageError('--raw and --json exclude each other.');
    const { out, err } = context;
    return withStore(context, options, async ({ store }) => {
      const { messages } = await facetOf(store, 'parking').list({ ids: [id], consumer });
      const [message, ...others] = messages;
      if (message === undefined) {
        err.line(`There is no parked message with the id ${printable(id)}.`);
        return EXIT.unmet;
      }
      if (others.length > 0) {
        const names = messages.map((one) => printable(one.consumer)).join(', ');
        throw new UsageError(`Several consumers parked it; choose one with --consumer: ${names}.`);
      }
      if (raw) await out.write(message.payload ?? '');
      else if (json) out.json(fullLetterJson(message));
      else out.lines(messageLines(message, out.style));
      return EXIT.ok;
    });
  },
});

function messageLines(message: ParkedMessage, style: Style): string[] {
  const { id, consumer, topic, key, createdAt, parkedAt, state, reason, error, attempts, redrives } = message;
  const fields: readonly Field[] = [
    ['id', id],
    ['consumer', consumer],
    ['topic', topic],
    ['key', key ?? '–'],
    ['appended', createdAt.toISOString()],
    ['parked', `${parkedAt.toISOString()} (${duration(Date.now() - parkedAt.getTime())} ago)`],
    ['reason', state === 'redriven' ? `${reason}; its consumer is to try it again` : reason],
    ['error', error],
    ['attempts', String(attempts)],
    ['redriven', redrives === 0 ? 'never' : `${redrives} times`],
  ];
  return fieldLines(fields, message, style);
}

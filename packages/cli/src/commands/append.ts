import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { type AppendProgress, appendLines } from '../append/append-lines.ts';
import { Appender } from '../append/appender.ts';
import { type Command, command } from '../arguments/command.ts';
import { flag, value } from '../arguments/option.ts';
import { url, wholeNumber } from '../arguments/readers.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { count, plural } from '../terminal/figures.ts';
import { UsageError } from '../usage-error.ts';

const { 'from-option': intoOption, config } = STORE_OPTIONS;

/** `outrelay append`: lines of JSON into an outbox. */
export const appendCommand: Command = command({
  name: 'append',
  summary: 'Append messages from lines of JSON',
  details: [
    'Reads one message per line from FILE, or from stdin: {"topic": "order.placed", "key": "17", "payload": {"total": 12.5}}. Only the topic is needed. Further members: headers (an object of texts), id, contentType, availableAt (a time with its zone), and payloadBase64 instead of payload for bytes. The JSON of a payload is stored to the letter.',
    'Each batch is one transaction. When a line is wrong nothing of its batch is written, and the error says which line it was and how many messages were appended before it.',
    'An application appends in the transaction of its own write, which is what the outbox is for; this command is for messages that belong to none.',
  ],
  positionals: { placeholder: '[FILE]', min: 0, max: 1 },
  options: {
    into: value('URL', url, 'The store, for example sqlite:shop.db.', 'OUTRELAY_FROM'),
    'into-option': intoOption,
    config,
    batch: value('N', wholeNumber(1, 100_000), 'Messages per transaction. Default: 1000.'),
    'dry-run': flag('Check every line and write nothing.'),
    json: flag('Report as a JSON object.'),
  },
  examples: [
    'append --into sqlite:shop.db messages.ndjson',
    `append --into sqlite:shop.db --dry-run < messages.ndjson`,
  ],

  async run(context, options, [file]) {
    const { into, 'into-option': option, 'dry-run': dryRun, json } = options;
    const source = { from: into, 'from-option': option, config: options.config, called: 'into' };
    return withStore(context, source, async ({ store, label }) => {
      const appender = new Appender(store);
      const batch = Math.min(options.batch ?? 1_000, appender.maxBatch);
      const progress: AppendProgress = { messages: 0, duplicates: 0, transactions: 0, line: 0 };
      try {
        await appendLines(inputOf(context, file), appender, { batch, write: !dryRun }, progress);
      } catch (error) {
        if (!dryRun) context.err.line(interruptedText(progress));
        throw error;
      }
      if (json) context.out.json({ ...progress, dryRun });
      else context.out.line(dryRun ? checkedText(progress) : appendedText(progress, label));
      return EXIT.ok;
    });
  },
});

function inputOf({ stdin, err, cwd }: Context, file: string | undefined): AsyncIterable<Uint8Array> {
  if (file !== undefined && file !== '-') return readFile(resolve(cwd, file), file);
  if (stdin.isTTY) err.line('Reading messages from the terminal, one JSON object per line; Ctrl-D ends.');
  return stdin;
}

async function* readFile(path: string, given: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file ${given} cannot be read (${code ?? 'unknown reason'}).`, { cause: error });
  }
}

function appendedText({ messages, duplicates, transactions }: AppendProgress, label: string): string {
  const known =
    duplicates === 0
      ? ''
      : ` ${count(duplicates)} of them ${duplicates === 1 ? 'was' : 'were'} pending already under the same id, and not written again.`;
  return `Appended ${plural(messages, 'message')} to ${label} in ${plural(transactions, 'transaction')}.${known}`;
}

function checkedText({ messages }: AppendProgress): string {
  return `Checked ${plural(messages, 'message')}: all can be appended. Nothing was written.`;
}

function interruptedText({ messages, line }: AppendProgress): string {
  if (messages === 0) return 'Nothing was appended.';
  return `Appended before: ${plural(messages, 'message')}, up to line ${line}. To go on after a correction: tail -n +${line + 1} FILE`;
}

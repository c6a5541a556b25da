import type { DeadLetter, DeadLetterPage } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag, value } from '../arguments/option.ts';
import { text, wholeNumber } from '../arguments/readers.ts';
import { FILTER_OPTIONS, filterOf } from '../dead/filter.ts';
import { letterJson } from '../dead/letter-json.ts';
import { EXIT } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { age } from '../terminal/figures.ts';
import { listTable } from '../terminal/list-table.ts';
import type { Output } from '../terminal/output.ts';

/** `outrelay dead list`: dead letters without their payloads. */
export const deadListCommand: Command = command({
  name: 'dead list',
  summary: 'List dead letters, oldest first, without payloads',
  details: [
    'A dead letter is a message that will not be tried again by itself: it was rejected, its attempts are used up, or its row cannot be read. It keeps its payload and the last error.',
  ],
  options: {
    ...STORE_OPTIONS,
    ...FILTER_OPTIONS,
    resolved: flag('Also letters that were redriven with an edit.'),
    limit: value('N', wholeNumber(1, 1_000), 'Letters on a page. Default: 50.'),
    after: value('CURSOR', text, 'Go on where a page ended; the page before says how.'),
    json: flag('Write one JSON object per line.'),
  },
  examples: ['dead list --from sqlite:shop.db --topic order.placed --since 2h'],

  async run(context, options) {
    const { out, err } = context;
    const { resolved, limit = 50, after, json } = options;
    return withStore(context, options, async ({ store }) => {
      const request = { ...filterOf(options), resolved, limit, after };
      const page = await facetOf(store, 'recovery').list(request);
      if (json) for (const letter of page.letters) out.json(letterJson(letter));
      else out.lines(pageLines(page, out));
      if (page.next !== null) err.line(`There are more. Go on with: --after ${page.next}`);
      return EXIT.ok;
    });
  },
});

const COLUMNS = [
  { title: 'id' },
  { title: 'topic' },
  { title: 'key' },
  { title: 'reason' },
  { title: 'attempts', align: 'right' },
  { title: 'died', align: 'right' },
  { title: 'error' },
] as const;

function pageLines({ letters }: DeadLetterPage, out: Output): string[] {
  if (letters.length === 0) return ['There are no such dead letters.'];
  const now = Date.now();
  const rows = letters.map((letter) => letterRow(letter, now));
  return listTable(COLUMNS, rows, out);
}

function letterRow(letter: DeadLetter, now: number): string[] {
  const { id, topic, key, reason, blocking, resolvedAt, attempts, deadAt, error } = letter;
  const state = `${reason}${blocking ? ', blocks its key' : ''}${resolvedAt === null ? '' : ', resolved'}`;
  const died = `${age(now - deadAt.getTime())} ago`;
  return [id, topic, key ?? '–', state, String(attempts), died, error];
}

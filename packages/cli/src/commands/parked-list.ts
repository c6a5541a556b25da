import type { ParkedMessage, ParkedPage } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag, value } from '../arguments/option.ts';
import { text, wholeNumber } from '../arguments/readers.ts';
import { letterJson } from '../dead/letter-json.ts';
import { EXIT } from '../exit-code.ts';
import { PARKED_OPTIONS, parkedFilterOf } from '../parked/filter.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { age } from '../terminal/figures.ts';
import { listTable } from '../terminal/list-table.ts';
import type { Output } from '../terminal/output.ts';

/** `outrelay parked list`: messages that consumers gave up, without their payloads. */
export const parkedListCommand: Command = command({
  name: 'parked list',
  summary: 'List messages that consumers gave up, oldest first, without payloads',
  details: [
    'A parked message is the dead letter of a consumer: its handler rejected it, or its attempts are used up. The inbox keeps it with its payload and the last error. What was redriven is listed until its consumer has handled it.',
  ],
  options: {
    ...STORE_OPTIONS,
    ...PARKED_OPTIONS,
    limit: value('N', wholeNumber(1, 1_000), 'Messages on a page. Default: 50.'),
    after: value('CURSOR', text, 'Go on where a page ended; the page before says how.'),
    json: flag('Write one JSON object per line.'),
  },
  examples: ['parked list --from sqlite:shop.db --consumer billing --since 2h'],

  async run(context, options) {
    const { out, err } = context;
    const { limit = 50, after, json } = options;
    return withStore(context, options, async ({ store }) => {
      const page = await facetOf(store, 'parking').list({ ...parkedFilterOf(options), limit, after });
      if (json) for (const message of page.messages) out.json(letterJson(message));
      else out.lines(pageLines(page, out));
      if (page.next !== null) err.line(`There are more. Go on with: --after ${page.next}`);
      return EXIT.ok;
    });
  },
});

const COLUMNS = [
  { title: 'id' },
  { title: 'consumer' },
  { title: 'topic' },
  { title: 'key' },
  { title: 'reason' },
  { title: 'attempts', align: 'right' },
  { title: 'parked', align: 'right' },
  { title: 'error' },
] as const;

function pageLines({ messages }: ParkedPage, out: Output): string[] {
  if (messages.length === 0) return ['There are no such parked messages.'];
  const now = Date.now();
  const rows = messages.map((message) => messageRow(message, now));
  return listTable(COLUMNS, rows, out);
}

function messageRow(message: ParkedMessage, now: number): string[] {
  const { id, consumer, topic, key, reason, state, attempts, parkedAt, error } = message;
  const told = state === 'redriven' ? `${reason}, redriven` : reason;
  const parked = `${age(now - parkedAt.getTime())} ago`;
  return [id, consumer, topic, key ?? '–', told, String(attempts), parked, error];
}

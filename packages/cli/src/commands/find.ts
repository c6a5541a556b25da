import type { MessageTrace } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { EXIT } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { duration, plural } from '../terminal/figures.ts';
import { printable } from '../terminal/text-width.ts';

/** `outrelay find`: where a message is. */
export const findCommand: Command = command({
  name: 'find',
  summary: 'Say where a message is: pending, waiting, dead or sent',
  details: [
    'Sent messages are found for as long as the history is kept, by default a day. Exit code 1 when the id is unknown. No payload is printed.',
  ],
  positionals: { placeholder: 'ID', min: 1, max: 1 },
  options: { ...STORE_OPTIONS, json: flag('Write one JSON object per line.') },
  examples: ['find ID --from sqlite:shop.db'],

  async run(context, options, [id = '']) {
    const { out } = context;
    return withStore(context, options, async ({ store }) => {
      const traces = await facetOf(store, 'inspection').find(id);
      if (options.json) for (const trace of traces) out.json(trace);
      else if (traces.length > 0) out.lines(traces.flatMap((trace) => traceLines(trace, Date.now())));
      else
        out.line(
          `No message with the id ${printable(id)}: never committed, or sent longer ago than the history is kept.`,
        );
      return traces.length === 0 ? EXIT.unmet : EXIT.ok;
    });
  },
});

function traceLines(trace: MessageTrace, now: number): string[] {
  const { id, topic, key, state, createdAt, attempts, error } = trace;
  const place = `topic ${topic}${key === null ? '' : `, key ${key}`}`;
  return [
    `${id}  ${place}`,
    `  appended  ${moment(createdAt, now)}`,
    `  ${stateText(trace, now)}`,
    ...(attempts > 0 && state !== 'dead' ? [`  attempts  ${attempts}`] : []),
    ...(error === null ? [] : [`  error     ${error}`]),
  ].map(printable);
}

function stateText({ state, at, attempts }: MessageTrace, now: number): string {
  const time = at === null ? '' : moment(at, now);
  if (state === 'sent') return `sent      ${time}`;
  if (state === 'dead') return `dead      ${time}, after ${plural(attempts, 'attempt')}`;
  if (state === 'pending') return 'pending   could be published now';
  return at === null ? 'waiting   behind an earlier message of its key' : `waiting   until ${time}`;
}

function moment(time: Date, now: number): string {
  const agoMs = now - time.getTime();
  return `${time.toISOString()} (${agoMs < 0 ? `in ${duration(-agoMs)}` : `${duration(agoMs)} ago`})`;
}

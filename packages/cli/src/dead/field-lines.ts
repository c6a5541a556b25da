import type { Payload } from '@outrelay/core';
import type { Style } from '../terminal/style.ts';
import { printable } from '../terminal/text-width.ts';
import { payloadLines, payloadSummary } from './payload-lines.ts';

/** What is known of a message by name. */
export type Field = readonly [name: string, value: string];

/** A message for people: its fields below each other, its headers, then its payload. */
export function fieldLines(
  known: readonly Field[],
  message: {
    readonly contentType: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly payload: Payload;
  },
  style: Style,
): string[] {
  const fields: readonly Field[] = [
    ...known,
    ['content type', message.contentType],
    ...Object.entries(message.headers).map(([name, value]) => [`header ${name}`, value] as const),
    ['payload', payloadSummary(message.payload)],
  ];
  const width = Math.max(...fields.map(([name]) => printable(name).length));
  return [
    ...fields.map(([name, text]) => `${style.dim(printable(name).padEnd(width))}  ${printable(text)}`),
    '',
    ...payloadLines(message.payload),
  ];
}

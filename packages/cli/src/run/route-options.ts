import { list, type ListOption, value, type ValueOption } from '../arguments/option.ts';
import { assignment, commaSeparated, route, url } from '../arguments/readers.ts';

/** The options that say where messages go. */
export const ROUTE_OPTIONS: {
  readonly to: ValueOption<string>;
  readonly 'to-option': ListOption<readonly [name: string, value: string]>;
  readonly route: ListOption<readonly [pattern: string, url: string]>;
  readonly topics: ListOption<readonly string[]>;
} = {
  to: value(
    'URL',
    url,
    'The transport that takes every topic, for example https://example.com/hook.',
    'OUTRELAY_TO',
  ),
  'to-option': list(
    'NAME=VALUE',
    assignment,
    'An option of the transport of --to, for example concurrency=8.',
  ),
  route: list(
    'TOPIC=URL',
    route,
    'The transport of a topic, or of a pattern such as order.*; the most specific one counts.',
  ),
  topics: list('TOPIC,…', commaSeparated, 'Topics or patterns that --to takes instead of every topic.'),
};

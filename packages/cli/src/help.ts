import type { Command } from './arguments/command.ts';
import type { Option } from './arguments/option.ts';
import { EXIT_MEANINGS } from './exit-code.ts';
import type { Style } from './terminal/style.ts';
import { wrap } from './terminal/wrap.ts';

/** How a help text is laid out. */
export interface HelpLayout {
  readonly style: Style;
  readonly columns: number;
}

const MAX_COLUMNS = 100;
const GUTTER = 2;

/** The help of `outrelay` itself, or of a group such as `dead`: one line per command. */
export function overview(commands: readonly Command[], layout: HelpLayout): string {
  const { style } = layout;
  return joined([
    [`${style.bold('outrelay')}: publishes messages if and only if the transaction that wrote them commits.`],
    [style.bold('Usage'), '  outrelay COMMAND [options]'],
    [
      style.bold('Commands'),
      ...pairs(
        commands.map(({ name, summary }) => [name, summary]),
        layout,
      ),
    ],
    [
      style.bold('More'),
      ...pairs(
        [
          ['help COMMAND', 'Explain a command and its options'],
          ['--version', 'Print the version'],
        ],
        layout,
      ),
    ],
    [
      style.bold('Where from, where to'),
      ...indented(
        'A store is named by --from URL or OUTRELAY_FROM, a transport by --to URL or OUTRELAY_TO, or both by a file outrelay.config.{ts,mjs,js}. Options win over the environment, the environment over the file.',
        layout,
      ),
      '',
      '  stores      sqlite:shop.db  postgres://…  mysql://…  mariadb://…  mongodb://…',
      '  transports  https://…  http://…  redis://…  rediss://…  stdout:',
    ],
    [style.bold('Exit codes'), ...pairs(EXIT_MEANINGS, layout)],
  ]);
}

/** The help of one command. */
export function commandHelp(command: Command, layout: HelpLayout): string {
  const { style } = layout;
  const { name, summary, details, options, positionals, examples } = command;
  const usage = ['outrelay', name, ...(positionals ? [positionals.placeholder] : []), '[options]'].join(' ');
  const table = Object.entries(options).map(([option, shape]): [string, string] => [
    optionText(option, shape),
    describeOption(shape),
  ]);
  return joined([
    [`${style.bold(`outrelay ${name}`)}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}.`],
    [style.bold('Usage'), `  ${usage}`],
    ...details.map((paragraph) => indented(paragraph, layout)),
    [style.bold('Options'), ...pairs([...table, ['-h, --help', 'Print this help.']], layout)],
    [style.bold('Examples'), ...examples.map((example) => `  outrelay ${example}`)],
  ]);
}

function optionText(name: string, option: Option): string {
  if (option.kind !== 'flag') return `--${name} ${option.placeholder}`;
  return option.short === undefined ? `--${name}` : `-${option.short}, --${name}`;
}

function describeOption(option: Option): string {
  if (option.kind === 'list') return `${option.description} May be given several times.`;
  if (option.kind === 'value' && option.env !== undefined) {
    return `${option.description} Else: the environment variable ${option.env}.`;
  }
  return option.description;
}

/** Two columns; what is too long for the left one gets a line of its own. */
function pairs(rows: readonly (readonly [left: string, right: string])[], layout: HelpLayout): string[] {
  const width = Math.min(24, Math.max(...rows.map(([left]) => left.length)));
  const indent = GUTTER + width + GUTTER;
  return rows.flatMap(([left, right]) => {
    const text = wrap(right, columnsOf(layout) - indent).replaceAll('\n', `\n${' '.repeat(indent)}`);
    if (left.length > width) return [`  ${left}`, `${' '.repeat(indent)}${text}`];
    return [`  ${left.padEnd(width)}  ${text}`];
  });
}

function indented(text: string, layout: HelpLayout): string[] {
  return [`  ${wrap(text, columnsOf(layout) - GUTTER).replaceAll('\n', '\n  ')}`];
}

function columnsOf({ columns }: HelpLayout): number {
  return Math.min(MAX_COLUMNS, Math.max(40, columns));
}

function joined(sections: readonly (readonly string[])[]): string {
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

import { textWidth } from './text-width.ts';

/** One column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand right, words left. Default: `'left'`. */
  readonly align?: 'left' | 'right' | undefined;
}

/**
 * A table as lines, columns two spaces apart, without a frame, so that it can be cut and searched by other tools.
 *
 * @param mark - marks up the titles
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  mark: (title: string) => string,
): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(row[at] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [mark(line(columns.map(({ title }) => title))), ...rows.map(line)];
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(cell)));
  return align === 'right' ? `${space}${cell}` : `${cell}${space}`;
}

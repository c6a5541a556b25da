import type { Output } from './output.ts';
import { type Column, table } from './table.ts';
import { cut, printable } from './text-width.ts';

/** A table of what a store holds: its titles dimmed, and on a terminal cut at the width of the lines. */
export function listTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  out: Output,
): string[] {
  const lines = table(
    columns,
    rows.map((row) => row.map(printable)),
    (title) => title,
  );
  const fitting = out.interactive ? lines.map((line) => cut(line, out.columns)) : lines;
  return fitting.map((line, at) => (at === 0 ? out.style.dim(line) : line));
}

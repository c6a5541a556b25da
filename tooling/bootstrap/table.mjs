const HEAD = ['suite', 'passed', 'failed', 'skipped', 'servers'];

/**
 * Sets rows as a table for people. The reasons stand below their row, because they are sentences.
 *
 * @param {readonly import('./rows.mjs').Row[]} rows
 * @returns {string}
 */
export function formatTable(rows) {
  const cells = rows.map(({ suite, passed, failed, skipped, server }) => [
    suite,
    String(passed),
    String(failed),
    String(skipped),
    server,
  ]);
  const widths = HEAD.map((head, column) => {
    return Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0));
  });
  const lines = [
    line(HEAD, widths),
    line(
      widths.map((width) => '─'.repeat(width)),
      widths,
    ),
  ];
  for (const [index, row] of cells.entries()) {
    lines.push(line(row, widths));
    for (const reason of rows[index]?.why ?? []) lines.push(`  ↳ ${reason}`);
  }
  return lines.join('\n');
}

/**
 * Numbers stand to the right, texts to the left.
 *
 * @param {readonly string[]} row
 * @param {readonly number[]} widths
 */
function line(row, widths) {
  const cells = row.map((cell, column) => {
    const width = widths[column] ?? 0;
    return column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width);
  });
  return cells.join('  ').trimEnd();
}

import type { MigrationStep } from '@outrelay/core';
import { plural } from '../terminal/figures.ts';

/** Steps for people: one line each. */
export function stepLines(steps: readonly MigrationStep[]): string[] {
  return steps.map(
    ({ version, name, statements }) =>
      `  ${String(version).padStart(4)}  ${name}  (${plural(statements.length, 'statement')})`,
  );
}

/** Steps as a script for the database's own console; what is no SQL there stands in comments. */
export function sqlLines(steps: readonly MigrationStep[]): string[] {
  return steps.flatMap(({ version, name, statements }) => [
    `-- ${version}: ${name}`,
    ...statements.flatMap((statement) => [statement.trim().replace(/;?$/, ';'), '']),
  ]);
}

import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a suite tells the table that ends a run, besides the totals of its test runner. */
export type Note =
  | {
      /** A server that the suite started itself, or a version that matters. */
      readonly kind: 'server';
      readonly server: string;
      readonly version: string;
    }
  | {
      /** Something that was not exercised, and why; it explains skipped tests. */
      readonly kind: 'skip';
      readonly reason: string;
    };

/**
 * Writes a note for the table; does nothing outside a run of `npm test`, which sets `OUTRELAY_RESULTS_DIR`.
 *
 * One line is appended per note, so several test processes of one package do not get into each other's way.
 */
export function note(entry: Note): void {
  const directory = process.env['OUTRELAY_RESULTS_DIR'];
  if (directory === undefined || directory === '') return;
  mkdirSync(directory, { recursive: true });
  appendFileSync(join(directory, `${suiteName()}.notes.jsonl`), `${JSON.stringify(entry)}\n`);
}

/** The name of the running suite: its package without the scope, and the lane where there is one. */
function suiteName(): string {
  const manifest = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8')) as { name: string };
  const lane = process.env['OUTRELAY_TEST_LANE'] ?? '';
  return basename(manifest.name) + (lane === '' ? '' : `@${lane}`);
}

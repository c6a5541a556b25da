import { join, resolve } from 'node:path';

/** The root of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Programs of the repository's own, git-ignored: pnpm, and the Node versions of further lanes. */
export const TOOLS = join(ROOT, '.tools');

/** What runs leave for each other, git-ignored: results, copies, locks. */
export const STATE = join(ROOT, '.outrelay');

/** Where suites leave their totals and notes. */
export const RESULTS = join(STATE, 'results');

import { join } from 'node:path';
import { TOOLS } from '../paths.mjs';
import { ensureTool } from '../pnpm.mjs';

/** The Node of the second lane: the newest line with long-term support. docs/adr/0001-node-versions.md says why. */
const NODE24_VERSION = '24.21.0';

/** Names the lane in the files that suites leave behind. */
export const NODE24_LANE = 'node24';

const DIRECTORY = join(TOOLS, 'node24');

/**
 * Installs the Node of the lane from npm, headers included, and answers with the path of its program.
 *
 * @returns {Promise<string>}
 */
export async function ensureNode24() {
  const name = `node-${process.platform}-${process.arch}`;
  await ensureTool(DIRECTORY, name, NODE24_VERSION);
  return join(DIRECTORY, 'node_modules', name, 'bin', 'node');
}

import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The repository's own installer of the Node that its second lane of tests runs on. */
const INSTALLER = fileURLToPath(new URL('../../../tooling/bootstrap/node24/node.mjs', import.meta.url));

/** The program of Node 24, for contenders that need it; installed at the first use. */
export async function node24(): Promise<string> {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const { ensureNode24 } = (await import(pathToFileURL(join(INSTALLER)).href)) as {
    ensureNode24: () => Promise<string>;
  };
  return ensureNode24();
}

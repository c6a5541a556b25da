import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../bootstrap/failure.mjs';
import { publishedPackages } from '../bootstrap/workspace.mjs';
import { capabilityTable } from './capability-table.mjs';

const START = '<!-- capabilities:start -->';
const END = '<!-- capabilities:end -->';

const FAMILIES = [
  { title: 'Stores', prefix: 'store-' },
  { title: 'Transports', prefix: 'transport-' },
];

/** @type {import('./generators.mjs').Generator} */
export const capabilityTables = {
  file: 'README.md',
  make: async (root, present) => {
    const [before, after] = [present.indexOf(START), present.indexOf(END)];
    if (before === -1 || after < before)
      throw new Failure(`README.md has no place between ${START} and ${END}.`);
    const tables = await Promise.all(FAMILIES.map((family) => tableOf(root, family)));
    const body = tables.filter((table) => table !== '').join('\n');
    return `${present.slice(0, before)}${START}\n\n${body}\n${present.slice(after)}`;
  },
};

/**
 * @param {string} root
 * @param {{ title: string, prefix: string }} family
 */
async function tableOf(root, { title, prefix }) {
  const adapters = publishedPackages(root).filter(({ short }) => short.startsWith(prefix));
  const manifests = await Promise.all(
    adapters.map(async ({ name, directory, short, preview }) => {
      const path = join(directory, 'dist', 'index.js');
      if (!existsSync(path)) throw new Failure(`${name} is not built.`);
      const { capabilities } = await import(pathToFileURL(path).href);
      if (capabilities === undefined) throw new Failure(`${name} exports no constant \`capabilities\`.`);
      return { name: short.slice(prefix.length), folder: `packages/${short}`, preview, capabilities };
    }),
  );
  return manifests.length === 0 ? '' : `${title}\n\n${capabilityTable(manifests)}`;
}

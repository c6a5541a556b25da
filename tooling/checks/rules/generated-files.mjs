import { staleFiles } from '../../generate/generators.mjs';

/** @type {import('../run-checks.mjs').Check} */
export const generatedFiles = {
  name: 'generated files are up to date',
  run: async ({ root }) => {
    const stale = await staleFiles(root);
    return stale.map((file) => `${file} is out of date: run \`pnpm run generate\``);
  },
};

// `pnpm run generate`: writes every generated file; with --check it only says which are out of date.
import { ROOT } from '../bootstrap/paths.mjs';
import { staleFiles, writeGenerated } from './generators.mjs';

if (process.argv.includes('--check')) {
  const stale = await staleFiles(ROOT);
  for (const file of stale) console.error(`${file} is out of date: run \`pnpm run generate\``);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const file of await writeGenerated(ROOT)) console.log(`wrote ${file}`);
}

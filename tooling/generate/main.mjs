// `pnpm run generate`: writes every generated file.
import { ROOT } from '../bootstrap/paths.mjs';
import { writeGenerated } from './generators.mjs';

for (const file of await writeGenerated(ROOT)) console.log(`wrote ${file}`);

// `pnpm check`, `pnpm check:repository` and `pnpm check:release`: runs the checks of one set and says which failed.
import { CHECK_SETS } from './check-sets.mjs';
import { checkCommand } from './check-command.mjs';

await checkCommand(process.argv.slice(2), CHECK_SETS);

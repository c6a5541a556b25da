import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { environment } from './environment.mjs';
import { Failure } from './failure.mjs';
import { install } from './install.mjs';
import { ROOT } from './paths.mjs';
import { PNPM_PROGRAM } from './pnpm.mjs';
import { heading } from './progress.mjs';
import { turbo } from './turbo.mjs';

const SHOP = './examples/shop';

/**
 * Runs the example shop; what stands behind `npm run demo --` is passed on to it.
 *
 * @param {import('./arguments.mjs').Arguments} args
 * @returns {Promise<number>} the exit code
 */
export async function demo({ rest }) {
  if (!existsSync(join(ROOT, SHOP, 'package.json'))) throw new Failure(`There is no ${SHOP} to run.`);
  await install();
  heading('Build');
  if ((await turbo('build', { filters: [`${SHOP}...`] })) !== 0) throw new Failure('The build failed.');
  heading('Demo');
  const args = ['--filter', SHOP, '--silent', 'run', 'demo', ...rest];
  const { code } = await runChild(process.execPath, [PNPM_PROGRAM, ...args], { env: environment() });
  return code;
}

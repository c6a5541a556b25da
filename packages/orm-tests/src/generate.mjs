import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/*
 * Writes the clients of Prisma, as `prisma generate` does in an application. Nothing is downloaded: the clients talk
 * through driver adapters, so no engine is needed, but Prisma would fetch one for migrations all the same unless it is
 * told that it is there. Its notes about itself go to a directory of this package instead of the home of whoever runs.
 */
const require = createRequire(import.meta.url);
const home = fileURLToPath(new URL('../dist/home', import.meta.url));
mkdirSync(home, { recursive: true });
for (const database of ['postgres', 'mysql']) {
  const { status } = spawnSync(
    process.execPath,
    [require.resolve('prisma/build/index.js'), 'generate', '--schema', `src/${database}.prisma`],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        HOME: home,
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      },
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}

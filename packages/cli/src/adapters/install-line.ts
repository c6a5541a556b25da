import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Lock files and the command of the package manager that writes them. */
const LOCK_FILES: readonly (readonly [file: string, command: string])[] = [
  ['pnpm-lock.yaml', 'pnpm add'],
  ['yarn.lock', 'yarn add'],
  ['bun.lock', 'bun add'],
  ['bun.lockb', 'bun add'],
  ['package-lock.json', 'npm install'],
];

/** The command that installs packages the way the project in `folder` does it: by its lock file, the nearest one up. */
export function installLine(packages: readonly string[], folder: string): string {
  return `${installCommand(folder)} ${packages.join(' ')}`;
}

function installCommand(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const found = LOCK_FILES.find(([file]) => existsSync(join(at, file)));
    if (found !== undefined) return found[1];
    if (at === dirname(at)) return 'npm install';
  }
}

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const CHECK_SETS = fileURLToPath(new URL('../../checks/check-sets.mjs', import.meta.url));

/** @param {string} code */
const module = (code) => `data:text/javascript,${encodeURIComponent(code)}`;

it('the checks are loaded before any package is built, which one of them does', () => {
  const hook = module(`export function resolve(name, context, next) {
    if (name.startsWith('@outrelay/')) throw new Error(name + ' is not built');
    return next(name, context);
  }`);
  const preload = module(`import { register } from 'node:module'; register(${JSON.stringify(hook)});`);
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, CHECK_SETS], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
});

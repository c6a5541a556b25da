// Checks the package in the current directory as its users will get it: packed, by publint and by attw.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { pack } from './pack.mjs';
import { run } from './run.mjs';

const directory = process.cwd();
const scratch = mkdtempSync(join(tmpdir(), 'outrelay-pack-'));
try {
  const tarball = pack(directory, scratch);
  const problems = [...(await lintPackage(tarball)), ...checkTypes(tarball)];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** @param {string} tarball */
async function lintPackage(tarball) {
  const bytes = readFileSync(tarball);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({
    pack: { tarball: buffer },
    level: 'warning',
    strict: true,
  });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}

/**
 * Everything here is an ES module on purpose, so what attw says of old resolution modes does not count.
 *
 * @param {string} tarball
 */
function checkTypes(tarball) {
  const attw = join(import.meta.dirname, '..', 'node_modules', '.bin', 'attw');
  const { ok, output } = run(attw, [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], directory);
  return ok ? [] : [`attw: ${output}`];
}

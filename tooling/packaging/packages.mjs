// Checks every package as its users will get it: packed, by publint and by attw. In one process, because most of what
// these tools take is their start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedPackages } from '../bootstrap/workspace.mjs';
import { packAll } from './pack.mjs';
import { tarballProblems } from './tarball-problems.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'outrelay-pack-'));
try {
  const tarballs = packAll(publishedPackages(), scratch);
  const problems = [];
  for (const [name, tarball] of Object.entries(tarballs)) {
    problems.push(...(await tarballProblems(tarball)).map((problem) => `${name}: ${problem}`));
  }
  for (const problem of problems) console.error(problem);
  console.log(`${Object.keys(tarballs).length} packages, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

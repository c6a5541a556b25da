// Uses every package the way its users do: packed, installed into an empty project, compiled against, run, required.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT, STATE } from '../bootstrap/paths.mjs';
import { publishedPackages } from '../bootstrap/workspace.mjs';
import { compilerComplaints } from './compiler-complaints.mjs';
import { consumerDependencies } from './consumer-dependencies.mjs';
import { binaryProgram, importProgram, requireProgram, typeScriptConfig } from './consumer-programs.mjs';
import { entryPoints } from './entry-points.mjs';
import { packAll } from './pack.mjs';
import { mustRun, run } from './run.mjs';

const PROJECT = join(STATE, 'consumer');

const packages = publishedPackages();
const entries = packages.flatMap(({ directory }) => entryPoints(directory));
createProject();
mustRun('pnpm', ['install', '--prefer-offline', '--ignore-scripts', '--no-frozen-lockfile'], PROJECT);
const problems = [
  ...compile('nodenext'),
  ...compile('bundler'),
  ...entries.flatMap(runEntry),
  ...runBinaries(),
];
for (const problem of problems) console.error(problem);
console.log(`${packages.length} packages, ${entries.length} entry points, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function createProject() {
  rmSync(PROJECT, { recursive: true, force: true });
  mkdirSync(PROJECT, { recursive: true });
  const packed = Object.entries(packAll(packages, join(PROJECT, 'tarballs')));
  const tarballs = Object.fromEntries(packed.map(([name, tarball]) => [name, `file:${tarball}`]));
  write('package.json', {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { ...consumerDependencies(packages), ...tarballs },
  });
  // A workspace of its own: pnpm would take the repository's otherwise. The packages depend on each other by version,
  // and that version is nowhere but in the tarballs.
  write('pnpm-workspace.yaml', { packages: ['.'], overrides: tarballs });
  for (const resolution of ['nodenext', 'bundler']) {
    write(`tsconfig.${resolution}.json`, typeScriptConfig(resolution));
  }
  for (const { title, specifier } of entries) {
    writeFileSync(join(PROJECT, `${title}.ts`), importProgram(specifier));
    writeFileSync(join(PROJECT, `${title}.cjs`), requireProgram(specifier));
  }
}

/** @param {'nodenext' | 'bundler'} resolution */
function compile(resolution) {
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const result = run(tsc, ['-p', `tsconfig.${resolution}.json`, '--pretty', 'false'], PROJECT);
  return compilerComplaints(result).map((complaint) => `${resolution}: ${complaint}`);
}

/** @param {import('./entry-points.mjs').EntryPoint} entry */
function runEntry({ title, specifier }) {
  return [`${title}.js`, `${title}.cjs`].flatMap((program) => {
    const { ok, output } = run(process.execPath, [program], PROJECT);
    return ok ? [] : [`${program.endsWith('.cjs') ? 'require' : 'import'} of ${specifier}: ${gist(output)}`];
  });
}

function runBinaries() {
  return packages.flatMap(({ directory }) => {
    return Object.keys(binaryProgram(directory)).flatMap((name) => {
      const { ok, output } = run(join(PROJECT, 'node_modules', '.bin', name), ['--help'], PROJECT);
      return ok && output !== '' ? [] : [`${basename(directory)}: ${name} --help failed: ${gist(output)}`];
    });
  });
}

/**
 * The line of a stack trace that says what happened.
 *
 * @param {string} output
 */
function gist(output) {
  const lines = output.split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}

/**
 * JSON is YAML, so one writer serves both.
 *
 * @param {string} name
 * @param {unknown} content
 */
function write(name, content) {
  writeFileSync(join(PROJECT, name), `${JSON.stringify(content, null, 2)}\n`);
}

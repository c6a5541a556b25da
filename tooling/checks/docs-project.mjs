import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runChild } from '../bootstrap/child.mjs';
import { environment } from '../bootstrap/environment.mjs';
import { workspacePackages } from '../bootstrap/workspace.mjs';

/** @typedef {import('./markdown.mjs').CodeBlock & { file: string }} DocumentedBlock */

/**
 * Compiles blocks of TypeScript from documents, each as a module of its own, against the built packages and every
 * library that a package here depends on.
 *
 * @param {string} root
 * @param {readonly DocumentedBlock[]} blocks
 * @returns {Promise<string[]>} the compiler's complaints, at the lines of the documents
 */
export async function compileBlocks(root, blocks) {
  if (blocks.length === 0) return [];
  const project = join(root, '.outrelay', 'docs');
  rmSync(project, { recursive: true, force: true });
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  linkModules(root, join(project, 'node_modules'));
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings(root, project), null, 2));
  for (const [index, { code }] of blocks.entries()) {
    // Without an import or export a file is a script, and its names would clash with those of the other blocks.
    writeFileSync(join(project, `block-${index}.ts`), `${code}\nexport {};\n`);
  }
  const args = [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.', '--pretty', 'false'];
  const { code, output } = await runChild(process.execPath, args, {
    cwd: project,
    env: environment(),
    output: 'keep',
  });
  if (code === 0) return [];
  const complaints = output.split('\n').filter((line) => line !== '');
  if (complaints.length === 0) return [`the compiler ended with exit code ${code} and said nothing`];
  return complaints.map((line) => atDocument(line, blocks));
}

/**
 * @param {string} root
 * @param {string} project
 */
function settings(root, project) {
  return {
    extends: relative(project, join(root, 'tsconfig.base.json')),
    compilerOptions: {
      isolatedDeclarations: false,
      declaration: false,
      noEmit: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      rootDir: '.',
    },
    include: ['*.ts'],
  };
}

/**
 * Puts the packages of the workspace, and all that they depend on, into one directory of links.
 *
 * @param {string} root
 * @param {string} target
 */
function linkModules(root, target) {
  const packages = workspacePackages(root);
  for (const { name, directory } of packages) link(directory, join(target, name));
  for (const directory of [...packages.map((entry) => entry.directory), root]) {
    const modules = join(directory, 'node_modules');
    for (const name of existsSync(modules) ? modulesIn(modules) : [])
      link(join(modules, name), join(target, name));
  }
}

/** @param {string} modules */
function modulesIn(modules) {
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      return name.startsWith('@')
        ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`)
        : [name];
    });
}

/**
 * @param {string} source
 * @param {string} target
 */
function link(source, target) {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(realpathSync(source), target, 'junction');
}

/**
 * Moves a complaint from the extracted file to the document.
 *
 * @param {string} line
 * @param {readonly DocumentedBlock[]} blocks
 */
function atDocument(line, blocks) {
  const [, index, row, rest] = /^block-(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(line) ?? [];
  const block = blocks[Number(index)];
  return block === undefined ? line : `${block.file}:${block.line + Number(row) - 1} ${rest}`;
}

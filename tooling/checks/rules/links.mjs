import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anchorsOf, withoutCode } from '../markdown.mjs';
import { isGenerated } from '../repository.mjs';

const LINK = /\]\((?<target>[^()\s]+)(?:\s+"[^"]*")?\)/g;

/** @type {import('../run-checks.mjs').Check} */
export const links = {
  name: 'links in documents lead somewhere',
  run: ({ root, files, read }) => {
    return files
      .filter((file) => file.endsWith('.md') && !isGenerated(file))
      .flatMap((file) => targetsIn(read(file)).flatMap((target) => problemsOf(target, file, root, read)));
  },
};

/**
 * The links that stay in the repository.
 *
 * @param {string} text
 */
function targetsIn(text) {
  return [...withoutCode(text).matchAll(LINK)]
    .map((match) => match.groups?.['target'] ?? '')
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/**
 * @param {string} target
 * @param {string} file
 * @param {string} root
 * @param {(file: string) => string} read
 */
function problemsOf(target, file, root, read) {
  const [path = '', anchor] = target.split('#');
  const linked = path === '' ? file : join(dirname(file), decodeURIComponent(path));
  if (linked.startsWith('..')) return [`${file}: ${target} leads out of the repository`];
  if (!existsSync(join(root, linked))) return [`${file}: ${target} does not exist`];
  if (anchor === undefined || !linked.endsWith('.md')) return [];
  return anchorsOf(read(linked)).has(anchor) ? [] : [`${file}: ${target} names a heading that is not there`];
}

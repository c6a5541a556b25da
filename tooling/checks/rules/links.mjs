import { dirname, join } from 'node:path/posix';
import { anchorsOf, withoutCode } from '../markdown.mjs';
import { isGenerated } from '../repository.mjs';

const LINK = /\]\((?<target>[^()\s]+)(?:\s+"[^"]*")?\)/g;

/** @type {import('../run-checks.mjs').Check} */
export const links = {
  name: 'links in documents lead somewhere',
  run: ({ files, read }) => {
    const known = withFolders(files);
    return files
      .filter((file) => file.endsWith('.md') && !isGenerated(file))
      .flatMap((file) => targetsIn(read(file)).flatMap((target) => problemsOf(target, file, known, read)));
  },
};

/**
 * What a link may lead to. What only a build or an installation puts there is not among it: readers do not have that.
 *
 * @param {readonly string[]} files
 * @returns {ReadonlySet<string>}
 */
function withFolders(files) {
  const known = new Set(['.']);
  for (const file of files) {
    for (let path = file; !known.has(path); path = dirname(path)) known.add(path);
  }
  return known;
}

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
 * @param {ReadonlySet<string>} known
 * @param {(file: string) => string} read
 */
function problemsOf(target, file, known, read) {
  const [path = '', anchor] = target.split('#');
  const linked = path === '' ? file : join(dirname(file), decodeURIComponent(path));
  if (linked.startsWith('..')) return [`${file}: ${target} leads out of the repository`];
  if (!known.has(linked.replace(/\/$/, ''))) return [`${file}: ${target} does not exist`];
  if (anchor === undefined || !linked.endsWith('.md')) return [];
  return anchorsOf(read(linked)).has(anchor) ? [] : [`${file}: ${target} names a heading that is not there`];
}

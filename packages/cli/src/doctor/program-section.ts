import { type Finding, good, warning } from '@outrelay/core';
import type { Section } from './report.ts';

/** The versions of Node.js that the packages are made for. */
const NODE = { oldest: [20, 19], newest: 26 } as const;

/** What runs this program. */
export function programSection(node: string = process.versions.node): Section {
  return { of: 'this program', findings: [nodeFinding(node)] };
}

function nodeFinding(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [oldest, oldestMinor] = NODE.oldest;
  const isOld = major < oldest || (major === oldest && minor < oldestMinor);
  if (!isOld && major <= NODE.newest) return good('node', `Node.js ${node}`);
  return warning('node', {
    seen: `Node.js ${node}`,
    expected: `Node.js ${NODE.oldest.join('.')} to ${NODE.newest}, which the packages are tested on`,
    remedy: isOld ? 'Install a newer Node.js: https://nodejs.org' : 'npm install @outrelay/cli@latest',
  });
}

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The process ids of all children of a process, and of theirs; empty when the process is gone. */
export function descendants(pid: number): readonly number[] {
  const children = childrenByParent();
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const own = children.get(next) ?? [];
    found.push(...own);
    open.push(...own);
  }
  return found;
}

function childrenByParent(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of process.platform === 'linux' ? fromProc() : fromPs()) {
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

/** Linux keeps the parent in `/proc/PID/stat`, behind the command name, which may itself hold spaces. */
function fromProc(): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      pairs.push([Number(entry), Number(parent)]);
    } catch {
      // The process ended while the list was read.
    }
  }
  return pairs;
}

function fromPs(): readonly (readonly [number, number])[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}

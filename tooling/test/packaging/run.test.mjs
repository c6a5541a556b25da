import { describe, expect, it } from 'vitest';
import { mustRun, run } from '../../packaging/run.mjs';
import { scratch } from '../scratch.mjs';

describe('run', () => {
  it('keeps what a program wrote before it was killed', () => {
    // One that goes over a limit of output ends as one that goes over its time does.
    const { ok, output } = run('yes', [], scratch());
    expect(ok).toBe(false);
    expect(output.slice(0, 4)).toBe('y\ny\n');
    expect(output.slice(-100)).toMatch(/\nyes: .*ENOBUFS$/);
  });

  it('says which program is not there', () => {
    const { ok, output } = run('no-such-program', [], scratch());
    expect(ok).toBe(false);
    expect(output).toMatch(/^no-such-program: .*ENOENT/);
  });
});

describe('mustRun', () => {
  it('answers with the standard output alone', () => {
    expect(mustRun('sh', ['-c', 'echo out; echo err >&2'], scratch())).toBe('out\n');
  });

  it('throws what both streams say', () => {
    const fails = () => mustRun('sh', ['-c', 'echo out; echo err >&2; exit 1'], scratch());
    expect(fails).toThrow('out\nerr');
  });
});

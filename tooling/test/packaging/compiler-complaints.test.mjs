import { describe, expect, it } from 'vitest';
import { compilerComplaints } from '../../packaging/compiler-complaints.mjs';

describe('compilerComplaints', () => {
  it('leaves those of third parties to them', () => {
    const own = 'store.ts(1,1): error TS1: no';
    const ours = 'node_modules/@outrelay/core/dist/index.d.ts(1,1): error TS2: no';
    const theirs = 'node_modules/driver/index.d.ts(1,1): error TS3: no';
    expect(compilerComplaints({ ok: false, output: [own, ours, theirs].join('\n') })).toEqual([own, ours]);
    expect(compilerComplaints({ ok: false, output: theirs })).toEqual([]);
  });

  it('counts one that is about no file', () => {
    const complaint = "error TS5083: Cannot read file 'node_modules/x/tsconfig.json'.";
    expect(compilerComplaints({ ok: false, output: complaint })).toEqual([complaint]);
  });

  it('takes a failure without a complaint for a crash', () => {
    expect(compilerComplaints({ ok: false, output: 'out of memory' })).toEqual([
      'the compiler failed: out of memory',
    ]);
    expect(compilerComplaints({ ok: true, output: '' })).toEqual([]);
  });
});

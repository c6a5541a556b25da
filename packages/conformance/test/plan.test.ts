import { describe, expect, it } from 'vitest';
import { type Harness, planConformance } from '../src/index.ts';

const complete = { kind: 'store', name: 'mine', capabilities: {}, facets: [], open: () => null };

describe('planConformance', () => {
  it.each([
    [undefined, 'Expected a harness of the kind "store", "transport" or "source"; got undefined.'],
    [
      { kind: 'relay' },
      'Expected a harness of the kind "store", "transport" or "source"; got an object (Object).',
    ],
    [{ ...complete, name: '' }, 'The harness needs "name", a text.'],
    [
      { ...complete, capabilities: undefined },
      'The harness "mine" needs "capabilities", the manifest of the adapter.',
    ],
    [{ ...complete, facets: undefined }, 'The harness "mine" needs "facets", an array of names.'],
    [{ ...complete, kind: 'source' }, 'The harness "mine" needs "takeoverMs", a number of milliseconds.'],
    [{ ...complete, open: undefined }, 'The harness "mine" needs "open", a function.'],
  ])('says what a harness lacks: %o', (harness, message) => {
    expect(() => planConformance(harness as unknown as Harness)).toThrow(new TypeError(message));
  });
});

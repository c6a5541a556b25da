import { describe, expect, it } from 'vitest';
import { COLOURED, PLAIN, styleFor } from '../../src/terminal/style.ts';

describe('styleFor', () => {
  it('colours terminals only, and not against the wish of the person', () => {
    expect(styleFor(true, {})).toBe(COLOURED);
    expect(styleFor(false, {})).toBe(PLAIN);
    expect(styleFor(true, { NO_COLOR: '1' })).toBe(PLAIN);
    expect(styleFor(true, { NO_COLOR: '' })).toBe(COLOURED);
    expect(styleFor(true, { TERM: 'dumb' })).toBe(PLAIN);
  });
});

import { describe, expect, it } from 'vitest';
import { LiveBlock } from '../../src/terminal/live-block.ts';
import { Screen } from '../support/screen.ts';

describe('LiveBlock', () => {
  it('paints over itself, also when it grows and shrinks', () => {
    const screen = new Screen();
    const block = new LiveBlock(screen.output());
    block.paint(['a', 'b']);
    expect(screen.lines()).toEqual(['a', 'b']);
    block.paint(['c', 'd', 'e']);
    expect(screen.lines()).toEqual(['c', 'd', 'e']);
    block.paint(['f']);
    expect(screen.lines()).toEqual(['f']);
  });

  it('lets lines pass above it', () => {
    const screen = new Screen();
    const block = new LiveBlock(screen.output());
    block.paint(['state 1']);
    block.above(['notice 1'], ['state 2']);
    block.above(['notice 2', 'notice 3'], ['state 3', 'more']);
    expect(screen.lines()).toEqual(['notice 1', 'notice 2', 'notice 3', 'state 3', 'more']);
  });

  it('leaves nothing behind', () => {
    const screen = new Screen();
    const block = new LiveBlock(screen.output());
    block.above(['notice'], ['state', 'more']);
    block.clear();
    block.clear();
    expect(screen.lines()).toEqual(['notice']);
  });
});

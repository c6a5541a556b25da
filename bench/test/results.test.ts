import { describe, expect, it } from 'vitest';
import type { Scenario } from '../src/harness/scenario.ts';
import { scenarioText } from '../src/report/markdown.ts';
import { resultOf } from '../src/report/results.ts';

const scenario: Scenario = {
  name: 'race',
  title: 'A race',
  servers: [],
  messages: 10,
  rounds: 3,
  figures: { 'messages/s': 'more is better' },
  entrants: ['old', 'older', 'new'].map((name) => ({ name, contender: 'none' })),
  targets: [
    { entrant: 'new', figure: 'messages/s', bound: 'at least', value: 0.9, against: ['old', 'older'] },
    { entrant: 'new', figure: 'messages/s', bound: 'at least', value: 400 },
  ],
};
const speeds = (...values: number[]) => values.map((value) => ({ 'messages/s': value }));
const measured = {
  scenario,
  messages: 10,
  rounds: { old: speeds(100, 200, 400), older: speeds(50, 300, 40), new: speeds(100, 150, 200) },
  versions: {},
};

describe('the result of a scenario', () => {
  it('has medians, and ratios that are taken round by round', () => {
    const { entrants } = resultOf(measured);
    expect(entrants['new']?.['messages/s']).toEqual({ median: 150, least: 100, most: 200, ratio: 0.75 });
  });

  it('holds targets against the best rival of each round, or against a number', () => {
    const [relative, absolute] = resultOf(measured).targets;
    expect(relative).toMatchObject({ measured: 0.5, met: false });
    expect(absolute).toMatchObject({ measured: 150, met: false });
  });

  it('says in words what was met and what was missed', () => {
    const text = scenarioText(resultOf(measured));
    expect(text).toContain('| new   |        150 |    100 to 200 |  0.75 |');
    expect(text).toContain('**missed**: new, messages/s: at least 0.9 × old or older; measured 0.50');
  });
});

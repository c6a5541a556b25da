const WIDTH = 760;
const PANEL = 110;
const LEFT = 60;
const GAP = 34;

/** What is drawn, one panel each: the field of a moment and its name for people. */
const PANELS = /** @type {const} */ ([
  ['residentMib', 'memory of the largest relay, MiB'],
  ['databaseMib', 'database on disk, MiB'],
  ['claimMs', 'claim, ms (median)'],
  ['readMs', 'read, ms (median)'],
  ['settleMs', 'settle, ms (median)'],
]);

/** @typedef {Readonly<Partial<{ [name: string]: number | null }>>} Moment what was measured at one moment, by name */

/**
 * Draws the moments of an endurance run; a moment without a value, as right after a kill, is a gap.
 *
 * @param {{ moments: readonly Moment[] }} record
 */
export function chart({ moments }) {
  const height = PANELS.length * (PANEL + GAP) + 10;
  const endS = Math.max(...moments.map(({ atS }) => atS ?? 0));
  const panels = PANELS.map(([field, title], at) =>
    panel(moments, field, title, at * (PANEL + GAP) + 24, endS),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * @param {readonly Moment[]} moments
 * @param {string} field
 * @param {string} title
 * @param {number} top
 * @param {number} endS
 */
function panel(moments, field, title, top, endS) {
  const values = moments.flatMap((moment) => moment[field] ?? []);
  const most = Math.max(...values, 0.01);
  const lines = [];
  /** @type {string[]} */
  let line = [];
  for (const moment of moments) {
    const value = moment[field];
    if (value === null || value === undefined) {
      if (line.length > 0) lines.push(line);
      line = [];
      continue;
    }
    const x = LEFT + ((WIDTH - LEFT - 10) * (moment['atS'] ?? 0)) / endS;
    line.push(`${x.toFixed(1)},${(top + PANEL - (PANEL * value) / most).toFixed(1)}`);
  }
  if (line.length > 0) lines.push(line);
  const drawn = lines.map(
    (points) => `<polyline fill="none" stroke="#1f6feb" points="${points.join(' ')}"/>`,
  );
  return [
    `<text x="${LEFT}" y="${top - 6}">${title}</text>`,
    `<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - 10}" height="${PANEL}" fill="none" stroke="#ccc"/>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${most}</text>`,
    `<text x="${LEFT - 6}" y="${top + PANEL}" text-anchor="end">0</text>`,
    ...drawn,
  ].join('\n');
}

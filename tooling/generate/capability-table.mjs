/**
 * @typedef {Record<string, unknown>} Capabilities
 * @typedef {{ name: string, folder: string, preview?: boolean, capabilities: Capabilities }} Adapter
 */

/**
 * A table with a row per adapter and a column per capability that any of them declares. Limits, which are numbers, come
 * last.
 *
 * @param {readonly Adapter[]} adapters
 * @returns {string}
 */
export function capabilityTable(adapters) {
  const rows = adapters.map((adapter) => ({ ...adapter, ...divide(adapter.capabilities) }));
  const entries = [...rows.flatMap(({ plain }) => plain), ...rows.flatMap(({ limits }) => limits)];
  const columns = [...new Set(entries.map(([column]) => column))];
  const head = ['', ...columns.map(headingOf)];
  const body = rows.map(({ name, folder, preview, plain, limits }) => {
    const values = new Map([...plain, ...limits]);
    const cells = columns.map((column) => cellOf(column, values.get(column)));
    return [`[${name}](${folder})${preview === true ? ' *(preview)*' : ''}`, ...cells];
  });
  const separator = head.map(() => '---');
  return [head, separator, ...body].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** @param {Capabilities} capabilities */
function divide(capabilities) {
  const entries = Object.entries(capabilities);
  const plain = entries.filter(([, value]) => typeof value !== 'object' || value === null);
  const nested = entries.filter(([, value]) => typeof value === 'object' && value !== null);
  return { plain, limits: nested.flatMap(([, value]) => Object.entries(/** @type {object} */ (value))) };
}

/**
 * `maxPayloadBytes` is headed "max payload": its unit stands in the cells.
 *
 * @param {string} column
 */
function headingOf(column) {
  return column
    .replace(/Bytes$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

/**
 * @param {string} column
 * @param {unknown} value
 */
function cellOf(column, value) {
  if (value === undefined) return '–';
  if (typeof value !== 'number') return `${/** @type {string | boolean} */ (value)}`;
  if (value >= Number.MAX_SAFE_INTEGER) return 'unlimited';
  return column.endsWith('Bytes') ? bytes(value) : value.toLocaleString('en');
}

/** @param {number} value */
function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let amount = value;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${Number(amount.toFixed(1)).toLocaleString('en')} ${units[unit]}`;
}

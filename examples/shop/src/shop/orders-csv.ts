/** One line of an order. */
interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  /** Price of one piece in the smallest unit of the currency: cents, or whole yen. */
  readonly price: number;
}

/** An order as a customer placed it. */
export interface Order {
  readonly id: string;
  readonly placedAt: string;
  readonly customer: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
  /** What the bank will say when the card is charged. */
  readonly card: 'accepted' | 'refused';
  readonly lines: readonly OrderLine[];
}

/** Reads orders from CSV, whose lines of one order follow each other. */
export function parseOrders(csv: string): Order[] {
  const [titles = [], ...rows] = parseCsv(csv);
  const orders: (Order & { lines: OrderLine[] })[] = [];
  for (const [at, row] of rows.entries()) {
    if (row.length !== titles.length) throw new Error(`Row ${at + 2} has ${row.length} fields.`);
    const field = Object.fromEntries(titles.map((title, column) => [title, row[column] as string]));
    const { order: id = '', placed_at: placedAt = '', customer = '', name = '', country = '' } = field;
    const { card, sku = '', quantity, price = '', currency = '' } = field;
    let order = orders.at(-1);
    if (order?.id !== id) {
      const charged = card === 'refused' ? 'refused' : 'accepted';
      order = { id, placedAt, customer, name, country, currency, card: charged, lines: [] };
      orders.push(order);
    }
    order.lines.push({ sku, quantity: Number(quantity), price: Number(price.replace('.', '')) });
  }
  return orders;
}

/** The fields of CSV (RFC 4180): a field in quotes may hold commas, line breaks and, doubled, quotes. */
function parseCsv(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (row.length === 0 && end === '' && (plain ?? quoted) === '') break;
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

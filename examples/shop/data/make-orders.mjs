// Writes orders.csv: the same orders each time, of customers and goods that do not exist.
//
//   pnpm run orders

const CUSTOMERS = [
  ['C-1001', 'Ada Example', 'GB'],
  ['C-1002', 'Jürgen Muster', 'DE'],
  ['C-1003', 'Zoë Voorbeeld', 'NL'],
  ['C-1004', 'Łucja Przykład', 'PL'],
  ['C-1005', 'José Ejemplo', 'ES'],
  ['C-1006', 'Chloé Exemple-Ménard', 'FR'],
  ['C-1007', 'Søren Eksempel', 'DK'],
  ['C-1008', 'Åsa Exempel', 'SE'],
  ['C-1009', 'Ελένη Παράδειγμα', 'GR'],
  ['C-1010', 'Иван Примеров', 'BG'],
  ['C-1011', 'Márton Minta', 'HU'],
  ['C-1012', 'Šárka Příkladová', 'CZ'],
  ['C-1013', 'Ünal Örnek', 'TR'],
  ['C-1014', '例 花子', 'JP'],
  ['C-1015', '김예시', 'KR'],
  ['C-1016', '范例', 'SG'],
  ['C-1017', 'Ngọc Ví Dụ', 'VN'],
  ['C-1018', 'مثال ليلى', 'AE'],
  ['C-1019', 'דוגמה נועה', 'IL'],
  ['C-1020', 'उदाहरण मीरा', 'IN'],
  ['C-1021', 'Siân "Sample" O’Model', 'GB'],
  ['C-1022', 'Muster, Anna & Söhne', 'AT'],
  ['C-1023', 'Þóra Dæmisdóttir', 'IS'],
  ['C-1024', 'Esimerkki 🌲 Oy', 'FI'],
];

/** SKU, name, price in euro cents. */
const GOODS = [
  ['TEA-EARL-100', 'Earl Grey, 100 g', 790],
  ['TEA-SENCHA-50', 'Sencha, 50 g', 1240],
  ['TEA-MATE-250', 'Mate, 250 g', 980],
  ['TEA-ROOI-100', 'Rooibos, 100 g', 640],
  ['COF-YIRG-250', 'Yirgacheffe, 250 g', 1190],
  ['COF-HUIL-250', 'Huila, 250 g', 1090],
  ['COF-DECAF-250', 'Decaf, 250 g', 1150],
  ['POT-GLASS-1L', 'Glass pot, 1 l', 3490],
  ['POT-IRON-08', 'Cast-iron pot, 0.8 l', 6900],
  ['CUP-JAR-S', 'Cup "Jar", small', 1450],
  ['CUP-JAR-L', 'Cup "Jar", large', 1750],
  ['FIL-PAPER-100', 'Paper filters, 100', 520],
  ['FIL-STEEL', 'Steel filter', 2290],
  ['KET-GOOSE', 'Gooseneck kettle', 8900],
  ['MIL-HAND', 'Hand mill', 11900],
  ['SCA-POCKET', 'Pocket scales', 2590],
  ['SUG-CANDY-500', 'Rock candy, 500 g', 460],
  ['BIS-SPEK-200', 'Spekulatius, 200 g', 390],
];

/** Units of each currency for one euro, and its decimal places. */
const CURRENCIES = { EUR: [1, 2], GBP: [0.86, 2], USD: [1.08, 2], PLN: [4.3, 2], JPY: [162, 0] };
const CURRENCY_OF = { GB: 'GBP', PL: 'PLN', JP: 'JPY', SG: 'USD', AE: 'USD', KR: 'USD', VN: 'USD' };

const ORDERS = 400;
const FIRST_ORDER_MS = Date.UTC(2026, 0, 5, 8);

/** Mulberry32: a small generator that gives the same numbers everywhere. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const random = randomNumbers(20260105);
const pick = (list) => list[Math.floor(random() * list.length)];
const quoted = (field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

const rows = [
  [
    'order',
    'placed_at',
    'customer',
    'name',
    'country',
    'card',
    'sku',
    'product',
    'quantity',
    'price',
    'currency',
  ],
];
let placedAtMs = FIRST_ORDER_MS;
for (let number = 1; number <= ORDERS; number++) {
  const [customer, name, country] = pick(CUSTOMERS);
  const currency = CURRENCY_OF[country] ?? 'EUR';
  const [units, decimals] = CURRENCIES[currency];
  const card = random() < 0.08 ? 'refused' : 'accepted';
  const goods = new Set(Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(GOODS)));
  placedAtMs += Math.floor(random() * 900_000);
  const placedAt = new Date(placedAtMs).toISOString().replace('.000Z', 'Z');
  for (const [sku, product, cents] of goods) {
    const price = ((cents / 100) * units).toFixed(decimals);
    const quantity = random() < 0.7 ? 1 : 1 + Math.floor(random() * 5);
    rows.push([
      `O-${String(number).padStart(5, '0')}`,
      placedAt.replace(/\.\d+/, ''),
      customer,
      name,
      country,
      card,
      sku,
      product,
      String(quantity),
      price,
      currency,
    ]);
  }
}
process.stdout.write(rows.map((row) => `${row.map(quoted).join(',')}\n`).join(''));

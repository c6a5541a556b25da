const RECORD = /^docs\/adr\/(?<number>\d{4})-[a-z0-9-]+\.md$/;
const INDEX = 'docs/adr/README.md';

/** @type {import('../run-checks.mjs').Check} */
export const decisions = {
  name: 'decision records are numbered and listed',
  run: ({ files, read }) => {
    const inFolder = files.filter((file) => file.startsWith('docs/adr/') && file !== INDEX);
    const records = inFolder.filter((file) => RECORD.test(file));
    const index = files.includes(INDEX) ? read(INDEX) : '';
    const misnamed = inFolder
      .filter((file) => !RECORD.test(file))
      .map((file) => `${file}: expected NNNN-title.md`);
    const unlisted = records
      .filter((file) => !index.includes(`(${file.slice('docs/adr/'.length)})`))
      .map((file) => `${file} is not listed in ${INDEX}`);
    const numbers = records.map((file) => RECORD.exec(file)?.groups?.['number'] ?? '');
    const repeated = numbers
      .filter((number, position) => numbers.indexOf(number) !== position)
      .map((number) => `docs/adr: the number ${number} is used more than once`);
    return [...misnamed, ...unlisted, ...repeated];
  },
};

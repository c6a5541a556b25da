/**
 * A position in the write-ahead log as text, for example `16/B374D848`: two halves of 32 bits in hexadecimal
 * (https://www.postgresql.org/docs/current/datatype-pg-lsn.html).
 */
export function lsnText(position: bigint): string {
  const half = (part: bigint): string => part.toString(16).toUpperCase();
  return `${half(position >> 32n)}/${half(position & 0xffff_ffffn)}`;
}

/** The number of a position. The halves are read one by one: without its leading zeros the text is no number. */
export function lsnOf(text: string): bigint {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  if (high === undefined || low === undefined) throw new TypeError(`"${text}" is no position in a log.`);
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/**
 * The text as a header value, by the rules of the CloudEvents HTTP binding (3.1.3.2): spaces, double quotes, percent
 * signs and everything outside printable ASCII become `%XX` of their UTF-8 bytes.
 */
export function encodeHeaderText(text: string): string {
  return SAFE.test(text) ? text : text.replace(UNSAFE, percent);
}

/**
 * The text of a header value, by the same rules: double quotes around it are undone first, then one round of percent
 * encoding. `null` when the encoded bytes are not UTF-8; a percent sign that encodes nothing stands for itself.
 */
export function decodeHeaderText(value: string): string | null {
  const bare =
    value.length > 1 && value.startsWith('"') && value.endsWith('"')
      ? value.slice(1, -1).replace(/\\(.)/g, '$1')
      : value;
  if (!bare.includes('%')) return bare;
  try {
    return bare.replace(ENCODED, decodeURIComponent);
  } catch {
    return null;
  }
}

const SAFE = /^[\x21\x23\x24\x26-\x7e]*$/;
/** Whole code points, so that a surrogate pair is encoded as the one character it is. */
const UNSAFE = /[^\x21\x23\x24\x26-\x7e]/gu;
/** Runs of bytes, because one character may take several. */
const ENCODED = /(?:%[0-9a-f]{2})+/gi;

function percent(character: string): string {
  return Array.from(
    Buffer.from(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}

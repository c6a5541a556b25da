/** What must not be repeated in an error text, however an endpoint came to send it back. */
export interface Confidential {
  /** The body of our request. */
  readonly body: Buffer;
  /** Credentials and the values of configured headers. */
  readonly texts: readonly string[];
}

/** Characters of a response that an error text shows at most. */
const MAX_CHARACTERS = 200;
/** A run of this many characters that stands in our body as well is a repetition, not a coincidence. */
const RUN = 16;
/** Whole bodies and credentials shorter than this occur in any text by chance. */
const MIN_WHOLE = 4;
/** Looking for runs in a larger body would hold up the event loop for longer than the text is worth. */
const MAX_COMPARED_BYTES = 256 * 1024;

/**
 * The beginning of a response body for an error text, on one line and without control characters; empty when there is
 * nothing to show.
 *
 * Endpoints repeat what they were sent, debug pages above all. A beginning that holds a credential, our whole body or
 * 16 characters of it in a row is not shown, nor is any answer to a body above 256 KiB.
 */
export function excerpt(response: Buffer, { body, texts }: Confidential): string {
  const whole = printable(response);
  if (whole === '') return '';
  const shown = cut(whole);
  const repeats =
    body.length > MAX_COMPARED_BYTES ||
    texts.some((text) => text.length >= MIN_WHOLE && whole.includes(text)) ||
    repeatsBody(shown, printable(body));
  return repeats ? 'the response text is not shown, it may repeat the request' : shown;
}

/** Control, format and unassigned characters, what was no UTF-8, and white space of any kind become one space. */
function printable(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replace(/[\p{C}\p{Z}\ufffd]+/gu, ' ')
    .trim();
}

function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const halved = /[\ud800-\udbff]$/;
  return `${text.slice(0, MAX_CHARACTERS).replace(halved, '')}…`;
}

function repeatsBody(shown: string, body: string): boolean {
  if (body.length >= MIN_WHOLE && shown.includes(body)) return true;
  for (let at = 0; at + RUN <= shown.length; at += 1) {
    if (body.includes(shown.slice(at, at + RUN))) return true;
  }
  return false;
}

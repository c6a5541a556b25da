import type { DeadLetter, ParkedMessage } from '@outrelay/core';

/** A message that was given up as a JSON object without what may be confidential: payload and headers. */
export function letterJson(letter: DeadLetter | ParkedMessage): Record<string, unknown> {
  const { payload: _, headers: __, ...rest } = letter;
  return rest;
}

/** The same with everything; bytes that are no text stand in `payloadBase64`. */
export function fullLetterJson({ payload, ...letter }: DeadLetter | ParkedMessage): Record<string, unknown> {
  if (payload instanceof Uint8Array)
    return { ...letter, payloadBase64: Buffer.from(payload).toString('base64') };
  return { ...letter, payloadText: payload };
}

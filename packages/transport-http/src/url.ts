import { errorText, OutboxError, type Transport } from '@outrelay/core';
import type { HttpTransportOptions } from './options.ts';
import { httpTransport } from './transport.ts';

/**
 * Creates the transport of an `http:` or `https:` URL, for the command line and others who have nothing but texts.
 *
 * The query of the URL belongs to the endpoint, so options come beside it, as texts by name: `format`, `source`,
 * `concurrency`, `timeoutMs` and `allowPrivateAddresses`. Secrets, headers and certificates are not taken as texts,
 * because command lines are seen by others: give those to {@link httpTransport}.
 *
 * @throws OutboxError `CONFIG_INVALID` for a URL or option that is not accepted; it shows neither the URL nor a secret
 */
export function fromUrl(url: string, options: Readonly<Record<string, string>> = {}): Transport {
  const settings: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(options)) {
    const read = Object.hasOwn(READERS, name) ? READERS[name as keyof typeof READERS] : undefined;
    if (read === undefined) {
      throw invalid(
        `an "http:" or "https:" URL takes no option "${name}" here, only ${Object.keys(READERS).join(', ')}; the others are given to httpTransport in code`,
      );
    }
    settings[name] = read(given, name);
  }
  try {
    return httpTransport({ ...settings, url });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new OutboxError('CONFIG_INVALID', errorText(error), { cause: error });
  }
}

type Reader = (given: string, name: string) => unknown;

const text: Reader = (given) => given;

const wholeNumber: Reader = (given, name) => {
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw invalid(`the option "${name}" must be a whole number; got ${JSON.stringify(given)}`);
};

const trueOrFalse: Reader = (given, name) => {
  if (given === 'true' || given === 'false') return given === 'true';
  throw invalid(`the option "${name}" must be true or false; got ${JSON.stringify(given)}`);
};

const READERS = {
  format: text,
  source: text,
  concurrency: wholeNumber,
  timeoutMs: wholeNumber,
  allowPrivateAddresses: trueOrFalse,
} satisfies Partial<Record<keyof HttpTransportOptions, Reader>>;

function invalid(reason: string): OutboxError {
  return new OutboxError('CONFIG_INVALID', `The HTTP transport cannot be created: ${reason}.`);
}

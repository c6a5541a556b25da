import { errorText, OutboxError, type Transport } from '@outrelay/core';
import { consoleTransport } from './transport.ts';

/**
 * Creates the transport of the URL `stdout:`, for the command line and others who have nothing but texts.
 *
 * The one option is `source`, in the query (`stdout:?source=/shop`) or beside the URL.
 *
 * @throws OutboxError `CONFIG_INVALID` for a URL or option that is not accepted
 */
export function fromUrl(url: string, options: Readonly<Record<string, string>> = {}): Transport {
  const match = /^stdout:(?:\?(?<query>.*))?$/i.exec(url);
  if (match === null)
    throw invalid('expected "stdout:" and nothing behind it but options, such as ?source=/shop');
  const settings: { source?: string } = {};
  for (const [name, given] of [
    ...new URLSearchParams(match.groups?.['query'] ?? ''),
    ...Object.entries(options),
  ]) {
    if (name !== 'source') throw invalid(`it has no option ${JSON.stringify(name)}, only source`);
    if (settings.source !== undefined) throw invalid('the option "source" is given twice');
    settings.source = given;
  }
  try {
    return consoleTransport(settings);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new OutboxError('CONFIG_INVALID', errorText(error), { cause: error });
  }
}

function invalid(reason: string): OutboxError {
  return new OutboxError('CONFIG_INVALID', `The console transport cannot be created: ${reason}.`);
}

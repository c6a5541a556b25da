import { schemeOf } from './schemes.ts';

/**
 * What may be shown of a URL: never credentials, never a query, and of a webhook not even the path, because many have
 * their secret there. What cannot be taken apart for certain is not shown at all.
 */
export function displayUrl(url: string): string {
  const scheme = schemeOf(url);
  if (scheme === 'sqlite') return url.split('?', 1)[0] as string;
  if (scheme === 'stdout') return 'stdout';
  const { hosts, path } = SHAPE.exec(url)?.groups ?? {};
  if (hosts === undefined) return `${scheme}://…`;
  return `${scheme}://${hosts}${scheme === 'http' || scheme === 'https' ? '' : (path ?? '')}`;
}

/**
 * One host or several, as replica sets and clusters have them. An "@" behind the "?" is refused: then the "?" may be
 * part of a password.
 */
const SHAPE = /^[^:]+:\/\/(?:[^@/?#]*@)?(?<hosts>[\w.,:[\]-]+)(?<path>\/[^@?#]*)?(?:[?#][^@]*)?$/;

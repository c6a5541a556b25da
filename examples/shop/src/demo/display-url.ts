/** Scheme, host and path of a URL: never credentials or a query. What cannot be taken apart is not shown. */
export function displayUrl(url: string): string {
  const { scheme, hosts, path = '' } = SHAPE.exec(url)?.groups ?? {};
  if (hosts !== undefined) return `${scheme}://${hosts}${path}`;
  return `${/^[a-z0-9+.-]+:/i.exec(url)?.[0] ?? ''}…`;
}

/** An "@" behind the path is refused: then what looks like a host may be part of a password. */
const SHAPE =
  /^(?<scheme>[a-z0-9+.-]+):\/\/(?:[^@/?#]*@)?(?<hosts>[\w.,:[\]-]+)(?<path>\/[^@?#]*)?(?:[?#][^@]*)?$/i;

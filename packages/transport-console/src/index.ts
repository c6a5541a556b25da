export type { LineStream } from './client.ts';
export type { ConsoleTransportOptions } from './options.ts';
export { capabilities, consoleTransport } from './transport.ts';
export { fromUrl } from './url.ts';

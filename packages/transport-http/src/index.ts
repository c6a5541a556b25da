export type { HttpHeaders } from './headers.ts';
export type { HttpTransportOptions } from './options.ts';
export { type ParseOptions, parseHttpMessage, type ReceivedMessage } from './parse-http-message.ts';
export { capabilities, httpTransport } from './transport.ts';
export { fromUrl } from './url.ts';
export { type VerifyOptions, verifySignature } from './verify-signature.ts';

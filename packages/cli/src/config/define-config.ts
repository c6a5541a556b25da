import type { RelayOptions } from '@outrelay/core';

/**
 * What an `outrelay.config.{ts,mjs,js}` exports by default: the store and transports, built by your own code, and how
 * the relay is to work.
 *
 * The command line closes the store and the transports at the end. Commands that only look at the store need neither
 * `transport` nor `routes`.
 */
export interface OutrelayConfig extends Omit<RelayOptions, 'clock' | 'random'> {}

/**
 * Answers with the configuration as it is, so that an editor completes and checks it.
 *
 * @example
 * export default defineConfig({
 *   store: sqliteStore({ file: 'shop.db' }),
 *   transport: httpTransport({ url: 'https://example.com/hook' }),
 * });
 */
export function defineConfig(config: OutrelayConfig): OutrelayConfig {
  return config;
}

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '@outrelay/core';
import type { Endpoint } from './endpoint.ts';
import { goneError, unreachable } from './errors.ts';
import type { Origin } from './origin.ts';

/**
 * Resolves when a connection to at least one endpoint that still wants messages can be opened, with TLS where its URL
 * says so; the connection is closed again and no request is sent.
 *
 * Rejects with `TRANSPORT_UNAVAILABLE` when there is none, or when the signal aborts.
 */
export async function checkConnectivity(
  endpoints: readonly Endpoint[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const wanted = endpoints.filter((endpoint) => !endpoint.gone);
  const [first] = endpoints;
  if (wanted.length === 0 && first !== undefined) throw goneError(first.origin.name);
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  const origins = [...new Set(wanted.map((endpoint) => endpoint.origin))];
  try {
    await Promise.any(origins.map((origin) => reach(origin, timeoutMs, either)));
  } catch (error) {
    throw (error as AggregateError).errors[0];
  } finally {
    others.abort();
  }
}

function reach(origin: Origin, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      stop();
      reject(unreachable(origin.name, cause));
    };
    const aborted = (): void => fail(new Error('the check was aborted'));
    if (signal.aborted) return reject(unreachable(origin.name, new Error('the check was aborted')));
    const socket: Socket = origin.secure ? connectTls(origin.connection) : connectTcp(origin.connection);
    const stopTimer = systemClock.setTimer(timeoutMs, () =>
      fail(new Error(`no connection within ${timeoutMs} ms`)),
    );
    const stop = (): void => {
      stopTimer();
      signal.removeEventListener('abort', aborted);
      socket.destroy();
    };
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('error', fail);
    socket.once(origin.secure ? 'secureConnect' : 'connect', () => {
      stop();
      resolve();
    });
  });
}

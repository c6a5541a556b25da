import { LogServer } from './server.mjs';
import { capabilities, logTransport } from './transport.mjs';

const ANSWER_MS = 3_000;
let treated = 0;

/**
 * @typedef {import('@outrelay/conformance').BrokerAccess & { server: LogServer }} Access
 */

/**
 * What the suite needs to know: how to reach the server, and what it holds. The powers are its faults.
 *
 * @returns {import('@outrelay/conformance').TransportHarness<Access>}
 */
export function harness() {
  return {
    kind: 'transport',
    name: 'a transport to a log server',
    capabilities,
    facets: ['connectivity'],
    async open() {
      const server = new LogServer();
      await server.start();
      return {
        server,
        connect: () => logTransport({ port: server.port, answerMs: ANSWER_MS }),
        destination: async (label) => label,
        received: async () => server.log.map(({ body, ...entry }) => ({ ...entry, payload: bytesOf(body) })),
        remove: () => server.stop(),
      };
    },
    powers: {
      provokeRejection: (access) =>
        treat(access, (_entry, answer) => answer({ refused: 'the schema says no' })),
      provokeFailure: (access) => treat(access, (_entry, answer) => answer({ busy: 'the disk is full' })),
      provokeThrottling: (access, _topic, waitMs) =>
        treat(access, (_entry, answer) => answer({ busy: 'too much at once', waitMs })),
      provokeSilence: (access) => treat(access, (_entry, _answer, socket) => void socket.destroy()),
      async provokeHang({ server }) {
        /** @type {(() => void)[]} */
        const held = [];
        return treat(
          { server },
          (entry, answer) => {
            held.push(() => {
              server.log.push(entry);
              answer({ ok: true });
            });
          },
          () => {
            for (const release of held) release();
          },
        );
      },
      async stopBroker({ server }) {
        await server.stop();
        return () => server.start();
      },
      async killBroker({ server }) {
        await server.stop();
        await server.start();
      },
      async freezeConnections({ server }) {
        server.freeze();
        return async () => {};
      },
      noticesDeathWithinMs: ANSWER_MS,
      missingDestination: async () => 'missing',
    },
  };
}

/** @param {string | null} body */
function bytesOf(body) {
  return body === null ? null : Uint8Array.from(Buffer.from(body, 'base64'));
}

/**
 * Has the server treat the messages of an id badly.
 *
 * @param {Pick<Access, 'server'>} access
 * @param {Parameters<LogServer['treatments']['set']>[1]} treatment
 * @param {() => void} lift
 * @returns {Promise<import('@outrelay/conformance').Provocation>}
 */
async function treat({ server }, treatment, lift = () => {}) {
  const id = `treated-${++treated}`;
  server.treatments.set(id, treatment);
  return {
    message: { id },
    scope: 'message',
    async lift() {
      server.treatments.delete(id);
      lift();
    },
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInbox, isOutboxError } from '@outrelay/core';
import { parseHttpMessage, type ReceivedMessage } from '@outrelay/transport-http';
import { setting } from '../process.ts';
import { apply } from './apply.ts';
import type { Receiving } from './receiving.ts';
import type { Warehouse } from './warehouse.ts';

/** Receives webhooks, checks their signature, and lets each message have its effects once. */
export async function receiveFromHttp(warehouse: Warehouse, withoutInbox: boolean): Promise<Receiving> {
  const inbox = createInbox({ store: warehouse.store });
  const secrets = setting('WEBHOOK_SECRET');
  const lateMs = 2 * Number(setting('TIMEOUT_MS'));

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let message: ReceivedMessage;
    try {
      message = parseHttpMessage(request.headers, await buffer(request), { secrets });
    } catch (error) {
      // 400 makes a dead letter of it at once; after a signature that does not fit it comes again.
      const isInvalid = isOutboxError(error) && error.code === 'MESSAGE_INVALID';
      response.writeHead(isInvalid ? 400 : 503).end();
      return;
    }
    const late = warehouse.note([message], true);
    if (withoutInbox) warehouse.applyWithoutInbox({ ...message, createdAt: message.createdAt ?? new Date() });
    else await inbox.receive({ consumer: 'warehouse', message }, apply);
    // The effects are there, the relay does not learn of it in time, and sends the message again.
    if (late) await sleep(lateMs);
    response.writeHead(204).end();
  }

  const server = createServer((request, response) => {
    receive(request, response).catch((error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/messages`,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

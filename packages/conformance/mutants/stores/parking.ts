import type { ParkedFilter, ParkedMessage, ParkingFacet, ParkRequest, Receipt } from '@outrelay/core';
import type { MemoryTransaction } from '@outrelay/store-memory';
import type { FullStore } from '../lab/full-store.ts';
import { parking } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** Changes how deliveries are named. */
function naming(change: (receipt: Receipt) => Receipt): (store: FullStore) => FullStore {
  return parking((inner) => ({ charge: (receipts) => inner.charge(receipts.map(change)) }));
}

/** Changes what is parked. */
function keeping(change: (request: ParkRequest) => ParkRequest): (store: FullStore) => FullStore {
  return parking((inner) => ({ park: (requests) => inner.park(requests.map(change)) }));
}

/** Changes each message that is listed. */
function listing(change: (message: ParkedMessage) => ParkedMessage): (store: FullStore) => FullStore {
  return parking((inner) => ({
    async list(request) {
      const { messages, next } = await inner.list(request);
      return { messages: messages.map(change), next };
    },
  }));
}

/** Changes the filter of every verb. */
function filtering(change: (filter: ParkedFilter) => ParkedFilter): (store: FullStore) => FullStore {
  return parking((inner) => ({
    list: (request) => inner.list({ ...request, ...change(request ?? {}) }),
    redrive: (filter, limit) => inner.redrive(change(filter), limit),
    discard: (filter, limit) => inner.discard(change(filter), limit),
  }));
}

/** The charges of the transaction that is open, taken back when it is rolled back. */
function chargesInTransactions(): (store: FullStore) => FullStore {
  let open: { readonly undo: (() => Promise<void>)[] } | null = null;
  return (store) => {
    const facet = store.parking as ParkingFacet;
    return {
      ...store,
      transactions: {
        async run<T>(work: (tx: MemoryTransaction) => Promise<T>): Promise<T> {
          const own = { undo: [] as (() => Promise<void>)[] };
          open = own;
          try {
            return await (store.transactions as NonNullable<FullStore['transactions']>).run(work);
          } catch (error) {
            for (const undo of own.undo) await undo();
            throw error;
          } finally {
            open = null;
          }
        },
      },
      parking: {
        ...facet,
        charge(receipts) {
          open?.undo.push(() => facet.forget(receipts));
          return facet.charge(receipts);
        },
      },
    };
  };
}

const IN_ONE_LIST = { consumer: 'everybody' };

export const PARKING_MUTANTS: readonly StoreMutant[] = [
  full('charge-answers-before', 'The number of attempts is read before it grows.', () =>
    parking((inner) => ({
      charge: async (receipts) =>
        (await inner.charge(receipts)).map((answer) => ({ ...answer, attempts: answer.attempts - 1 })),
    })),
  ),

  full('charge-in-order-of-ids', 'A bulk charge answers in the order the index gives.', () =>
    parking((inner) => ({
      charge: (receipts) => inner.charge(receipts.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1))),
    })),
  ),

  full('charge-reads-then-writes', 'Attempts are read, and written one higher a moment later.', () => {
    const counts = new Map<string, number>();
    return parking((inner) => ({
      async charge(receipts) {
        const known = receipts.map(({ consumer, messageId }) => {
          const name = JSON.stringify([consumer, messageId]);
          return { name, attempts: (counts.get(name) ?? 0) + 1 };
        });
        const answers = await inner.charge(receipts);
        for (const { name, attempts } of known) counts.set(name, attempts);
        return answers.map((answer, at) => ({ ...answer, attempts: known[at]?.attempts ?? 0 }));
      },
    }));
  }),

  full('charge-key-without-consumer', 'Attempts are counted by message only.', () =>
    naming(({ messageId }) => ({ ...IN_ONE_LIST, messageId })),
  ),

  full('charge-joins-its-key', 'Consumer and message id are joined by a colon.', () =>
    naming(({ consumer, messageId }) => ({ consumer: '', messageId: `${consumer}:${messageId}` })),
  ),

  full('charge-ignores-case', 'Deliveries are compared by a collation that knows no case.', () =>
    naming(({ consumer, messageId }) => ({ consumer, messageId: messageId.toLowerCase() })),
  ),

  full(
    'charge-in-the-transaction',
    'What was charged is rolled back with the handler.',
    chargesInTransactions,
  ),

  full('parked-without-payload', 'A parked message keeps the error and loses the payload.', () =>
    keeping((request) => ({ ...request, message: { ...request.message, payload: null } })),
  ),

  full('parked-payload-as-text', 'Payloads are kept as text, whatever bytes they are.', () =>
    keeping((request) => {
      const { payload } = request.message;
      const text = payload instanceof Uint8Array ? new TextDecoder().decode(payload) : payload;
      return { ...request, message: { ...request.message, payload: text } };
    }),
  ),

  full('parked-forgets-redrives', 'Parking a message again begins its count of redrives anew.', () =>
    keeping((request) => ({ ...request, redrives: 0 })),
  ),

  full('parked-cuts-errors', 'Errors are cut to what fits into a column of 255 characters.', () =>
    listing((message) => ({ ...message, error: message.error.slice(0, 255) })),
  ),

  full('park-leaves-attempts', 'A parked message is charged like any other.', () =>
    parking((inner) => ({
      charge: async (receipts) =>
        (await inner.charge(receipts)).map((answer) =>
          answer.parked ? { attempts: answer.attempts + 1, parked: false } : answer,
        ),
    })),
  ),

  full('park-keeps-the-first', 'A message that is parked already is not parked again.', () =>
    parking((inner) => ({
      async park(requests) {
        for (const request of requests) {
          const { messages } = await inner.list({ ids: [request.message.id], consumer: request.consumer });
          if (messages.length === 0) await inner.park([request]);
        }
      },
    })),
  ),

  full('park-appends', 'A message that is parked again is listed twice.', () => {
    const before: ParkedMessage[] = [];
    return parking((inner) => ({
      async park(requests) {
        for (const { message, consumer } of requests)
          before.push(...(await inner.list({ ids: [message.id], consumer })).messages);
        await inner.park(requests);
      },
      async list(request) {
        const page = await inner.list(request);
        return { ...page, messages: [...before, ...page.messages] };
      },
    }));
  }),

  full('parked-pages-by-offset', 'Pages of parked messages count from the front of what is there now.', () =>
    parking((inner) => ({
      async list({ after, limit = 100, ...filter } = {}) {
        const from = Number(after ?? 0);
        const { messages } = await inner.list({ ...filter, limit: 1_000 });
        const next = messages.length > from + limit ? String(from + limit) : null;
        return { messages: messages.slice(from, from + limit), next };
      },
    })),
  ),

  full('parked-hides-redriven', 'What was redriven is not listed any more.', () =>
    parking((inner) => ({
      async list(request) {
        const { messages, next } = await inner.list(request);
        return { messages: messages.filter(({ state }) => state === 'parked'), next };
      },
    })),
  ),

  full('parked-filter-without-consumer', 'The filter by consumer is read and not used.', () =>
    filtering((filter) => ({ ...filter, consumer: undefined })),
  ),

  full('parked-empty-ids', 'An empty list of ids counts as no list.', () =>
    filtering(({ ids, ...filter }) => (ids === undefined || ids.length === 0 ? filter : { ...filter, ids })),
  ),
];

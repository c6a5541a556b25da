import { parking } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

export const REDRIVING_MUTANTS: readonly StoreMutant[] = [
  full(
    'redrive-counts-on',
    'A redriven message keeps the attempts it had, and is parked at its next failure.',
    () =>
      parking((inner) => ({
        async redrive(filter, limit) {
          const { messages } = await inner.list({ ...filter, limit });
          const count = await inner.redrive(filter, limit);
          for (const { consumer, id } of messages) await inner.charge([{ consumer, messageId: id }]);
          return count;
        },
      })),
  ),

  full(
    'redrive-again-and-again',
    'A message that was redriven already is redriven, and counted, again.',
    () =>
      parking((inner) => ({
        async redrive(filter, limit) {
          const { messages } = await inner.list({ ...filter, limit });
          await inner.redrive(filter, limit);
          return Math.min(limit, messages.length);
        },
      })),
  ),

  full('parked-redrive-without-limit', 'Everything that matches is redriven.', () =>
    parking((inner) => ({ redrive: (filter) => inner.redrive(filter, 1_000) })),
  ),

  full('parked-discard-without-limit', 'Everything that matches is discarded.', () =>
    parking((inner) => ({ discard: (filter) => inner.discard(filter, 1_000) })),
  ),

  full('take-yields-parked', 'Parked messages are yielded without having been redriven.', () =>
    parking((inner) => ({
      async take(request) {
        await inner.redrive({ consumer: request.consumer }, request.limit);
        return inner.take(request);
      },
    })),
  ),

  full('take-from-everybody', 'Redriven messages are yielded to whichever consumer asks first.', () =>
    parking((inner) => ({
      async take(request) {
        const consumers = new Set((await inner.list()).messages.map(({ consumer }) => consumer));
        const found = [];
        for (const consumer of consumers)
          found.push(...(await inner.take({ ...request, consumer, limit: request.limit - found.length })));
        return found;
      },
    })),
  ),

  full('take-without-hold', 'What was taken can be taken by the next at once.', () =>
    parking((inner) => ({ take: (request) => inner.take({ ...request, holdMs: 0 }) })),
  ),

  full('take-for-ever', 'What was taken is never yielded again, whatever became of its taker.', () =>
    parking((inner) => ({
      take: (request) => inner.take({ ...request, holdMs: Number.MAX_SAFE_INTEGER / 2 }),
    })),
  ),

  full('take-newest-first', 'The newest redriven message is yielded first.', () =>
    parking((inner) => ({ take: async (request) => (await inner.take(request)).toReversed() })),
  ),

  full('forget-nothing', 'The count of attempts is never ended.', () =>
    parking(() => ({ forget: async () => {} })),
  ),

  full('forget-drops-parked', 'A message that is parked is dropped with the count of its attempts.', () =>
    parking((inner) => ({
      async forget(receipts) {
        await inner.forget(receipts);
        for (const { consumer, messageId } of receipts)
          await inner.discard({ consumer, ids: [messageId] }, 1);
      },
    })),
  ),

  full('discard-spares-redriven', 'Only parked messages are discarded; a redriven one stays for ever.', () =>
    parking((inner) => ({
      async discard(filter, limit) {
        const { messages } = await inner.list({ ...filter, limit: 1_000 });
        let count = 0;
        for (const { id, consumer, state } of messages)
          if (state === 'parked' && count < limit) count += await inner.discard({ consumer, ids: [id] }, 1);
        return count;
      },
    })),
  ),

  full('purge-takes-parked', 'A purge removes parked messages as if they were history.', () => (store) => ({
    ...store,
    maintenance: {
      async purge(request) {
        const removed = (await store.parking?.discard({}, request.limit)) ?? 0;
        const report = await store.maintenance?.purge({ limit: request.limit });
        return { removed: removed + (report?.removed ?? 0), more: report?.more ?? false };
      },
    },
  })),
];

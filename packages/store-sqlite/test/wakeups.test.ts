import { describe, expect, it, onTestFinished } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import { fill, openShop } from './support/shop.ts';

describe('wake-ups', () => {
  it.runIf(process.platform === 'linux')(
    'come when the system reports a write to the log, however rare the looks by the clock are',
    async () => {
      const shop = await openShop();
      const store = sqliteStore({ file: shop.file, wakeupIntervalMs: 60_000 });
      onTestFinished(() => store.close());
      for (let round = 0; round < 3; round++) {
        const woken = new Promise<void>((resolve) => {
          const lost = (error: unknown): void => expect.fail(String(error));
          void store.wakeups.listen({ wake: resolve, lost, restored: () => {} }).then((subscription) => {
            onTestFinished(() => subscription.close());
            shop.db.exec(`PRAGMA synchronous = ${round === 0 ? 'OFF' : 'FULL'}`);
            shop.db.exec('DELETE FROM outbox_messages');
            fill(shop, 1, 1);
          });
        });
        await woken;
      }
    },
  );
});

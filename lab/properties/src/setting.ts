import type { ApplicationTransaction, StoreHarness, StoreInstallation } from '@outrelay/conformance';
import type { ClaimedMessage, Lease, OutboxStore, Settlements } from '@outrelay/core';

/** A lease in the hands of a relay. */
export interface RealLease {
  readonly store: OutboxStore;
  lease: Lease;
  /** What was read and not settled, by id. */
  readonly messages: Map<string, ClaimedMessage>;
  /** What was settled last, as far as it was recorded: it may be sent again. */
  settled: Settlements | null;
}

/** A real store with two relays, and the application beside them. */
export class Setting {
  readonly installation: StoreInstallation;
  readonly relays: readonly OutboxStore[];
  readonly transactions: Map<number, ApplicationTransaction> = new Map();
  /** By token. */
  readonly leases: Map<string, RealLease> = new Map();

  private constructor(installation: StoreInstallation, relays: readonly OutboxStore[]) {
    this.installation = installation;
    this.relays = relays;
  }

  static async open(harness: StoreHarness): Promise<Setting> {
    const installation = await harness.open({ schema: 'installed' });
    return new Setting(installation, [await installation.connect(), await installation.connect()]);
  }

  relay(index: number): OutboxStore {
    return this.relays[index] as OutboxStore;
  }

  async close(): Promise<void> {
    for (const transaction of this.transactions.values()) await transaction.rollback();
    for (const relay of this.relays) await relay.close();
    await this.installation.remove();
  }
}

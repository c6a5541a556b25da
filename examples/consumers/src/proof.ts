import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Message } from '@outrelay/core';
import { redisTransport } from '@outrelay/transport-redis';
import { Redis } from 'ioredis';
import { groundOf } from './databases/ground-of.ts';
import type { Effects, Payment } from './ground.ts';

/** How a proof is carried out. */
export interface ProofOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly messages: number;
  readonly processes: number;
  /** Effects between two kills. */
  readonly effectsPerKill: number;
  /** Milliseconds between two kills at least. */
  readonly killEveryMs: number;
  readonly onProgress?: (text: string) => void;
}

/** What a proof came to. */
export interface Verdict {
  readonly messages: number;
  readonly deliveries: number;
  readonly kills: number;
  readonly lost: number;
  readonly repeated: number;
  /** Accounts whose balance is not the sum of their payments. */
  readonly wrongBalances: number;
  readonly parked: number;
  /** Entries that are still in somebody's hands. */
  readonly pending: number;
  readonly seconds: number;
}

const ACCOUNTS = 100;
const NEVER = new AbortController().signal;

/**
 * Publishes payments, each once, twice or three times and in no order, lets several processes consume them, kills one
 * again and again, and compares what the database shows with what was published.
 */
export async function prove(options: ProofOptions): Promise<Verdict> {
  const { databaseUrl, redisUrl, processes, onProgress = () => {} } = options;
  const prefix = `outrelay-proof:${randomUUID()}:`;
  const stream = `${prefix}payments`;
  const ground = await groundOf(databaseUrl);
  const redis = new Redis(redisUrl);
  const children = new Set<ChildProcess>();
  /** Those that have begun to consume: to kill others proves nothing. */
  const consuming = new Set<ChildProcess>();
  const program = fileURLToPath(new URL('./consumer.js', import.meta.url));
  const start = (): void => {
    const child = fork(program, [databaseUrl, redisUrl, stream], { execArgv: [] });
    children.add(child);
    child.once('message', () => consuming.add(child));
    child.once('exit', () => {
      children.delete(child);
      consuming.delete(child);
    });
  };
  try {
    await ground.prepare();
    const payments = paymentsOf(options.messages);
    const deliveries = await publish(redisUrl, prefix, payments);
    const startedAt = performance.now();
    for (let count = 0; count < processes; count++) start();
    let kills = 0;
    let nextKillAt = options.effectsPerKill;
    let lastKillMs = performance.now();
    for (;;) {
      const [count, left] = [await ground.count(), await leftOf(redis, stream)];
      onProgress(`${count} effects, ${left} deliveries left, ${kills} kills`);
      // What is parked has no effect any more: the ledger tells of it.
      if (left === 0 && (count >= payments.size || (await ground.effects()).parked > 0)) break;
      const [victim] = consuming;
      const due = count >= nextKillAt && performance.now() - lastKillMs >= options.killEveryMs;
      if (victim !== undefined && consuming.size === processes && due && left > 0) {
        const exit = once(victim, 'exit');
        victim.kill('SIGKILL');
        await exit;
        kills++;
        start();
        nextKillAt = count + options.effectsPerKill;
        lastKillMs = performance.now();
      }
      while (children.size < processes) start();
      await sleep(50);
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    const exits = [...children].map(async (child) => {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    });
    await Promise.all(exits);
    const [pending] = (await redis.xpending(stream, 'payments')) as [number];
    const verdict = judge(payments, await ground.effects());
    return { messages: payments.size, deliveries, kills, ...verdict, pending, seconds };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await redis.del(stream);
    redis.disconnect();
    await ground.remove();
    await ground.close();
  }
}

function paymentsOf(count: number): ReadonlyMap<string, Payment> {
  return new Map(
    Array.from({ length: count }, (_, at) => [
      `payment-${at}`,
      { account: `account-${at % ACCOUNTS}`, amount: 1 + (at % 97) },
    ]),
  );
}

/** Publishes everything in a shuffled order; answers with the number of entries. */
async function publish(url: string, prefix: string, payments: ReadonlyMap<string, Payment>): Promise<number> {
  const copies = [...payments].flatMap(([id, payment], at) =>
    Array.from({ length: 1 + (at % 3) }, () => ({ id, payment, place: Math.random() })),
  );
  copies.sort((a, b) => a.place - b.place);
  const transport = redisTransport({ url, prefix });
  for (let at = 0; at < copies.length; at += 2_000) {
    const messages = copies.slice(at, at + 2_000).map(
      ({ id, payment }): Message => ({
        id,
        topic: 'payments',
        key: payment.account,
        headers: {},
        payload: JSON.stringify(payment),
        contentType: 'application/json',
        createdAt: new Date(),
        deduplicationId: id,
      }),
    );
    const results = await transport.publish(messages, NEVER);
    const failed = results.find(({ status }) => status !== 'accepted');
    if (failed !== undefined) throw new Error(`The broker did not take a message: ${failed.status}.`);
  }
  await transport.close();
  return copies.length;
}

/** Entries that were not acknowledged: those in somebody's hands and those nobody has had. */
async function leftOf(redis: Redis, stream: string): Promise<number> {
  const length = await redis.xlen(stream);
  const groups = (await redis.xinfo('GROUPS', stream)) as unknown[][];
  const [group] = groups;
  if (group === undefined) return length;
  const field = (name: string): number => Number(group[group.indexOf(name) + 1]);
  return field('pending') + length - field('entries-read');
}

function judge(payments: ReadonlyMap<string, Payment>, { applied, balances, parked }: Effects) {
  const counts = new Map<string, number>();
  for (const id of applied) counts.set(id, (counts.get(id) ?? 0) + 1);
  const sums = new Map<string, number>();
  for (const { account, amount } of payments.values()) sums.set(account, (sums.get(account) ?? 0) + amount);
  return {
    lost: [...payments.keys()].filter((id) => !counts.has(id)).length,
    repeated: [...counts.values()].filter((count) => count > 1).length,
    wrongBalances: [...sums].filter(([account, sum]) => balances.get(account) !== sum).length,
    parked,
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { PausableVerb, Pause } from '@outrelay/conformance';
import type { OutboxStore } from '@outrelay/core';
import type { MongoClientLike, MongoCollection, MongoDatabase, MongoSession } from '../../src/index.ts';

/** A verb that is to stop before its second command. */
interface Stop {
  readonly reached: () => void;
  readonly resumed: Promise<void>;
  commands: number;
}

/** Stops a verb of a store in its middle, through a client that counts the commands of the call. */
export class Gate {
  readonly #calls = new AsyncLocalStorage<Stop>();
  readonly #armed = new Map<PausableVerb, Stop>();

  arm(verb: PausableVerb): Pause {
    let reached = (): void => {};
    let resume = (): void => {};
    const pause = { reached: new Promise<void>((resolve) => (reached = resolve)) };
    const resumed = new Promise<void>((resolve) => (resume = resolve));
    this.#armed.set(verb, { reached, resumed, commands: 0 });
    return { ...pause, resume };
  }

  /** The store with verbs that stop when they are armed. */
  around<S extends OutboxStore>(store: S): S {
    const verb =
      <A extends readonly unknown[], R>(name: PausableVerb, call: (...args: A) => R) =>
      (...args: A): R => {
        const stop = this.#armed.get(name);
        if (stop === undefined) return call(...args);
        this.#armed.delete(name);
        return this.#calls.run(stop, () => call(...args));
      };
    const { maintenance } = store;
    return {
      ...store,
      claim: verb('claim', (request) => store.claim(request)),
      read: verb('read', (lease, request) => store.read(lease, request)),
      settle: verb('settle', (lease, settlements) => store.settle(lease, settlements)),
      renew: verb('renew', (lease, leaseMs) => store.renew(lease, leaseMs)),
      release: verb('release', (token) => store.release(token)),
      ...(maintenance && { maintenance: { purge: verb('purge', (request) => maintenance.purge(request)) } }),
    };
  }

  /** The client with commands that stop in an armed call. */
  client(client: MongoClientLike): MongoClientLike {
    return {
      db: (name, options) => this.#database(client.db(name, options)),
      startSession: (options) => this.#session(client.startSession(options)),
      close: () => client.close(),
    };
  }

  async #pass(): Promise<void> {
    const stop = this.#calls.getStore();
    if (stop === undefined || ++stop.commands !== 2) return;
    stop.reached();
    await stop.resumed;
  }

  #database(database: MongoDatabase): MongoDatabase {
    return this.#gated(database, {
      collection: (name: string, options?: object) =>
        this.#gated(database.collection(name, options) as MongoCollection & object, {}),
    });
  }

  #session(session: MongoSession): MongoSession {
    return this.#gated(session, {});
  }

  /** Delays what answers with a promise, and the fetching of cursors; a session stays the object that it is. */
  #gated<T extends object>(target: T, own: Record<string, unknown>): T {
    const pass = (): Promise<void> => this.#pass();
    if ('commitTransaction' in target) {
      const commit = Reflect.get(target, 'commitTransaction') as (options?: object) => Promise<unknown>;
      Object.assign(target, {
        commitTransaction: async (options?: object) => {
          await pass();
          return commit.call(target, options);
        },
      });
      return target;
    }
    return new Proxy(target, {
      get(object, name) {
        if (typeof name === 'string' && name in own) return own[name];
        const member: unknown = Reflect.get(object, name, object);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (name === 'find' || name === 'aggregate') return gatedCursor(member.apply(object, args), pass);
          const isCommand = /^(findOne|insert|update|delete|bulkWrite|distinct|command)/.test(String(name));
          return isCommand ? pass().then(() => member.apply(object, args)) : member.apply(object, args);
        };
      },
    });
  }
}

interface Cursor {
  toArray(): Promise<unknown[]>;
  close(): Promise<unknown>;
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

function gatedCursor(cursor: Cursor, pass: () => Promise<void>): Cursor {
  return {
    toArray: async () => {
      await pass();
      return cursor.toArray();
    },
    close: () => cursor.close(),
    async *[Symbol.asyncIterator]() {
      await pass();
      yield* cursor as AsyncIterable<unknown>;
    },
  };
}

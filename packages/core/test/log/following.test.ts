import { expect, it } from 'vitest';
import { Following } from '../../src/log/following.ts';
import type { LogFacet } from '../../src/log/log-facet.ts';
import { readPushOptions } from '../../src/log/push-options.ts';
import { LogModel, loggedStore } from '../support/log-model.ts';
import { StoreModel } from '../support/store-model.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

interface FollowingRig {
  readonly log: LogModel;
  readonly following: Following;
  /** What the listener heard, except of wake-ups. */
  readonly heard: string[];
}

function followingRig(): FollowingRig {
  const clock = new VirtualClock();
  const log = new LogModel(clock, new StoreModel(() => clock.monotonicMs(), 1));
  const { store } = loggedStore(clock, log);
  const heard: string[] = [];
  const following = new Following(store.log as LogFacet, readPushOptions({ clock }), {
    wake: () => {},
    lost: () => heard.push('lost'),
    restored: () => heard.push('restored'),
  });
  return { log, following, heard };
}

it('tells that the log is back when the first attempt after its end succeeds', async () => {
  const { log, following, heard } = followingRig();
  await following.start();
  log.lose();
  log.create();
  expect(await following.start()).toBe('follower');
  expect(heard).toEqual(['lost', 'restored']);
});

it('tells that the log is back when another relay followed it in between', async () => {
  const { log, following, heard } = followingRig();
  log.lose();
  expect(await following.start()).toBe('polling');
  expect(await following.start()).toBe('polling');
  log.create();
  const stream = log.follow({
    receive: async () => {},
    reached: () => {},
    lost: () => {},
    restored: () => {},
    ended: () => {},
  });
  expect(await following.start()).toBe('standby');
  await stream.close();
  expect(await following.start()).toBe('follower');
  expect(heard).toEqual(['lost', 'restored']);
});

it('tells nothing where nothing was lost', async () => {
  const { following, heard } = followingRig();
  await following.start();
  expect(heard).toEqual([]);
});

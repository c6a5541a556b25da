import { describe, expect, it, vi } from 'vitest';
import type { RelayEvent } from '../../src/events.ts';
import { Listeners } from '../../src/relay/listeners.ts';
import { promisesSettled } from '../support/virtual-clock.ts';

const event: RelayEvent = { type: 'relay-started', relay: 'r' };

describe('Listeners', () => {
  it('tells every listener until it is removed', () => {
    const listeners = new Listeners('r');
    const heard: string[] = [];
    const remove = listeners.add(() => heard.push('one'));
    listeners.add(() => heard.push('two'));
    listeners.emit(event);
    remove();
    remove();
    listeners.emit(event);
    expect(heard).toEqual(['one', 'two', 'two']);
  });

  it('lets one function listen twice, and stop once', () => {
    const listeners = new Listeners('r');
    let heard = 0;
    const hear = (): void => {
      heard++;
    };
    const remove = listeners.add(hear);
    listeners.add(hear);
    remove();
    listeners.emit(event);
    expect(heard).toBe(1);
  });

  it('survives listeners that throw or reject, tells the others, and warns once', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const listeners = new Listeners('r');
      const heard: RelayEvent[] = [];
      listeners.add(() => {
        throw Object.create(null);
      });
      const rejects: () => unknown = async () => {
        throw new Error('later');
      };
      listeners.add(rejects);
      listeners.add((given) => heard.push(given));
      listeners.emit(event);
      listeners.emit(event);
      await promisesSettled();
      expect(heard).toEqual([event, event]);
      expect(warn).toHaveBeenCalledTimes(1);
      expect(warn.mock.calls[0]?.[0]).toBe(
        'A listener of the relay "r" threw: something without a text was thrown',
      );
    } finally {
      warn.mockRestore();
    }
  });
});

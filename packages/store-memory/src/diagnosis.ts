import { type DiagnosisFacet, warning } from '@outrelay/core';

/** There is one thing that can be wrong with a store in memory: that it is used for anything but tests. */
export function diagnosisFacet(): DiagnosisFacet {
  return {
    async examine() {
      return [
        warning('durability', {
          seen: 'messages are in the memory of this process, and go with it',
          expected: 'a store in the database that the business data is in, except in tests',
          remedy: 'Use the store of your database, for example: npm install @outrelay/store-postgres pg',
        }),
      ];
    },
  };
}

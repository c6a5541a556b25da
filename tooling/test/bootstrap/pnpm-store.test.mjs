import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pnpmStore } from '../../bootstrap/pnpm-store.mjs';
import { scratch } from '../scratch.mjs';

describe('pnpmStore', () => {
  it('keeps to the store that the installation came from, without the version of its format', () => {
    const store = scratch({ 'v10/files/00/x': '' });
    const record = { storeDir: join(store, 'v10'), other: 1 };
    const root = scratch({ 'node_modules/.modules.yaml': JSON.stringify(record, null, 2) });
    expect(pnpmStore(root)).toEqual({ npm_config_store_dir: store });
  });

  it('says nothing where there is no installation, or its store is gone', () => {
    expect(pnpmStore(scratch())).toEqual({});
    const root = scratch({ 'node_modules/.modules.yaml': '{\n  "storeDir": "/nowhere/store/v10"\n}' });
    expect(pnpmStore(root)).toEqual({});
  });
});

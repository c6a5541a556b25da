import { describe, expect, it } from 'vitest';
import { displayUrl } from '../../src/adapters/display-url.ts';

describe('displayUrl', () => {
  it.each([
    ['sqlite:shop.db?prefix=x_', 'sqlite:shop.db'],
    ['sqlite:///var/lib/shop.db', 'sqlite:///var/lib/shop.db'],
    ['postgres://user:secret@db.example:5433/shop?sslmode=require', 'postgres://db.example:5433/shop'],
    ['mongodb://user:secret@a:27017,b:27017/shop?replicaSet=r', 'mongodb://a:27017,b:27017/shop'],
    ['https://user:secret@hooks.example/T000/B000/secret?token=secret', 'https://hooks.example'],
    ['redis://:secret@cache:6379/2', 'redis://cache:6379/2'],
    ['postgres://user:my secret@db/shop', 'postgres://db/shop'],
    ['postgres://user:my/secret@db/shop', 'postgres://…'],
    ['postgres://user:my?secret@db/shop', 'postgres://…'],
    ['postgres://user:12?secret@db/shop', 'postgres://…'],
    ['postgres:shop', 'postgres://…'],
    ['stdout:', 'stdout'],
  ])('shows %s as %s', (url, shown) => {
    expect(displayUrl(url)).toBe(shown);
    expect(displayUrl(url)).not.toContain('secret');
  });
});

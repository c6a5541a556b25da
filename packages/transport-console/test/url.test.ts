import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fromUrl } from '../src/index.ts';

const PROGRAM = `
  const { fromUrl } = await import('@outrelay/transport-console');
  const [url, options] = JSON.parse(process.argv[1]);
  const message = { id: 'm1', topic: 'a', key: null, headers: {}, payload: '1', contentType: 'application/json',
    createdAt: new Date(0), deduplicationId: 'm1' };
  const transport = fromUrl(url, options);
  await transport.publish([message], new AbortController().signal);
  await transport.close();
`;

describe('fromUrl', () => {
  it.each([
    ['stdout:', {}, 'outrelay'],
    ['STDOUT:?source=/shop', {}, '/shop'],
    ['stdout:?', { source: '/till' }, '/till'],
  ])('writes to stdout for %s with %j', (url, options, source) => {
    const args = ['--input-type=module', '--eval', PROGRAM, JSON.stringify([url, options])];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ id: 'm1', source, data: 1 });
  });

  it.each([
    ['stdout:x', {}, 'expected "stdout:" and nothing behind it but options, such as ?source=/shop.'],
    ['stdout://', {}, 'expected "stdout:"'],
    ['stderr:', {}, 'expected "stdout:"'],
    ['stdout:?sauce=x', {}, 'it has no option "sauce", only source.'],
    ['stdout:', { stream: 'x' }, 'it has no option "stream", only source.'],
    ['stdout:?source=a', { source: 'b' }, 'the option "source" is given twice.'],
    ['stdout:?source=', {}, 'option "source" must be a text that is not empty'],
  ])('refuses %s with %j', (url, options: Record<string, string>, reason) => {
    expect(() => fromUrl(url, options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) as string }),
    );
  });
});

import type { MessageContent } from '@outrelay/core';

/** Contents that have been changed on their way by somebody's outbox. */
export const CONTENTS: Readonly<Record<string, Partial<MessageContent>>> = {
  'JSON text': { payload: '{"a": 1,\n "b":[true,null]}' },
  'integers beyond 2^53': { payload: '{"id":9007199254740993,"big":123456789012345678901234567890}' },
  'numbers that re-encoding rewrites': { payload: '{"a":1.0,"b":1e2,"c":-0,"d":0.10}' },
  'members of the same name, and __proto__': { payload: '{"a":1,"a":2,"__proto__":{"x":1}}' },
  'an empty payload': { payload: '' },
  'empty bytes': { payload: new Uint8Array(0), contentType: 'application/octet-stream' },
  'no payload': { payload: null },
  'the JSON document null': { payload: 'null' },
  'text that is no JSON': { payload: 'not {json', contentType: 'application/json' },
  'every byte': {
    payload: Uint8Array.from({ length: 256 }, (_, byte) => byte),
    contentType: 'application/octet-stream',
  },
  'bytes that are not UTF-8': {
    payload: Uint8Array.from([0xff, 0xfe, 0xc3, 0x28, 0x00, 0x80]),
    contentType: 'image/png',
  },
  'bytes that look like text': {
    payload: new TextEncoder().encode('{"n":1}'),
    contentType: 'application/json',
  },
  'text that looks like bytes': { payload: '\\x6869', contentType: 'text/plain' },
  'characters beyond the basic plane': {
    payload: '{"name":"𝒳 🦊 \u{10ffff}"}',
    key: '🔑',
    headers: { 'x-🎈': '🎉' },
    topic: 'orders.🧾',
  },
  'combining characters and equivalent forms': {
    payload: '"e\u0301 \u00e9 \u212b"',
    key: 'e\u0301',
    headers: { form: '\u00e9 e\u0301' },
  },
  'right to left and invisible characters': { payload: '"\u202eשלום\u200d\u200b\ufeff"', key: '\u200b' },
  'line ends and tabs': {
    payload: 'a\r\nb\nc\td',
    headers: { lines: 'a\r\nb\nc\td' },
    contentType: 'text/plain',
  },
  'space at the ends': {
    payload: '  {"a":1}  ',
    key: ' padded ',
    headers: { ' name ': ' value ' },
    topic: ' topic ',
  },
  'an empty key': { key: '' },
  'empty header values': { headers: { empty: '', other: 'x' } },
  'header names that differ in case': { headers: { Trace: 'a', trace: 'b', TRACE: 'c' } },
  'header names of the language': {
    headers: JSON.parse('{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}') as Record<
      string,
      string
    >,
  },
  'header values that look like other types': {
    headers: { number: '007', boolean: 'true', nothing: 'null', list: '[1]', date: '2020-01-01' },
  },
  'trace context': {
    headers: {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=1,b=2',
    },
  },
  'the longest texts': {
    id: 'i'.repeat(255),
    topic: 't'.repeat(255),
    key: 'k'.repeat(512),
    contentType: `text/${'c'.repeat(250)}`,
  },
  'the longest texts of four-byte characters': { topic: '🧾'.repeat(63), key: '🔑'.repeat(128) },
  'a content type with parameters': { contentType: 'Text/Plain; Charset="UTF-8"', payload: 'x' },
};

/** Texts that are syntax somewhere: in SQL, in patterns, in escapes, in formats, in shells, in query operators. */
export const HOSTILE_TEXTS: readonly string[] = [
  `'; DROP TABLE outbox_messages; --`,
  `"double" 'single' \`back\``,
  `/* comment */ -- comment # comment`,
  `100% _ ? * [a-z]`,
  `back\\slash \\' \\" \\\\ \\0 \\n`,
  `$1 :name @name ? ?? ~a~ {0}`,
  `%s %d %i %I %L %%`,
  `\${jndi} $(touch x) \`x\``,
  `{"$where":"1","$gt":""} $set a.b`,
  `NULL undefined NaN true`,
  `E'\\x41' \\x41 \\u0041 0x41`,
];

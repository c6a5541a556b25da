import type { Message } from '@outrelay/core';
import { holds, same, sameIds } from '../bench/assertions.ts';
import { CONTENTS, HOSTILE_TEXTS } from '../bench/contents.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import { statuses, type TransportBench } from '../bench/transport-bench.ts';
import type { ReceivedMessage } from '../harness/transport-harness.ts';
import type { TransportClause } from './transport-clause.ts';

const DEFAULT_LARGEST_BYTES = 8 * 1_048_576;

/** What must arrive, payloads as bytes. */
function content(message: Message | ReceivedMessage): object {
  const { id, topic, key, headers, payload, contentType } = message;
  return { id, topic, key, headers: { ...headers }, payload: payloadPrint(payload), contentType };
}

async function arrives(bench: TransportBench, message: Message, what: string): Promise<void> {
  await bench.accept([message]);
  const held = await bench.received(1);
  same(held.map(content), [content(message)], `what arrived for ${what}`);
}

/** Contents by name, with the topics that T2.5 is about left to it. */
const ARRIVING = Object.entries(CONTENTS).map(([name, contents]) => {
  const { topic, ...fields } = contents;
  return [name, topic === undefined ? contents : fields] as const;
});

export const T2_1: TransportClause = {
  id: 'T2.1',
  title:
    'Id, topic, key, headers, payload and content type arrive exactly: any Unicode text without NUL, any bytes, empty as well as absent payloads.',
  cases: [...ARRIVING.map(([name]) => ({ name })), ...HOSTILE_TEXTS.map((name) => ({ name }))],
  async run(bench, name) {
    const known = ARRIVING.find(([it]) => it === name)?.[1];
    const fields = known ?? {
      id: `${name} ${bench.random.hex(6)}`,
      key: name,
      headers: { [`name ${name}`]: name },
      payload: JSON.stringify({ text: name }),
    };
    await arrives(bench, bench.make.sent(await bench.topic(), fields), name);
  },
};

/** Names that mean something to many protocols, or to JavaScript. */
const WELL_KNOWN_NAMES: readonly string[] = [
  'id',
  'topic',
  'key',
  'payload',
  'content-type',
  'Content-Type',
  'content-length',
  'host',
  'connection',
  'transfer-encoding',
  'authorization',
  'date',
  'traceparent',
  '__proto__',
  'constructor',
];

export const T2_2: TransportClause = {
  id: 'T2.2',
  title: 'Header names that mean something to the broker arrive as the headers they were.',
  cases: [{ name: 'one by one' }, { name: 'all together' }],
  async run(bench, name) {
    const names = [...WELL_KNOWN_NAMES, ...(bench.harness.powers?.reservedHeaders ?? [])];
    const groups = name === 'one by one' ? names.map((header) => [header]) : [names];
    const messages: Message[] = [];
    const topic = await bench.topic();
    for (const group of groups) {
      const headers = JSON.parse(
        `{${group.map((header) => `${JSON.stringify(header)}:"v1"`).join(',')}}`,
      ) as Record<string, string>;
      const message = bench.make.sent(topic, { headers });
      messages.push(message);
      await bench.accept([message]);
    }
    const held = await bench.received(messages.length);
    same(held.map(content), messages.map(content), 'what arrived with header names that mean something');
  },
};

export const T2_3: TransportClause = {
  id: 'T2.3',
  title: 'Payloads up to the declared limit arrive.',
  cases: [{ name: 'text' }, { name: 'bytes' }],
  async run(bench, name) {
    const { maxPayloadBytes } = bench.harness.capabilities.limits;
    const size = Math.min(maxPayloadBytes, bench.harness.largestPayloadBytes ?? DEFAULT_LARGEST_BYTES);
    const bytes = new Uint8Array(size);
    const pattern = bench.random.bytes(4_096);
    for (let at = 0; at < size; at += pattern.length) bytes.set(pattern.subarray(0, size - at), at);
    const payload = name === 'text' ? Buffer.from(bytes).toString('hex').slice(0, size) : bytes;
    await arrives(bench, bench.make.sent(await bench.topic(), { payload }), `${size} bytes`);
  },
};

export const T2_4: TransportClause = {
  id: 'T2.4',
  title: 'What the caller does to a message object after `publish` returned changes nothing.',
  cases: [{ name: 'after it resolved' }, { name: 'between attempts' }],
  async run(bench, name) {
    const topic = await bench.topic();
    const payload = Uint8Array.from([1, 2, 3]);
    const headers = { kept: 'yes' };
    const message = bench.make.sent(topic, { payload, headers, contentType: 'application/octet-stream' });
    const sent = content(message);
    await bench.accept([message]);
    payload.fill(9);
    headers.kept = 'no';
    const expected = [sent];
    if (name === 'between attempts') {
      const second = { ...message, id: `${message.id}-2`, deduplicationId: `${message.id}-2` };
      await bench.accept([second]);
      expected.push(content(second));
    }
    same((await bench.received(expected.length)).map(content), expected, 'what the broker holds');
  },
};

const UNUSUAL_TOPICS: readonly string[] = [
  'with space',
  ' padded ',
  'ünïcödé.🧾',
  'a..b',
  '.a',
  'a.',
  'a/b',
  '/a',
  'a//b',
  '../a',
  'a?b=c&d',
  'a#b',
  'a>b',
  'a+b',
  '$a',
  'a%2Fb',
  'a\\b',
  'a:b',
  'a{b}c',
  'CON',
  'x'.repeat(255),
];

export const T2_5: TransportClause = {
  id: 'T2.5',
  title: 'Topics with unusual characters either arrive or are not accepted; they never end up elsewhere.',
  cases: UNUSUAL_TOPICS.map((name) => ({ name: name.length > 100 ? 'the longest topic' : name })),
  async run(bench, name) {
    const topic = UNUSUAL_TOPICS.find((it) => it === name) ?? 'x'.repeat(255);
    const bystander = bench.make.sent(await bench.topic());
    await bench.accept([bystander]);
    const message = bench.make.sent(topic);
    const [status] = statuses(await bench.publish([message]));
    holds(status === 'accepted' || status === 'rejected' || status === 'failed', `the result is ${status}`);
    await bench.accept([{ ...bystander, id: `${bystander.id}-2`, deduplicationId: `${bystander.id}-2` }]);
    const held = await bench.broker.received();
    const ours = held.filter(({ id }) => id === message.id);
    // A broker without such a destination holds nothing of it; what it holds must be under the very topic.
    for (const { topic: at } of ours) same(at, topic, 'topic at which the message arrived');
    if (status === 'accepted') sameIds(ours, [message], 'messages that were accepted and arrived');
    else same(ours.length, 0, 'messages that were not accepted and arrived all the same');
  },
};

export const T2_6: TransportClause = {
  id: 'T2.6',
  title: 'The messages of one call keep what is theirs: topic, key, headers, payload and content type.',
  cases: [{ name: 'of one topic' }, { name: 'of several topics' }],
  async run(bench, name) {
    const topics = [await bench.topic()];
    if (name === 'of several topics') topics.push(await bench.topic(), await bench.topic('others'));
    const most = Math.min(ARRIVING.length, bench.harness.capabilities.limits.maxMessages);
    const messages = ARRIVING.slice(0, most).map(([, fields], at) => {
      // The same key in every topic, so that it does not tell where a message belongs.
      const key = name === 'of several topics' ? `k${Math.floor(at / topics.length)}` : `k${at}`;
      return bench.make.sent(topics[at % topics.length] as string, { ...fields, key });
    });
    await bench.accept(messages);
    const held = await bench.received(messages.length);
    sameIds(held, messages, 'messages that arrived of one call');
    for (const message of messages) {
      const arrived = held.find(({ id }) => id === message.id);
      same(arrived && content(arrived), content(message), `what arrived for ${message.id}, one of a call`);
    }
  },
};

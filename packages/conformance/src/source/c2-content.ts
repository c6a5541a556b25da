import type { ConsumedMessage, Message } from '@outrelay/core';
import { holds, same, sameIds } from '../bench/assertions.ts';
import { CONTENTS, HOSTILE_TEXTS } from '../bench/contents.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import { idsOf } from '../bench/source-bench.ts';
import type { SourceClause } from './source-clause.ts';

/** What must come, payloads as bytes. */
function content({ id, topic, key, headers, payload, contentType }: Message | ConsumedMessage): object {
  return { id, topic, key, headers: { ...headers }, payload: payloadPrint(payload), contentType };
}

/** Contents by name; where messages of a topic go is the business of the transport. */
const COMING = Object.entries(CONTENTS).map(([name, contents]) => {
  const { topic, ...fields } = contents;
  return [name, topic === undefined ? contents : fields] as const;
});

export const C2_1: SourceClause = {
  id: 'C2.1',
  title: 'Id, topic, key, headers, payload and content type come exactly as they were published.',
  takeover: 'late',
  cases: [...COMING.map(([name]) => ({ name })), ...HOSTILE_TEXTS.map((name) => ({ name }))],
  async run(bench, name) {
    const fields = COMING.find(([it]) => it === name)?.[1] ?? {
      id: `${name} ${bench.random.hex(6)}`,
      key: name,
      headers: { [`name ${name}`]: name },
      payload: JSON.stringify({ text: name }),
    };
    const messages = await bench.publish(1, fields);
    const deliveries = await bench.take(1);
    same(
      deliveries.map(({ message }) => (message === null ? 'no message' : content(message))),
      messages.map(content),
      `what came for ${name}`,
    );
    same(
      deliveries.map(({ undecodable }) => undecodable),
      [null],
      'what is undecodable',
    );
  },
};

export const C2_2: SourceClause = {
  id: 'C2.2',
  title:
    'What is no message is yielded in its place, as undecodable and with the reason; the others come as ever.',
  takeover: 'late',
  needs: ['publishForeign'],
  async run(bench) {
    const [before] = await bench.publish(1);
    await bench.power('publishForeign')(bench.place);
    const [after] = await bench.publish(1);
    const deliveries = await bench.take(3);
    same(
      deliveries.map(({ message }) => message?.id ?? null),
      [before?.id, null, after?.id],
      'ids of what came',
    );
    const said = deliveries[1]?.undecodable ?? '';
    holds(said.length > 5, `what is no message is said to be so with ${JSON.stringify(said)}`);
    await bench.source.acknowledge(deliveries);
    sameIds(idsOf(await bench.drain()), [], 'deliveries after all was acknowledged');
  },
};

export const C2_3: SourceClause = {
  id: 'C2.3',
  title: '`place` says where the broker keeps a delivery, and differs from that of every other.',
  takeover: 'late',
  async run(bench) {
    await bench.publish(6);
    const places = (await bench.take(6)).map(({ place }) => place);
    same(places.filter((place) => place.trim() === '').length, 0, 'places that say nothing');
    same(new Set(places).size, 6, `different places among ${places.join(', ')}`);
  },
};

import { describe, expect, it } from '@jest/globals';
import { EVENTS } from '../../attro/contract.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { app, callTrigger } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { receivedSigned, sample, sampleText } from '../support/deliveries.ts';

mockNetwork();

/** T003 to T006 and Z001 of Zapier's checks: a live payload, a list and a sample have one shape. */
describe.each(TRIGGER_TABLE)('$key has one shape', ({ key, event }) => {
  const { operation } = app.triggers[key];
  const declared = operation.outputFields.flatMap((field) => ('key' in field ? [field.key] : []));

  it('in delivery, list, sample and outputFields', async () => {
    const hook = await callTrigger(key, 'perform', await receivedSigned(sampleText(event)));
    attro()
      .get(EVENTS[event].list.path)
      .query(true)
      .reply(200, [sample(event).data]);
    const list = await callTrigger(key, 'performList', { meta: { isLoadingSample: true } });

    const [fromHook = {}] = hook.results;
    const [fromList = {}] = list.results;
    const { occurred_at: _hookTime, ...restOfHook } = fromHook;
    const { occurred_at: _listTime, ...restOfList } = fromList;
    expect(restOfList).toEqual(restOfHook);
    expect(Object.keys(fromHook)).toEqual(expect.arrayContaining(declared));
    expect(Object.keys(operation.sample)).toEqual(declared);
    expect(fromHook).toMatchObject(operation.sample);
  });

  it('also for a record of which Attro sends nothing but its id', async () => {
    const body = JSON.stringify({ event, data: { id: 'x_1' } });
    const { results } = await callTrigger(key, 'perform', await receivedSigned(body));
    expect(Object.keys(results[0] ?? {})).toEqual(declared);
  });
});

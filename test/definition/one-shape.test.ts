import { describe, expect, it } from '@jest/globals';
import { DEFAULT_BASE_URL, EVENTS, recordKind } from '../../attro/contract.ts';
import { CREATE_TABLE } from '../../creates/table.ts';
import { createMapper } from '../../output/mapper.ts';
import { SEARCH_TABLE } from '../../searches/table.ts';
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

describe.each([...SEARCH_TABLE, ...CREATE_TABLE])('$key has one shape', ({ key, record }) => {
  const { operation } = { ...app.searches, ...app.creates }[key];
  const declared = operation.outputFields.flatMap((field) => ('key' in field ? [field.key] : []));

  it('in answer, sample and outputFields, also of a record with nothing but its id', () => {
    const map = createMapper(record);
    const { fields } = map({ id: 'x_1' }, { baseUrl: DEFAULT_BASE_URL });
    expect(Object.keys(fields)).toEqual(declared);
    expect(Object.keys(operation.sample)).toEqual(declared);
  });

  it('with the triggers of its record, but for what only an event has', () => {
    const ofTriggers = TRIGGER_TABLE.filter(
      ({ event }) => recordKind(EVENTS[event].family) === (record as string),
    )
      .flatMap((row) => app.triggers[row.key].operation.outputFields)
      .flatMap((field) => ('key' in field ? [field.key] : []))
      .filter((name) => name !== 'event' && name !== 'occurred_at');
    // Only triggers have an opinion: there is none about tracking links and offers.
    if (ofTriggers.length > 0) expect(new Set(declared)).toEqual(new Set(ofTriggers));
    else expect(['tracking_link', 'offer']).toContain(record);
  });
});

describe.each(Object.values(app.searchOrCreates))('$display.label', (pair) => {
  it('has one shape, whether it finds or creates', () => {
    const { operation: search } = app.searches[pair.search];
    const { operation: create } = app.creates[pair.create];
    const keysAndTypes = (fields: typeof search.outputFields) =>
      fields.filter((field) => typeof field !== 'function');
    expect(keysAndTypes(create.outputFields)).toEqual(keysAndTypes(search.outputFields));
    expect(create.sample).toEqual(search.sample);
  });
});

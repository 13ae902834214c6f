import { expect, test } from 'vitest';

import type { Route } from '../../src/model/alerting.js';
import type { Channel } from '../../src/model/channel.js';
import type { Urgency } from '../../src/model/drift.js';
import { type AlertFacts, routeAlert } from '../../src/monitor/route.js';

const ANY: Route = { servers: undefined, labels: {}, classes: undefined, minimumUrgency: undefined, channels: ['b'] };

const FACTS: AlertFacts = {
  server: 'payments-eu',
  labels: { team: 'payments', tier: '1' },
  classes: ['wording', 'instruction'],
  urgency: 'high',
};

function channel(name: string, minimumUrgency: Urgency): Channel {
  return { kind: 'stdout', name, minimumUrgency };
}

const CHANNELS = [channel('a', 'info'), channel('b', 'critical'), channel('c', 'high')];

const CASES: readonly (readonly [
  what: string,
  routes: readonly Partial<Route>[],
  facts: Partial<AlertFacts>,
  names: string,
])[] = [
  ['no route: every channel from its own minimum on', [], {}, 'a c'],
  ['no route, and nothing that urgent', [], { urgency: 'low' }, 'a'],
  ['a route without conditions, below the minimum of its channel', [{}], { urgency: 'info' }, 'b'],
  ['the first that matches decides', [{ channels: ['a'] }, { channels: ['c'] }], {}, 'a'],
  ['several channels', [{ channels: ['c', 'a'] }], {}, 'a c'],
  ['a pattern of ids', [{ servers: ['github', 'payments-*'] }], {}, 'b'],
  ['a pattern that the id only contains', [{ servers: ['payments'] }], {}, 'a c'],
  ['no server of an empty list', [{ servers: [] }], {}, 'a c'],
  ['a label', [{ labels: { team: 'payments' } }], {}, 'b'],
  ['all labels', [{ labels: { team: 'payments', tier: '2' } }], {}, 'a c'],
  ['a label that only every object has', [{ labels: { constructor: 'x' } }], {}, 'a c'],
  ['one of the classes', [{ classes: ['hidden-text', 'instruction'] }], {}, 'b'],
  ['none of the classes', [{ classes: ['hidden-text'] }], {}, 'a c'],
  ['classes, and an alert about no change', [{ classes: ['instruction'] }], { classes: [] }, 'a c'],
  ['urgent enough', [{ minimumUrgency: 'high' }], {}, 'b'],
  ['not urgent enough, and the next route', [{ minimumUrgency: 'critical' }, { channels: ['c'] }], {}, 'c'],
  ['every condition has to hold', [{ servers: ['payments-*'], classes: ['rename'] }], {}, 'a c'],
  ['silence, where it is written', [{ channels: [] }], { urgency: 'critical' }, ''],
  [
    'a critical alert is not lost on a channel that does not exist',
    [{ channels: ['gone'] }],
    { urgency: 'critical' },
    'a b c',
  ],
  ['nor where the next route would tell somebody', [{ channels: ['gone'] }, { channels: ['c'] }], {}, 'c'],
  ['what is about no server goes to all', [{ channels: [] }], { server: undefined, urgency: 'info' }, 'a b c'],
];

test.each(CASES)('%s', (_what, routes, facts, names) => {
  const alerting = { routes: routes.map((route) => ({ ...ANY, ...route })) };
  const told = routeAlert({ ...FACTS, ...facts }, alerting, CHANNELS);
  expect(told.map(({ name }) => name).join(' ')).toBe(names);
});

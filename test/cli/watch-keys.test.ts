import { expect, test } from 'vitest';

import type { OpenedChange, Screen } from '../../src/cli/watch-frame.js';
import { wishOf } from '../../src/cli/watch-keys.js';
import type { ChangeRequest } from '../../src/model/change-request.js';
import type { ServerSummary } from '../../src/monitor/servers.js';

const ROOM = 10;
const TABLE: Screen = {
  servers: ['a', 'b', 'c'].map(serverOf),
  selected: 1,
  opened: undefined,
  question: undefined,
  notice: undefined,
  news: [],
};
/** A change of 25 lines, of which the first ten are on the screen. */
const TOP: Screen = { ...TABLE, opened: opened(0) };
const END: Screen = { ...TABLE, opened: opened(15) };
const ASKED: Screen = { ...END, question: 'approve' };

function serverOf(id: string): ServerSummary {
  const none = { lastCheckAt: undefined, outage: undefined, isAllOnHold: false, open: undefined, labels: {} };
  return { id: id as ServerSummary['id'], state: 'held', ...none };
}

function opened(top: number): OpenedChange {
  return { request: { id: 1 } as ChangeRequest, lines: Array.from({ length: 25 }, (_, index) => `${index}`), top };
}

test.each<[string, string, Screen, unknown]>([
  ['down, in the table', 'down', TABLE, { kind: 'show', screen: { ...TABLE, selected: 2 } }],
  ['up, in the table', 'up', TABLE, { kind: 'show', screen: { ...TABLE, selected: 0 } }],
  ['down, at its end', 'down', { ...TABLE, selected: 2 }, { kind: 'show', screen: { ...TABLE, selected: 2 } }],
  ['enter, in the table', 'return', TABLE, { kind: 'open', server: 'b' }],
  ['a, in the table: nothing is approved that is not shown', 'a', TABLE, undefined],
  ['y, in the table', 'y', TABLE, undefined],
  ['q', 'q', TABLE, { kind: 'end' }],
  ['space, in a change', 'space', TOP, { kind: 'show', screen: { ...TABLE, opened: opened(10) } }],
  ['space, near its end', 'space', { ...TABLE, opened: opened(10) }, { kind: 'show', screen: END }],
  ['a, in a change that was not read to its end', 'a', TOP, undefined],
  ['r, in a change that was not read to its end', 'r', TOP, undefined],
  ['a, at the end of a change: it is asked', 'a', END, { kind: 'show', screen: ASKED }],
  ['r, at the end of a change: it is asked', 'r', END, { kind: 'show', screen: { ...END, question: 'reject' } }],
  ['escape, in a change', 'escape', END, { kind: 'show', screen: TABLE }],
  ['y, where nothing was asked', 'y', END, undefined],
  ['y, where it was asked', 'y', ASKED, { kind: 'settle', decision: 'approve', opened: opened(15) }],
  ['n, where it was asked', 'n', ASKED, { kind: 'show', screen: END }],
  ['enter, where it was asked: anything but a yes is a no', 'return', ASKED, { kind: 'show', screen: END }],
])('%s', (_, name, screen, expected) => {
  expect(wishOf({ name, isControl: false }, screen, ROOM)).toEqual(expected);
});

test('Ctrl-C ends whatever is shown, and Ctrl-Y is no y', () => {
  for (const screen of [TABLE, TOP, ASKED])
    expect(wishOf({ name: 'c', isControl: true }, screen, ROOM)).toEqual({ kind: 'end' });
  expect(wishOf({ name: 'y', isControl: true }, ASKED, ROOM)).toBeUndefined();
});

import { expect, test } from 'vitest';

import { codeOf } from '../../src/errors.js';
import { OpenRequests } from '../../src/mcp/open-requests.js';

test('a server that leaves 512 requests open gets no more, until one ends', () => {
  const open = new OpenRequests();
  const ended: number[] = [];
  const begin = (id: number): string => {
    try {
      open.begin(id, () => void ended.push(id));
      return 'ok';
    } catch (error) {
      return codeOf(error);
    }
  };
  for (let id = 0; id < 512; id += 1) expect(begin(id)).toBe('ok');
  expect(begin(512)).toBe('OBSERVE_CONNECT_FAILED');
  open.end(7, 'hurried');
  expect(ended).toEqual([7]);
  expect([begin(513), begin(514)]).toEqual(['ok', 'OBSERVE_CONNECT_FAILED']);
});

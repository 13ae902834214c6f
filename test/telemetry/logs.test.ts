import { expect, test } from 'vitest';

import { createJsonLogger, withLevel } from '../../src/telemetry/logs.js';

const TOKEN = 'ghp_0123456789abcdef';

function jsonLog(level: 'error' | 'warn' | 'info' = 'info', secrets: readonly string[] = []) {
  const lines: string[] = [];
  const logger = createJsonLogger({ level, secrets, write: (line) => lines.push(line) });
  return { logger, entries: () => lines.map((line) => JSON.parse(line) as Record<string, string>), lines };
}

test('each message is one line of JSON with level, time and text', () => {
  const { logger, entries, lines } = jsonLog();
  logger.warn('github: cannot listen for changes');
  expect(entries()).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
      msg: 'github: cannot listen for changes',
    },
  ]);
  expect(lines[0]?.endsWith('\n')).toBe(true);
});

test.each([
  ['error', ['error']],
  ['warn', ['warn', 'error']],
  ['info', ['info', 'warn', 'error']],
] as const)('the level %s lets through %j', (level, written) => {
  const { logger, entries } = jsonLog(level);
  logger.info('a');
  logger.warn('b');
  logger.error('c');
  expect(entries().map((entry) => entry['level'])).toEqual(written);
});

test('a configured secret that a server printed stands in no log', () => {
  const { logger, lines } = jsonLog('info', [`Bearer ${TOKEN}`, TOKEN]);
  logger.warn(`github: HTTP 401: "Bearer ${TOKEN} is no good, ${TOKEN}"`);
  expect(lines.join('')).not.toContain(TOKEN);
  expect(lines.join('')).toContain('[hidden]');
});

test('a short value that is a word garbles no message', () => {
  const { logger, entries } = jsonLog('info', ['true', '']);
  logger.info('that is true');
  expect(entries()[0]?.['msg']).toBe('that is true');
});

test('text that forges a line or colours a terminal is written as escapes', () => {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  const logger = withLevel({ info: write, warn: write, error: write }, 'info', []);
  logger.warn('server said \u001b[2J\nall is well');
  expect(lines[0]).not.toMatch(/[\u001b\n]/);
});

import { resolve } from 'node:path';

import type { JudgeSettings } from '../model/judgement.js';
import { quote } from '../quote.js';
import { isLoopback } from './is-loopback.js';
import { parseDuration } from './parse-schedule.js';
import { parseUrl } from './parse-url.js';
import type { Problems } from './problems.js';
import { readPem } from './read-pem.js';
import type { JudgeEntry } from './schema.js';

const DEFAULT_CALLS_PER_CHECK = 20;

const DEFAULT_TIMEOUT_MS = 30_000;

/** Returns the model that is asked for a second opinion; `folder` is where relative paths start. */
export function toJudge(entry: JudgeEntry | undefined, folder: string, problems: Problems): JudgeSettings | undefined {
  if (entry === undefined) return undefined;
  checkUrl(entry.url, problems);
  const { api, url, model, key, ca, callsPerCheck = DEFAULT_CALLS_PER_CHECK, timeout } = entry;
  const timeoutMs =
    timeout === undefined ? undefined : problems.attempt(['judge', 'timeout'], () => parseDuration(timeout));
  return {
    api,
    url: url.replace(/\/+$/, ''),
    model,
    key,
    ca: ca === undefined ? undefined : readPem(resolve(folder, ca), ['judge', 'ca'], problems),
    callsPerCheck,
    timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

function checkUrl(text: string, problems: Problems): void {
  const url = parseUrl(text);
  const refuse = (message: string): void => {
    problems.add({ code: 'CONFIG_INVALID', path: ['judge', 'url'], message });
  };
  if (url?.username !== '' || url.search !== '' || url.hash !== '') {
    refuse(`must be where the interface begins, such as https://api.example.com/v1, is ${quote(text, 120)}`);
  } else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    refuse('must start with https://: over http anybody on the way could read the key (http is for this machine only)');
  }
}

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { takeSnapshot } from '../../src/integrity/take-snapshot.js';
import type { Limits } from '../../src/model/limits.js';
import type { Connection, Server } from '../../src/model/server.js';
import type { Snapshot } from '../../src/model/snapshot.js';
import { aliveWith, http, makeServer, MARK, node, observer, SERVERS, stdio } from './make-server.js';

const HOSTILE = join(SERVERS, 'hostile.mjs');
const HOSTILE_HTTP = join(SERVERS, 'hostile-http.mjs');

const LIMITS: Limits = {
  startMs: 20_000,
  requestMs: 20_000,
  maxMessageBytes: 1_000_000,
  maxListingBytes: 2_000_000,
  maxDefinitions: 1_000,
  maxDefinitionBytes: 200_000,
  maxPages: 10,
  maxDepth: 64,
};

const folder = mkdtempSync(join(tmpdir(), 'sealwatch-hostile-'));
const notExecutable = join(folder, 'server.sh');
writeFileSync(notExecutable, '#!/bin/sh\n');
chmodSync(notExecutable, 0o644);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  expect(aliveWith(MARK)).toEqual([]);
  // Hundreds of megabytes were thrown at us. The unit is kilobytes (Node documents it so for every system).
  expect(process.resourceUsage().maxRSS).toBeLessThan(400_000);
});

/** What must come of it: an error of a code, or a snapshot with these flaws, and remarks on the observation. */
interface Outcome {
  readonly code?: string;
  readonly flaws?: readonly string[];
  readonly says?: string;
  readonly remark?: string;
  readonly limits?: Partial<Limits>;
}

const fails = (code: string, says = '', limits: Partial<Limits> = {}): Outcome => ({ code, says, limits });
const succeeds = (remark?: string): Outcome => ({ flaws: [], ...(remark === undefined ? {} : { remark }) });
const holds = (flaw: string, limits: Partial<Limits> = {}): Outcome => ({ flaws: [flaw], limits });

describe.concurrent('a program that is no server', () => {
  const CASES: readonly [string, Partial<Extract<Connection, { kind: 'stdio' }>['launch']>, Outcome][] = [
    ['does not exist', { command: '/no/such/server' }, fails('OBSERVE_START_FAILED', 'no such command; install it')],
    [
      'is not on the path',
      { command: 'no-such-server-at-all' },
      fails('OBSERVE_START_FAILED', 'no such command; install it'),
    ],
    ['is not executable', { command: notExecutable }, fails('OBSERVE_START_FAILED', 'make it so (chmod +x)')],
    ['is a folder', { command: folder }, fails('OBSERVE_START_FAILED', 'not executable')],
    ['runs in a folder that is not there', { cwd: '/no/such/folder' }, fails('OBSERVE_START_FAILED', 'correct "cwd"')],
    ['has an argument that no system takes', { args: ['\0'] }, fails('OBSERVE_START_FAILED', 'null bytes')],
    [
      'reads what it is sent and ends',
      { command: 'head', args: ['-c', '1'] },
      fails('OBSERVE_EXITED', 'exited with code 0'),
    ],
    ['echoes what it is sent', { command: 'cat', args: [] }, fails('OBSERVE_SERVER_ERROR', 'initialize')],
  ];

  test.each(CASES)('%s', async (_, launch, outcome) => {
    const connection: Connection = { kind: 'stdio', launch: { ...node(HOSTILE, 'honest'), ...launch } };
    await expectOutcome(connection, outcome);
  });
});

describe.concurrent('a server over standard input and output that', () => {
  const CASES: readonly [string, Outcome][] = [
    [
      'dies at once',
      fails(
        'OBSERVE_EXITED',
        'exited with code 3; its standard error ends: "cannot read /etc/token\\n\\u{1b}[31mfatal',
      ),
    ],
    ['is killed at once', fails('OBSERVE_EXITED', 'was ended by SIGKILL')],
    ['dies while listing', fails('OBSERVE_EXITED', 'exited with code 7; its standard error ends: "boom"')],
    [
      'prints and exits',
      fails('OBSERVE_EXITED', '1 line on standard output that are not JSON-RPC, the first: "usage: server [options]"'),
    ],
    ['closes its output', fails('OBSERVE_CLOSED')],
    ['ignores SIGTERM', succeeds()],
    ['writes much to standard error', succeeds()],
    [
      'prints only garbage',
      fails('OBSERVE_NOT_JSON_RPC', 'the first: "Server listening on stdio"', { startMs: 4_000 }),
    ],
    [
      'prints garbage and answers',
      succeeds('3 lines on standard output that are not JSON-RPC, the first: "[INFO] ready \\u{1b}[2J"'),
    ],
    ['answers half a line', fails('OBSERVE_TIMEOUT', 'no answer to tools/list in 400 ms', { requestMs: 400 })],
    ['answers half a message', fails('JSON_SYNTAX')],
    ['sends a byte order mark', fails('JSON_SYNTAX')],
    ['sends bytes that are not UTF-8', fails('JSON_ENCODING')],
    ['sends NaN', fails('JSON_SYNTAX')],
    ['sends a bad escape', fails('JSON_SYNTAX')],
    ['sends a control character in a string', fails('JSON_SYNTAX')],
    ['never answers initialize', fails('OBSERVE_TIMEOUT', 'the server was not ready in 1500 ms', { startMs: 1_500 })],
    ['never answers a list', fails('OBSERVE_TIMEOUT', 'no answer to tools/list in 400 ms', { requestMs: 400 })],
    ['repeats the id', fails('JSON_REPEATED_MEMBER')],
    ['repeats the result', fails('JSON_REPEATED_MEMBER')],
    ['repeats the result with an escaped name', fails('JSON_REPEATED_MEMBER', '"result"')],
    ['answers with a result and an error', fails('OBSERVE_NOT_JSON_RPC', 'both a result and an error')],
    ['answers with neither', fails('OBSERVE_NOT_JSON_RPC', 'neither')],
    ['answers without a version', fails('OBSERVE_NOT_JSON_RPC', '"jsonrpc"')],
    ['answers with the id as a string', fails('OBSERVE_NOT_JSON_RPC', 'a string')],
    ['answers with another id', fails('OBSERVE_TIMEOUT', '', { requestMs: 400 })],
    ['answers with null', fails('OBSERVE_SHAPE')],
    ['answers twice', succeeds()],
    ['answers in a batch', succeeds()],
    ['answers what was never asked', succeeds('2 messages that answer nothing we asked')],
    [
      'refuses initialize',
      fails('OBSERVE_SERVER_ERROR', 'initialize: the server answered error -32000: "go away\\u{1b}[2J"'),
    ],
    [
      'refuses to list',
      fails('OBSERVE_SERVER_ERROR', 'tools/list: the server answered error -32603: "database is down"'),
    ],
    ['has no tools/list, which it announces', fails('OBSERVE_SERVER_ERROR')],
    ['has no prompts/list, which it announces', succeeds('prompts/list is announced, but the server does not know it')],
    ['has no resources/list, which it announces', fails('OBSERVE_SERVER_ERROR', 'resources/list')],
    ['announces nothing but has tools', succeeds()],
    ['speaks an unknown revision', fails('OBSERVE_PROTOCOL', '"2099-01-01"')],
    ['speaks no revision', fails('OBSERVE_PROTOCOL')],
    ['speaks only an unknown modern revision', fails('OBSERVE_PROTOCOL', '2099-01-01')],
    ['says no name of its own', succeeds()],
    ['gives instructions that are no text', fails('OBSERVE_SHAPE')],
    ['pages for ever', fails('OBSERVE_TOO_MANY_PAGES', 'more than 10 pages')],
    ['gives one cursor again and again', fails('OBSERVE_CURSOR_LOOP', '"again"')],
    ['gives a cursor that is a number', fails('OBSERVE_SHAPE', '"nextCursor" is not a string')],
    ['gives an empty cursor', succeeds()],
    ['hides a page behind an empty cursor', holds('NO_NAME')],
    ['repeats the cursor', fails('JSON_REPEATED_MEMBER', '"nextCursor"')],
    ['changes between two pages', fails('OBSERVE_CHANGED_WHILE_LISTING')],
    ['changes once between two pages', succeeds()],
    ['gives other cursors each time', succeeds()],
    ['announces a change during every listing', fails('OBSERVE_CHANGED_WHILE_LISTING')],
    ['announces a change during the first listing', succeeds()],
    ['sends 100 MB in a line', fails('OBSERVE_MESSAGE_TOO_LARGE')],
    ['sends 100 MB without a line end', fails('OBSERVE_MESSAGE_TOO_LARGE')],
    ['sends 100 MB of garbage lines', fails('OBSERVE_MESSAGE_TOO_LARGE')],
    [
      'floods with notifications',
      fails('OBSERVE_LISTING_TOO_LARGE', '', { maxListingBytes: 100_000, maxMessageBytes: 100_000 }),
    ],
    ['sends a notification of 2 MB', fails('OBSERVE_MESSAGE_TOO_LARGE')],
    ['asks a thousand times', succeeds()],
    [
      'lists 100 tools of 20 KB',
      fails('OBSERVE_LISTING_TOO_LARGE', '', { maxListingBytes: 1_000_000, maxMessageBytes: 4_000_000 }),
    ],
    ['lists 5,000 tools', fails('OBSERVE_TOO_MANY_DEFINITIONS', 'more than 1000 definitions')],
    ['nests 100,000 deep in a tool', holds('TOO_DEEP', { maxDefinitionBytes: 1_000_000 })],
    ['nests 100,000 deep beside the tools', fails('JSON_TOO_DEEP')],
    ['opens a million brackets', fails('JSON_SYNTAX', '', { maxMessageBytes: 2_000_000 })],
    ['sends a tool of 300 KB', holds('OVERSIZE')],
    ['repeats a member in a tool 100,000 times', holds('REPEATED_MEMBER', { maxDefinitionBytes: 1_000_000 })],
    ['has two tools of one name', holds('DUPLICATE_NAME')],
    ['has a tool without a name', holds('NO_NAME')],
    ['has a tool whose name is a number', holds('NO_NAME')],
    ['has a tool that is no object', holds('NOT_AN_OBJECT')],
    ['has tools that are no array', fails('OBSERVE_SHAPE', 'array "tools"')],
    ['repeats a member in a tool', holds('REPEATED_MEMBER')],
    ['repeats a nested member', holds('REPEATED_MEMBER')],
    ['repeats the tools', fails('JSON_REPEATED_MEMBER', '"tools"')],
    ['repeats the tools with an escaped name', fails('JSON_REPEATED_MEMBER', '"tools"')],
    ['has a number beyond a double', holds('NUMBER_RANGE')],
    ['has a lone surrogate', succeeds()],
    ['has a member __proto__', succeeds()],
  ];

  test.each(CASES)('%s', async (behaviour, outcome) => {
    await expectOutcome(stdio(HOSTILE, behaviour), outcome);
  });
});

describe.concurrent('a server over HTTP that', () => {
  const CASES: readonly [string, Outcome][] = [
    ['honest', succeeds()],
    ['honest over an event stream', succeeds()],
    ['breaks lines with carriage returns', succeeds()],
    ['answers with a page', fails('OBSERVE_NOT_JSON_RPC', '"<html>Sign in\\u{1b}[2J</html>"')],
    [
      'answers 401',
      fails('OBSERVE_HTTP_STATUS', 'HTTP 401: "token expired"; sign in to it ("oauth: true", then `sealwatch login`)'),
    ],
    ['answers 403', fails('OBSERVE_HTTP_STATUS', 'HTTP 403')],
    ['answers 404', fails('OBSERVE_HTTP_STATUS', 'HTTP 404: "Cannot POST /mcp"; check "url"')],
    ['answers 500', fails('OBSERVE_HTTP_STATUS', 'HTTP 500: "stack\\ntrace"')],
    ['answers 404 to the list', fails('OBSERVE_HTTP_STATUS', 'Session not found')],
    ['answers an error with status 400', fails('OBSERVE_SERVER_ERROR', '"broken"')],
    ['redirects to another origin', fails('OBSERVE_REDIRECT', '"http://127.0.0.2:9/mcp"; if that is right')],
    ['redirects the list to another origin', fails('OBSERVE_REDIRECT', '"https://evil.example/mcp"')],
    ['redirects to itself for ever', fails('OBSERVE_REDIRECT', 'more than 5 times')],
    ['redirects with 302', fails('OBSERVE_REDIRECT', 'HTTP 302')],
    ['redirects once within its origin', succeeds()],
    ['redirects the stream to another origin', succeeds()],
    ['drips for ever', fails('OBSERVE_TIMEOUT', 'no answer to tools/list in 400 ms', { requestMs: 400 })],
    ['drips comments for ever', fails('OBSERVE_TIMEOUT', '', { requestMs: 400 })],
    ['never answers', fails('OBSERVE_TIMEOUT', 'the server was not ready', { startMs: 5_000 })],
    ['accepts and never answers', fails('OBSERVE_NOT_JSON_RPC', 'HTTP 202')],
    ['promises more than it sends', fails('OBSERVE_CONNECT_FAILED')],
    ['breaks off in the middle', fails('OBSERVE_CONNECT_FAILED')],
    ['breaks off an event', fails('OBSERVE_CLOSED', 'the connection broke off')],
    ['ends the stream without an answer', fails('OBSERVE_CLOSED', 'before it was complete')],
    ['sends half a message', fails('JSON_SYNTAX')],
    ['sends an event that is no JSON', fails('JSON_SYNTAX')],
    ['sends bytes that are not UTF-8', fails('JSON_ENCODING')],
    ['sends an event that is not UTF-8', fails('JSON_ENCODING')],
    ['sends a compressed bomb', fails('OBSERVE_MESSAGE_TOO_LARGE')],
    ['sends an event without end', fails('OBSERVE_MESSAGE_TOO_LARGE')],
    ['sends lines of one event without end', fails('OBSERVE_MESSAGE_TOO_LARGE')],
    ['sends events without end', fails('OBSERVE_LISTING_TOO_LARGE')],
    ['sends a compressed bomb as an error', fails('OBSERVE_HTTP_STATUS', 'HTTP 500')],
    ['sends headers without end', fails('OBSERVE_CONNECT_FAILED')],
    ['repeats the result', fails('JSON_REPEATED_MEMBER')],
    ['never takes the farewell', succeeds()],
    [
      'names an endpoint of another origin',
      fails('OBSERVE_REDIRECT', 'endpoint of another origin: "http://127.0.0.2:9/message"'),
    ],
    ['names no endpoint', fails('OBSERVE_TIMEOUT', '', { startMs: 2_500 })],
    ['ends the event stream of HTTP+SSE', fails('OBSERVE_CLOSED', 'ended the event stream')],
    ['speaks no HTTP', fails('OBSERVE_CONNECT_FAILED')],
    ['opens no port', fails('OBSERVE_TIMEOUT', 'the port took no connection', { startMs: 1_500 })],
    ['dies before the port is open', fails('OBSERVE_EXITED', 'exited with code 9')],
  ];

  test.each(CASES)('%s', async (behaviour, outcome) => {
    await expectOutcome(http(node(HOSTILE_HTTP, behaviour, '{port}'), '/mcp'), outcome);
  });

  test('is not there', async () => {
    await expectOutcome(
      http(undefined, '', { url: 'http://127.0.0.1:59998/mcp' }),
      fails('OBSERVE_CONNECT_FAILED', 'ECONNREFUSED'),
    );
  });

  test('has no name in the network', async () => {
    await expectOutcome(http(undefined, '', { url: 'http://no-such-host.invalid/' }), fails('OBSERVE_CONNECT_FAILED'));
  });
});

async function expectOutcome(connection: Connection, outcome: Outcome): Promise<void> {
  const server = makeServer(connection, { ...LIMITS, ...outcome.limits });
  const result = await observeAndTake(server);
  if (outcome.code !== undefined) {
    expect(result).toMatchObject({ code: outcome.code });
    expect((result as Error).message).toContain(outcome.says);
    expect((result as Error).message).not.toContain('\u001b');
    return;
  }
  if (result instanceof Error) throw result;
  expect(flawsOf(result.snapshot)).toEqual(outcome.flaws);
  if (outcome.remark === undefined)
    expect(result.remarks.filter((remark) => !remark.includes('answer nothing'))).toEqual([]);
  else expect(result.remarks.join('\n')).toContain(outcome.remark);
}

async function observeAndTake(
  server: Server,
): Promise<Error | { readonly snapshot: Snapshot; readonly remarks: readonly string[] }> {
  try {
    const observation = await observer.observe(server, new AbortController().signal);
    return { snapshot: takeSnapshot(observation, server), remarks: observation.remarks };
  } catch (error) {
    return error as Error;
  }
}

function flawsOf(snapshot: Snapshot): readonly string[] {
  return [...new Set(snapshot.definitions.flatMap(({ flaws }) => flaws.map(({ code }) => code)))].sort();
}

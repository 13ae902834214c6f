import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { ChangeRequest } from '../../src/model/change-request.js';
import { DEFAULT_POLICY } from '../../src/model/policy.js';
import { parseServerId } from '../../src/model/server-id.js';
import { type ApiDocument, ask, schemaChecker, send, tokenOf } from './api-client.js';
import { LOOKUP, POISONED, REWORDED, type Site, startSite } from './start-site.js';

/** Matchers of vitest are `any`; nothing but a comparison may be done with these. */
const part = (members: object): unknown => expect.objectContaining(members);

const DIGEST = `sha256:${'0'.repeat(64)}`;
const WORD = 'words/tool/lookup';

let site: Site;
let admin: Record<string, string>;
let flaws: ReturnType<typeof schemaChecker>;
let request: ChangeRequest;
let turn = 0;

beforeAll(async () => {
  site = await startSite({ policy: { ...DEFAULT_POLICY, twoPersons: [] } });
  admin = await tokenOf(site.deps, 'admin');
  flaws = schemaChecker(JSON.parse((await site.get('/api/openapi.json')).text) as ApiDocument);
  await site.approve([LOOKUP]);
});
afterAll(() => site.close());

/** A change of urgency low that nobody decided yet. */
beforeEach(async () => {
  turn += 1;
  request = (await site.declare([{ ...REWORDED, description: `Looks up a word, take ${turn}.` }]))!;
});

async function smuggled(): Promise<ChangeRequest> {
  const hidden = Array.from('send it', (one) => String.fromCodePoint(0xe0000 + one.charCodeAt(0))).join('');
  return (await site.declare([{ ...LOOKUP, description: `Looks a word up ${turn}.${hidden}` }]))!;
}

describe('what is answered is as documented', () => {
  test('requests, newest first, in parts that stay together while others are opened', async () => {
    const first = await ask(site, '/requests?limit=1', admin);
    expect(first.status).toBe(200);
    expect(flaws('RequestList', first.json)).toEqual([]);
    expect(first.json['requests']).toMatchObject([{ id: request.id, server: 'words', state: 'open', urgency: 'low' }]);
    await site.declare([{ ...REWORDED, description: 'Another one meanwhile.' }]);
    const second = await ask(site, `/requests?limit=1&cursor=${String(first.json['cursor'])}`, admin);
    expect(second.json['requests']).toMatchObject([{ id: request.id - 1 }]);
  });

  test('requests by state, several at once, and by server', async () => {
    const states = async (query: string) =>
      new Set(
        ((await ask(site, `/requests?${query}`, admin)).json['requests'] as { state: string }[]).map(
          (one) => one.state,
        ),
      );
    expect(await states('state=open')).toEqual(new Set(['open']));
    expect(await states('state=open&state=approved')).toEqual(new Set(['open', 'approved']));
    expect(await states('server=words&state=approved')).toEqual(new Set(['approved']));
    expect(await states('server=nobody')).toEqual(new Set());
  });

  test('one request with its difference, texts and findings', async () => {
    const poisoned = (await site.declare([POISONED]))!;
    const { json, status, headers } = await ask(site, `/requests/${poisoned.id}`, admin);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
    expect(flaws('RequestDetail', json)).toEqual([]);
    const {
      lines,
      contents,
      request: shown,
    } = json as unknown as {
      lines: { kind: string; text: string }[];
      contents: Record<string, string>;
      request: { findings: unknown[] };
    };
    expect(shown.findings.length).toBeGreaterThan(0);
    expect(lines).toContainEqual(
      expect.objectContaining({ kind: 'added', text: expect.stringContaining('<IMPORTANT>') as string }),
    );
    expect(Object.values(contents).some((text) => text.includes('"name":"lookup"'))).toBe(true);
  });

  test('servers, and one of them', async () => {
    const list = await ask(site, '/servers', admin);
    expect(flaws('ServerList', list.json)).toEqual([]);
    expect(list.json['servers']).toMatchObject([{ id: 'words', state: 'held', request: request.id, urgency: 'low' }]);
    const one = await ask(site, '/servers/words', admin);
    expect(flaws('ServerDetail', one.json)).toEqual([]);
    expect(one.json).toMatchObject({ id: 'words', provenance: { command: 'words' }, posture: { firstUse: 'hold' } });
  });

  test('versions of a definition, and two of them compared', async () => {
    const list = await ask(site, `/definitions/${encodeURIComponent(WORD)}/versions`, admin);
    expect(list.status).toBe(200);
    expect(flaws('VersionList', list.json)).toEqual([]);
    const versions = (list.json as unknown as { versions: { version: string }[] }).versions.map((one) => one.version);
    const query = new URLSearchParams({ ref: WORD, from: versions[0]!, to: versions[1]! }).toString();
    const compared = await ask(site, `/compare?${query}`, admin);
    expect(flaws('Comparison', compared.json)).toEqual([]);
    expect(compared.json).toMatchObject({ ref: WORD, changes: [{ class: 'wording' }] });
    expect(JSON.stringify(compared.json)).not.toContain('change request 0');
  });

  test('the name of a definition may hold anything', async () => {
    const name = 'a/b%20c d?é#1';
    await site.declare([{ ...LOOKUP, name }]);
    const ref = 'words/tool/a%2Fb%2520c%20d%3F%C3%A9%231';
    const { status, json } = await ask(site, `/definitions/${encodeURIComponent(ref)}/versions`, admin);
    expect(status).toBe(200);
    expect(json).toMatchObject({ ref });
  });

  test('the audit log in parts, filtered', async () => {
    const { json } = await ask(site, '/audit?limit=2', admin);
    expect(flaws('AuditList', json)).toEqual([]);
    const { entries, before } = json as unknown as { entries: { index: number }[]; before: number };
    expect(before).toBe(entries[1]!.index);
    const older = await ask(site, `/audit?limit=1&before=${before}`, admin);
    expect(older.json['entries']).toMatchObject([{ index: before - 1 }]);
    const opened = await ask(site, '/audit?type=request-opened&server=words', admin);
    expect(new Set((opened.json['entries'] as { type: string }[]).map(({ type }) => type))).toEqual(
      new Set(['request-opened']),
    );
    expect((await ask(site, '/audit?server=nobody', admin)).json).toEqual({ entries: [], before: null });
    expect((await ask(site, '/audit?since=2999-01-01T00:00:00Z', admin)).json['entries']).toEqual([]);
  });

  test('what clients called, in parts, filtered, and not for viewers', async () => {
    const call = {
      at: site.deps.clock.now().toISOString(),
      server: parseServerId('words'),
      subject: 'local',
      client: undefined,
      kind: 'tool',
      version: undefined,
      decision: 'refused',
      code: 'NOT_APPROVED',
      parameters: '{"arguments":{"a":1}}',
    } as const;
    for (const name of ['a', 'b', 'c']) await site.deps.callLog!.asked({ ...call, name });
    const { json } = await ask(site, '/calls?limit=2', admin);
    expect(flaws('CallList', json)).toEqual([]);
    expect(json).toMatchObject({
      calls: [{ name: 'c', parameters: { arguments: { a: 1 } }, answer: null }, { name: 'b' }],
      before: 1,
    });
    expect((await ask(site, '/calls?before=1', admin)).json).toMatchObject({ calls: [{ name: 'a' }], before: null });
    expect((await ask(site, '/calls?decision=passed', admin)).json['calls']).toEqual([]);
    expect((await ask(site, '/calls', await tokenOf(site.deps, 'vera', 'viewer'))).status).toBe(403);
  });

  test('the proof of the audit log is the one that is checked offline', async () => {
    const { status, text, headers } = await ask(site, '/audit/proof', admin);
    expect(status).toBe(200);
    expect(headers['content-disposition']).toBe('attachment; filename="sealwatch-audit-proof.jsonl"');
    expect(text).toBe(await site.store.exportAudit());
  });

  test('the overview, deliveries, and who one is', async () => {
    const overview = await ask(site, '/overview?days=7', admin);
    expect(flaws('Overview', overview.json)).toEqual([]);
    expect(overview.json['drift']).toHaveLength(7);
    const deliveries = await ask(site, '/deliveries?state=dead&limit=5', admin);
    expect(flaws('DeliveryList', deliveries.json)).toEqual([]);
    const me = await ask(site, '/me', admin);
    expect(flaws('Me', me.json)).toEqual([]);
    expect(me.json).toEqual({
      id: 'api-token:admin',
      name: 'admin',
      how: 'api-token',
      grants: [{ role: 'admin', servers: ['*'] }],
    });
  });

  test('a delivery that was given up is sent again', async () => {
    const subject = { kind: 'channel-failed', channel: 'mail', message: 'it fails' } as const;
    const to = [{ channel: 'pager', recipient: 'ops' }];
    const now = new Date().toISOString();
    await site.store.raise([{ subject, urgency: 'high', dedupKey: `test ${turn}`, to }], now);
    const [due] = await site.store.claimDeliveries(now, new Date(Date.now() + 60_000).toISOString(), 1);
    await site.store.markFailed(due!.id, { message: 'refused', nextAttemptAt: undefined }, []);
    const dead = await ask(site, '/deliveries?state=dead', admin);
    expect(flaws('DeliveryList', dead.json)).toEqual([]);
    expect(dead.json['deliveries']).toMatchObject([{ id: due!.id, state: 'dead', message: 'refused' }]);
    const again = await send(site, `/deliveries/${due!.id}/retry`, {}, admin);
    expect(again.json).toEqual({ delivery: due!.id });
    expect((await send(site, `/deliveries/${due!.id}/retry`, {}, admin)).status).toBe(404);
  });
});

describe('deciding', () => {
  test('approves what was read, by the name of the token', async () => {
    const body = { digest: request.digest, decision: 'approve', comment: 'Fine.' };
    const { status, json } = await send(site, `/requests/${request.id}/decision`, body, admin);
    expect(status).toBe(200);
    expect(flaws('Request', json)).toEqual([]);
    expect(json).toMatchObject({ state: 'approved', settledBy: 'admin (api-token)', comment: 'Fine.' });
  });

  test('of 1,000 approvals by several people at once, exactly one is taken', async () => {
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, index) => tokenOf(site.deps, `person-${turn}-${index}`)),
    );
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => {
        const body = { digest: request.digest, decision: 'approve' };
        return send(site, `/requests/${request.id}/decision`, body, people[index % people.length]!);
      }),
    );
    const taken = answers.filter(({ status }) => status === 200);
    expect(taken).toHaveLength(1);
    for (const { status, json } of answers.filter((answer) => answer !== taken[0]))
      expect([status, json]).toEqual([409, { error: part({ code: 'APPROVAL_SETTLED' }) }]);
    const approvals = await ask(site, '/audit?type=request-approved&limit=100', admin);
    const ofThis = (approvals.json['entries'] as readonly { details: { request: number } }[]).filter(
      ({ details }) => details.request === request.id,
    );
    expect(ofThis).toHaveLength(1);
  });

  test('what was settled is not settled again, and what moved on is stale', async () => {
    const body = { digest: request.digest, decision: 'reject' };
    expect((await send(site, `/requests/${request.id}/decision`, body, admin)).status).toBe(200);
    const again = await send(site, `/requests/${request.id}/decision`, body, admin);
    expect(again).toMatchObject({ status: 409, json: { error: { code: 'APPROVAL_SETTLED' } } });
    expect(flaws('Error', again.json)).toEqual([]);
    const next = (await site.declare([{ ...REWORDED, description: `Moved on ${turn}.` }]))!;
    const stale = await send(site, `/requests/${next.id}/decision`, { digest: DIGEST, decision: 'approve' }, admin);
    expect(stale).toMatchObject({ status: 409, json: { error: { code: 'APPROVAL_STALE' } } });
    expect((await site.store.getRequest(next.id))?.state).toBe('open');
  });

  test('a critical change is not decided among others unread, and reading it with a token counts', async () => {
    const { id, digest } = (await site.declare([{ ...POISONED, description: `${POISONED.description} ${turn}` }]))!;
    const body = {
      items: [
        { request: id, digest },
        { request: 99_999, digest },
      ],
      decision: 'approve',
    };
    const unread = await send(site, '/decisions', body, admin);
    expect(flaws('OutcomeList', unread.json)).toEqual([]);
    expect(unread.json['outcomes']).toMatchObject([
      { request: id, settled: null, error: { code: 'APPROVAL_REFUSED' } },
      { request: 99_999, settled: null, error: { code: 'NOT_FOUND' } },
    ]);
    await site.get(`/api/v1/requests/${id}`, admin, 'HEAD');
    expect((await send(site, '/decisions', body, admin)).json['outcomes']).toMatchObject([{ settled: null }, {}]);
    await ask(site, `/requests/${id}`, admin);
    const read = await send(site, '/decisions', body, admin);
    expect(read.json['outcomes']).toMatchObject([{ settled: { state: 'approved' }, error: null }, { settled: null }]);
  });

  test.each([
    ['a neighbouring host', { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'image' }],
    ['a link on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }],
    ['a prefetch', { 'sec-fetch-site': 'same-origin', 'sec-purpose': 'prefetch' }],
  ])('with a cookie, %s has not read it', async (_, headers) => {
    const { id, digest } = (await site.declare([{ ...POISONED, description: `${POISONED.description} ${turn}` }]))!;
    const cookie = await site.as();
    await ask(site, `/requests/${id}`, { cookie, ...headers });
    const body = { items: [{ request: id, digest }], decision: 'approve' };
    const refused = await send(site, '/decisions', body, { cookie, origin: site.url });
    expect(refused.json['outcomes']).toMatchObject([{ error: { code: 'APPROVAL_REFUSED' } }]);
    await ask(site, `/requests/${id}`, { cookie, 'sec-fetch-site': 'none' });
    const taken = await send(site, '/decisions', body, { cookie, origin: site.url });
    expect(taken.json['outcomes']).toMatchObject([{ settled: { state: 'approved' } }]);
  });

  test('waives a finding, and answers with what is asked then', async () => {
    const blocked = await smuggled();
    const finding = blocked.findings.find(({ blocks }) => blocks)!;
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const body = { ref: finding.refText, rule: finding.rule, reason: 'Our own test.', expiresAt };
    const { status, json } = await send(site, `/requests/${blocked.id}/waivers`, body, admin);
    expect(status).toBe(200);
    expect(flaws('Waived', json)).toEqual([]);
    const server = await ask(site, '/servers/words', admin);
    expect(flaws('ServerDetail', server.json)).toEqual([]);
    expect(server.json['waivers']).toContainEqual(
      expect.objectContaining({ rule: finding.rule, by: 'admin (api-token)' }),
    );
  });

  test('keeps a comment', async () => {
    const { json } = await send(site, `/requests/${request.id}/comments`, { text: ' Asked them. ' }, admin);
    expect(flaws('CommentList', json)).toEqual([]);
    expect(json['comments']).toMatchObject([{ by: 'admin (api-token)', text: 'Asked them.' }]);
    expect((await ask(site, `/requests/${request.id}/comments`, admin)).json).toEqual(json);
  });
});

describe('input that is not as documented is refused, with the place of the mistake', () => {
  const decision = '/requests/1/decision';
  const hostile = '\u202e\u001b[31m<script>';
  test.each<readonly [string, unknown, string]>([
    [decision, {}, 'body/digest'],
    [decision, { digest: 'sha256:abc', decision: 'approve' }, 'body/digest'],
    [decision, { digest: DIGEST, decision: 'approved' }, 'body/decision'],
    [decision, { digest: DIGEST, decision: hostile }, 'body/decision'],
    [decision, { digest: DIGEST, decision: 'approve', comment: '' }, 'body/comment'],
    [decision, { digest: DIGEST, decision: 'approve', comment: 'x'.repeat(2_001) }, 'body/comment'],
    [decision, { digest: DIGEST, decision: 'approve', only: [] }, 'body/only'],
    [decision, { digest: DIGEST, decision: 'approve', actor: 'root' }, 'body'],
    [decision, { digest: DIGEST, decision: 'approve', [hostile]: 1 }, 'body'],
    [decision, `{"digest":"${DIGEST}","decision":"approve","__proto__":{}}`, 'body'],
    [decision, [], 'body'],
    [decision, 'null', 'body'],
    [decision, '{', 'body'],
    [decision, '', 'body'],
    ['/decisions', { items: [], decision: 'approve' }, 'body/items'],
    ['/decisions', { items: [{ request: '1', digest: DIGEST }], decision: 'approve' }, 'body/items/0/request'],
    ['/decisions', { items: [{ request: 1.5, digest: DIGEST }], decision: 'approve' }, 'body/items/0/request'],
    ['/requests/1/waivers', { ref: WORD, rule: 'x', reason: ' ', expiresAt: '2027-01-01T00:00:00Z' }, 'body/reason'],
    ['/requests/1/waivers', { ref: WORD, rule: 'x', reason: 'y', expiresAt: 'tomorrow' }, 'body/expiresAt'],
    ['/requests/1/comments', { text: 1 }, 'body/text'],
    ['/deliveries/1/retry', { force: true }, 'body'],
  ])('POST %s %j', async (path, body, place) => {
    const { status, json, text } = await send(site, path, body, admin);
    expect(status).toBe(400);
    expect(flaws('Error', json)).toEqual([]);
    expect(json['error']).toMatchObject({ code: 'REQUEST_INVALID', path: place });
    expect(text).not.toContain('\u202e');
    expect(text).not.toContain('u001b');
  });

  test.each([
    ['/requests?state=shut', 'query/state/0'],
    ['/requests?limit=0', 'query/limit'],
    ['/requests?limit=101', 'query/limit'],
    ['/requests?limit=1e1', 'query/limit'],
    ['/requests?limit=5&limit=6', 'query/limit'],
    ['/requests?cursor=-1', 'query/cursor'],
    ['/requests?stat=open', 'query'],
    ['/requests?__proto__=1', 'query'],
    ['/servers?x=1', 'query'],
    ['/audit?type=nothing', 'query/type/0'],
    ['/audit?since=yesterday', 'query/since'],
    ['/overview?days=367', 'query/days'],
    ['/compare?ref=words/tool/lookup&from=x', 'query/to'],
  ])('GET %s', async (path, place) => {
    const { status, json } = await ask(site, path, admin);
    expect(status).toBe(400);
    expect(json['error']).toMatchObject({ code: 'REQUEST_INVALID', path: place });
  });

  test('what names no definition is refused with its own code', async () => {
    const { status, json } = await ask(site, '/compare?ref=nothing&from=a&to=b', admin);
    expect({ status, json }).toMatchObject({ status: 400, json: { error: { code: 'REF_INVALID' } } });
  });

  test('bytes that are no UTF-8 are no JSON', async () => {
    const response = await fetch(`${site.url}/api/v1/requests/1/comments`, {
      method: 'POST',
      headers: { ...admin, 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect(response.status).toBe(400);
  });

  test.each([
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    undefined,
  ])('the content type %s is refused', async (type) => {
    const body = { digest: request.digest, decision: 'approve' };
    const { status, json } = await send(site, `/requests/${request.id}/decision`, body, {
      ...admin,
      'content-type': type,
    });
    expect({ status, json }).toMatchObject({ status: 415, json: { error: { code: 'CONTENT_TYPE_REFUSED' } } });
    expect((await site.store.getRequest(request.id))?.state).toBe('open');
  });

  test('a body that is too large is refused as JSON', async () => {
    const { status, json } = await send(site, `/requests/${request.id}/comments`, { text: 'x'.repeat(140_000) }, admin);
    expect({ status, json }).toMatchObject({ status: 413, json: { error: { code: 'REQUEST_TOO_LARGE' } } });
    expect(flaws('Error', json)).toEqual([]);
  });
});

test('the examples in the document are as it says', async () => {
  const document = JSON.parse((await site.get('/api/openapi.json')).text) as ApiDocument;
  const named = Object.entries(document.components.schemas as Record<string, { examples?: unknown[] }>);
  const shown = named.flatMap(([name, { examples = [] }]) => examples.flatMap((example) => flaws(name, example)));
  expect(shown).toEqual([]);
  expect(named.filter(([, { examples }]) => examples !== undefined).length).toBe(5);
});

test.each(['/api', '/api/', '/api/v1', '/api/v2/me', '/api/v1/tools/call', '/api/v1/requests/0', '/api/v1/requests/x'])(
  '%s is nowhere, and says so in JSON',
  async (path) => {
    const { status, text } = await site.get(path, path === '/api' ? {} : admin);
    expect(status).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  },
);

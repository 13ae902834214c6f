import { z } from 'zod';

import { compareVersions, loadHistory } from '../../monitor/compare-versions.js';
import { loadServer } from '../../monitor/server-detail.js';
import { listServers } from '../../monitor/servers.js';
import { changeJson, findingJson } from '../../render/request-json.js';
import { requestLines } from '../../render/request-lines.js';
import { defineOperation, type Operation } from './operation.js';
import { REF, SERVER_ID, VERSION } from './schemas.js';
import { seenJson, serverJson, summaryJson } from './server-json.js';
import { COMPARISON, SERVER_DETAIL, SERVER_LIST, VERSION_LIST } from './server-schemas.js';

/** Characters of a line of the rendered difference, as on the page. */
const LINE_WIDTH = 100;
/** The title, which names a request that there is not, and the empty line after it. */
const TITLE_LINES = 2;

const VIEWER = 'viewer of the server; what you may not see is as if it were not there';

const list = defineOperation({
  path: '/servers',
  id: 'listServers',
  tag: 'Servers',
  summary: 'List servers, worst first',
  role: 'viewer; servers that you may not see are left out',
  refusals: [],
  response: SERVER_LIST,
  handle: async (_, { principal, site }) => ({
    servers: (await listServers(principal, site.servers, site.deps)).map(summaryJson),
  }),
});

const get = defineOperation({
  path: '/servers/{id}',
  id: 'getServer',
  tag: 'Servers',
  summary: 'Read what is known about a server',
  role: VIEWER,
  refusals: [404],
  params: z.strictObject({ id: SERVER_ID }),
  response: SERVER_DETAIL,
  handle: async ({ params }, { principal, site }) =>
    serverJson(await loadServer(principal, params.id, site.servers, site.deps)),
});

const versions = defineOperation({
  path: '/definitions/{ref}/versions',
  id: 'listVersions',
  tag: 'Servers',
  summary: 'List every version of a definition that was ever seen',
  description: 'The reference is one segment of the path: its slashes are written as `%2F`.',
  role: VIEWER,
  refusals: [404],
  params: z.strictObject({ ref: REF }),
  response: VERSION_LIST,
  handle: async ({ params }, { principal, site }) => {
    const history = await loadHistory(principal, params.ref, site.deps);
    const seen = history.versions.map((one) => ({ ...seenJson(one), content: one.content }));
    return { ref: history.refText, versions: seen };
  },
});

const compare = defineOperation({
  path: '/compare',
  id: 'compareVersions',
  tag: 'Servers',
  summary: 'Compare two versions of a definition',
  role: VIEWER,
  refusals: [404],
  query: z.strictObject({ ref: REF.max(10_000), from: VERSION.max(300), to: VERSION.max(300) }),
  response: COMPARISON,
  handle: async ({ query }, { principal, site }) => {
    const { ref, from, to } = query;
    const compared = await compareVersions(principal, { refText: ref, from, to }, site.deps);
    const { request, contents } = compared.view;
    return {
      ref: compared.refText,
      from,
      to,
      changes: request.changes.map(changeJson),
      findings: request.findings.map(findingJson),
      lines: requestLines(compared.view, { width: LINE_WIDTH }).slice(TITLE_LINES),
      contents: Object.fromEntries(contents),
    };
  },
});

export const SERVER_OPERATIONS: readonly Operation[] = [list, get, versions, compare];

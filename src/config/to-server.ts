import { resolve } from 'node:path';

import { messageOf } from '../errors.js';
import {
  type CallLimits,
  type CallRate,
  type CallView,
  type CircuitSettings,
  DEFAULT_CALL_LIMITS,
  DEFAULT_CIRCUIT,
} from '../model/call-limits.js';
import type { Allowlist } from '../model/allowlist.js';
import { DEFAULT_LIMITS, type Limits } from '../model/limits.js';
import { DEFAULT_POSTURE, type PostureSettings } from '../model/posture.js';
import { type Connection, DEFAULT_GATEWAY, type Launch, type Server } from '../model/server.js';
import { parseServerId, type ServerId } from '../model/server-id.js';
import type { TierSettings } from '../model/tier.js';
import { isLoopback } from './is-loopback.js';
import { parseDays, parseDuration, parseSchedule, parseTimeZone } from './parse-schedule.js';
import { parseUrl } from './parse-url.js';
import type { Path, Problems } from './problems.js';
import type { ConfigFile, ServerEntry } from './schema.js';
import { toMasks } from './to-masks.js';
import { toOAuth } from './to-oauth.js';
import { toProvenance, transportOf } from './to-provenance.js';
import { toTls } from './to-tls.js';
import { toVantages } from './to-vantages.js';

/** What all entries share. */
export interface ServerDefaults {
  /** The folder of the configuration file: relative paths start there. */
  readonly folder: string;
  readonly defaults: NonNullable<ConfigFile['defaults']>;
  readonly allowlist: Allowlist | undefined;
  /** Whether the policy asks something of packages: then each is looked at. */
  readonly recordsPackages: boolean;
}

/**
 * Returns the server that an entry describes; `undefined` where it has mistakes, which are noted.
 *
 * @param written the entry as in the file, `entry` the same with its variables filled in.
 */
export function toServer(
  name: string,
  written: ServerEntry,
  entry: ServerEntry,
  shared: ServerDefaults,
  problems: Problems,
): Server | undefined {
  const path = ['servers', name];
  const before = problems.count();
  const id = toServerId(name, problems);
  const connection = toConnection(entry, path, shared.folder, problems);
  const volatile = toMasks(written.volatile ?? [], [...path, 'volatile'], problems);
  const vantages = toVantages(entry, [...path, 'vantages'], problems);
  const timing = toTiming(entry, path, shared.defaults, problems);
  if (id === undefined || connection === undefined || timing === undefined || problems.count() > before)
    return undefined;
  const runsApproved = entry.package?.run === 'approved';
  return {
    id,
    connection,
    provenance: toProvenance(written, entry),
    allowlist: shared.allowlist,
    limits: toLimits(shared.defaults.limits, entry.limits),
    volatile,
    vantages,
    firstUse: entry.firstUse ?? shared.defaults.firstUse ?? 'hold',
    labels: entry.labels ?? {},
    ...(entry.package?.record === true || runsApproved || shared.recordsPackages ? { recordsPackage: true } : {}),
    ...(runsApproved ? { runsApproved: entry.package?.trial ?? 'isolated' } : {}),
    gateway: toGateway(entry, shared.defaults),
    ...timing,
  };
}

function toGateway(entry: ServerEntry, defaults: ServerDefaults['defaults']): Server['gateway'] {
  const { mode, outputs, inFlight, tiers } = { ...defaults.gateway, ...entry.gateway };
  return {
    mode: mode ?? DEFAULT_GATEWAY.mode,
    outputs: outputs ?? DEFAULT_GATEWAY.outputs,
    inFlight: inFlight ?? DEFAULT_GATEWAY.inFlight,
    calls: toCallLimits(defaults.gateway?.calls, entry.gateway?.calls),
    circuit: toCircuit({ ...defaults.gateway?.circuit, ...entry.gateway?.circuit }),
    tiers: toTiers(tiers),
  };
}

/** A server's replace those of the defaults, whole. */
function toTiers(entry: NonNullable<ServerEntry['gateway']>['tiers']): TierSettings | undefined {
  if (entry === undefined) return undefined;
  const { read = [], write = [], dangerous = [], annotations = 'approved' } = entry;
  return { read, write, dangerous, annotations };
}

function toCircuit(entry: NonNullable<NonNullable<ServerEntry['gateway']>['circuit']>): CircuitSettings {
  const { failures = DEFAULT_CIRCUIT.failures, openMs = DEFAULT_CIRCUIT.openMs } = entry;
  return { failures, openMs };
}

type CallsEntry = NonNullable<ServerEntry['gateway']>['calls'];

function toCallLimits(shared: CallsEntry, own: CallsEntry): CallLimits {
  const number = (name: 'timeoutMs' | 'maxRequestBytes' | 'maxResultBytes'): number =>
    own?.[name] ?? shared?.[name] ?? DEFAULT_CALL_LIMITS[name];
  const rate = (view: CallView): CallRate => ({
    perMinute: own?.[view]?.perMinute ?? shared?.[view]?.perMinute ?? DEFAULT_CALL_LIMITS[view].perMinute,
    atOnce: own?.[view]?.atOnce ?? shared?.[view]?.atOnce ?? DEFAULT_CALL_LIMITS[view].atOnce,
    perDay: own?.[view]?.perDay ?? shared?.[view]?.perDay,
  });
  return {
    subject: rate('subject'),
    tool: rate('tool'),
    server: rate('server'),
    timeoutMs: number('timeoutMs'),
    maxRequestBytes: number('maxRequestBytes'),
    maxResultBytes: number('maxResultBytes'),
  };
}

/** Returns the entry's name as an id; notes a name that is none together with one that would be. */
export function toServerId(name: string, problems: Problems): ServerId | undefined {
  try {
    return parseServerId(name);
  } catch (error) {
    const suggestion = suggestServerId(name);
    const hint = suggestion === '' ? '' : `: try ${suggestion}`;
    problems.add({
      code: 'SERVER_ID_INVALID',
      path: ['servers', name],
      message: `${messageOf(error)}${hint}`,
      at: 'key',
    });
    return undefined;
  }
}

/** Returns the id that is nearest to a name of any form; empty where there is nothing left of it. */
export function suggestServerId(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

function toConnection(entry: ServerEntry, path: Path, folder: string, problems: Problems): Connection | undefined {
  const launch = toLaunch(entry, folder);
  if (entry.url === undefined) {
    if (launch === undefined) problems.add(invalid(path, 'needs a command (a program to start) or a url', 'key'));
    checkStdio(entry, path, problems);
    return launch && { kind: 'stdio', launch };
  }
  if (entry.type === 'stdio')
    problems.add(invalid([...path, 'type'], 'is stdio, but the entry has a url: leave out one of the two'));
  checkLaunchKeys(entry, launch, path, problems);
  checkUrl(entry, entry.url, launch !== undefined, [...path, 'url'], problems);
  return {
    kind: 'http',
    url: entry.url,
    headers: toHeaders(entry, path, problems),
    transport: transportOf(entry.type),
    oauth: toOAuth(entry, path, folder, problems),
    tls: toTls(entry, path, folder, problems),
    network: entry.network ?? 'public',
    posture: toPosture(entry, launch !== undefined, [...path, 'posture'], problems),
    launch,
  };
}

function toPosture({ posture }: ServerEntry, isLaunched: boolean, path: Path, problems: Problems): PostureSettings {
  if (posture !== undefined && isLaunched)
    problems.add(invalid(path, 'is for servers of others, and this one is started by us', 'key'));
  const { record, probes, minimumProtocol } = { ...posture };
  return {
    isRecorded: record ?? DEFAULT_POSTURE.isRecorded,
    probes: probes ?? DEFAULT_POSTURE.probes,
    minimumProtocol: minimumProtocol ?? DEFAULT_POSTURE.minimumProtocol,
  };
}

function toLaunch(entry: ServerEntry, folder: string): Launch | undefined {
  if (entry.command === undefined) return undefined;
  return {
    command: entry.command,
    args: entry.args ?? [],
    env: entry.env ?? {},
    cwd: resolve(folder, entry.cwd ?? '.'),
  };
}

function checkStdio(entry: ServerEntry, path: Path, problems: Problems): void {
  for (const key of HTTP_KEYS)
    if (entry[key] !== undefined)
      problems.add(invalid([...path, key], 'belongs to a url, and the entry has none', 'key'));
  if (entry.type !== undefined && entry.type !== 'stdio' && entry.command !== undefined)
    problems.add(invalid([...path, 'type'], `is ${entry.type}, but the entry has no url`));
}

/** They say how an address is connected to. */
const HTTP_KEYS = [
  'headers',
  'plainHttp',
  'network',
  'pins',
  'oauth',
  'minimumTls',
  'ca',
  'cert',
  'key',
  'posture',
] as const;

function checkLaunchKeys(entry: ServerEntry, launch: Launch | undefined, path: Path, problems: Problems): void {
  if (entry.package?.run === 'approved' && entry.url !== undefined)
    problems.add(
      invalid([...path, 'package', 'run'], 'approved is for servers that are talked to over standard input and output'),
    );
  if (launch !== undefined) return;
  for (const key of ['args', 'env', 'cwd', 'package'] as const)
    if (entry[key] !== undefined)
      problems.add(invalid([...path, key], 'belongs to a command, and the entry has none', 'key'));
}

/** The address is not repeated in a message: a variable in it may be a secret. */
function checkUrl(entry: ServerEntry, url: string, isLaunched: boolean, path: Path, problems: Problems): void {
  const refuse = (message: string): void => {
    problems.add(invalid(path, message));
  };
  const parsed = parseUrl(url.replaceAll('{port}', '1'));
  if (url.includes('{port}') && !isLaunched) {
    refuse('{port} needs a command: it is the port of a server that Sealwatch starts');
  } else if (parsed === undefined) {
    refuse('must be an http:// or https:// address');
  } else if (parsed.username !== '' || parsed.password !== '') {
    refuse('must not contain a user or password: put them into headers, from a variable');
  } else if (isLaunched && !isLoopback(parsed.hostname)) {
    refuse('must be an address of this machine, where the command is started (127.0.0.1, ::1, localhost)');
  } else if (parsed.protocol === 'http:' && !isLoopback(parsed.hostname) && entry.plainHttp !== true) {
    refuse(
      'is plain http to another machine, where anybody on the way can change the answer: use https://, or write "plainHttp: true" to accept that',
    );
  }
}

function toHeaders(entry: ServerEntry, path: Path, problems: Problems): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(entry.headers ?? {})) {
    const place = [...path, 'headers', name];
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) problems.add(invalid(place, 'is not a name for a header', 'key'));
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      problems.add(invalid(place, 'has a line break or a character that a header cannot carry'));
  }
  return entry.headers ?? {};
}

function toTiming(
  entry: ServerEntry,
  path: Path,
  defaults: ServerDefaults['defaults'],
  problems: Problems,
): Pick<Server, 'schedule' | 'maxUncheckedMs' | 'reviewEveryMs'> | undefined {
  const own = (key: 'schedule' | 'maxUnchecked' | 'timeZone' | 'reviewEvery'): Path =>
    entry[key] === undefined && defaults[key] !== undefined ? ['defaults', key] : [...path, key];
  const zone = entry.timeZone ?? defaults.timeZone;
  const timeZone = problems.attempt(own('timeZone'), () => (zone === undefined ? undefined : parseTimeZone(zone)));
  const schedule = problems.attempt(own('schedule'), () =>
    parseSchedule(entry.schedule ?? defaults.schedule ?? '5m', timeZone),
  );
  const maxUncheckedMs = problems.attempt(own('maxUnchecked'), () =>
    parseDuration(entry.maxUnchecked ?? defaults.maxUnchecked ?? '24h'),
  );
  const review = entry.reviewEvery ?? defaults.reviewEvery;
  const reviewEveryMs = problems.attempt(own('reviewEvery'), () =>
    review === undefined ? undefined : parseDays(review),
  );
  return schedule === undefined || maxUncheckedMs === undefined
    ? undefined
    : { schedule, maxUncheckedMs, reviewEveryMs };
}

function toLimits(defaults: ServerEntry['limits'], own: ServerEntry['limits']): Limits {
  const given = Object.entries({ ...defaults, ...own }).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...(Object.fromEntries(given) as Partial<Limits>) };
}

function invalid(path: Path, message: string, at?: 'key'): Parameters<Problems['add']>[0] {
  return { code: 'CONFIG_INVALID', path, message, ...(at === undefined ? {} : { at }) };
}

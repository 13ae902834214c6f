import type { NewAlert } from '../model/alert.js';
import type { RequestedChange } from '../model/change-request.js';
import type { Channel } from '../model/channel.js';
import { URGENCIES, type Urgency } from '../model/drift.js';
import type { Checked, Transition, Unchecked } from '../model/inspection.js';
import type { Server } from '../model/server.js';
import { isRefusal } from '../policy/refusal.js';
import type { Standing } from '../ports.js';
import type { MonitorDeps } from './deps.js';
import { destinationsOn } from './destinations.js';
import { type Due, dueAt, dueGathered } from './due-at.js';
import { routeAlert } from './route.js';

type AlertDeps = Pick<MonitorDeps, 'alerting' | 'channels'>;

type AlertedServer = Pick<Server, 'id' | 'labels'>;

/** What was known about a server before an inspection. */
interface Earlier {
  readonly standing: Pick<Standing, 'open' | 'last'>;
  /** The channels on which the open request was told. */
  readonly toldOn: readonly string[];
}

/**
 * Returns the alerts of an inspection: one when a request opens, one more when it drifts on to something more urgent or is found
 * to be, and at most one more a day where a surface alternates.
 */
export function requestAlerts(
  checked: Checked,
  transition: Transition,
  server: AlertedServer,
  earlier: Earlier,
  deps: AlertDeps,
): readonly NewAlert[] {
  const { requested, at } = checked;
  if (requested === undefined) return [];
  const telling = tellingFor(transition, requested.urgency, earlier, at);
  if (telling === undefined) return [];
  const { urgency } = requested;
  const now = new Date(at);
  // A first run over hundreds of servers is one message to each recipient, and not one for each server.
  const isFirstListing = earlier.standing.last === undefined;
  const due = isFirstListing ? dueGathered(urgency, deps.alerting, now) : dueAt(urgency, deps.alerting, now);
  const all = channelsFor(server, requested, deps);
  // What would reach nobody else than before is no news.
  const channels = telling.toAll ? all : all.filter(({ name }) => !earlier.toldOn.includes(name));
  if (!telling.toAll && channels.length === 0) return [];
  const dedupKey = `request ${checked.server} ${requested.asked} ${telling.key}`;
  return [{ subject: { kind: 'change-request' }, urgency, dedupKey, to: destinationsOn(channels, due) }];
}

/**
 * An outage of our own network makes every server fail within a minute or so: the alerts wait for the next half minute that is
 * at least this far, and go out as one.
 */
const GATHER_MS = 30_000;

/**
 * Returns the alerts of a failed observation: one per outage, one more when we begin to refuse to talk to the server, and one when
 * its definitions fall back to hold.
 */
export function uncheckedAlerts(
  unchecked: Unchecked,
  server: Pick<Server, 'id' | 'labels' | 'maxUncheckedMs'>,
  standing: Pick<Standing, 'outage' | 'last'>,
  deps: AlertDeps,
): readonly NewAlert[] {
  const { code, message } = unchecked;
  const since = standing.outage?.since ?? unchecked.at;
  const checkedAt = standing.last?.at ?? since;
  const atMs = Date.parse(unchecked.at);
  const gatheredAt = new Date(Math.ceil((atMs + GATHER_MS) / GATHER_MS) * GATHER_MS);
  const destinations = (urgency: Urgency): NewAlert['to'] =>
    routedTo(server, urgency, dueGathered(urgency, deps.alerting, gatheredAt), deps);
  const urgency = isRefusal(code) ? 'critical' : 'high';
  const outage: NewAlert = {
    subject: { kind: 'unchecked', server: server.id, since, code, message },
    urgency,
    // An outage that turns out to be another server in its place is told again.
    dedupKey: `${isRefusal(code) ? code : 'unchecked'} ${server.id} ${since}`,
    to: destinations(urgency),
  };
  if (atMs - Date.parse(checkedAt) < server.maxUncheckedMs) return [outage];
  const tooLong: NewAlert = {
    subject: { kind: 'unchecked-too-long', server: server.id, since: checkedAt },
    urgency: 'critical',
    dedupKey: `unchecked too long ${server.id} ${checkedAt}`,
    to: destinations('critical'),
  };
  return [outage, tooLong];
}

/** Returns the alert that says on the other channels, once a day, that one of them fails. */
export function channelAlerts(channel: string, message: string, now: Date, deps: AlertDeps): readonly NewAlert[] {
  const others = deps.channels.filter((other) => other.name !== channel);
  if (others.length === 0) return [];
  const to = destinationsOn(others, dueAt('high', deps.alerting, now));
  const dedupKey = `channel ${channel} ${dayOf(now.toISOString())}`;
  return [{ subject: { kind: 'channel-failed', channel, message }, urgency: 'high', dedupKey, to }];
}

/** So shortly before its end, a certificate is critical whatever the configuration says. */
const LAST_DAY_MS = 24 * 60 * 60_000;

/**
 * Returns the alert about a certificate that ends soon: one on its last day, and for that of our own pages one within the time that
 * the configuration sets (of a server that is a change, @see withCertificateEnd). `of` is a server, or `serve` for the certificate of
 * our own pages; `expiresAt` is ISO 8601.
 */
export function certificateAlerts(
  of: AlertedServer | 'serve',
  expiresAt: string,
  now: Date,
  deps: AlertDeps,
): readonly NewAlert[] {
  const leftMs = Date.parse(expiresAt) - now.getTime();
  if (leftMs > (of === 'serve' ? Math.max(deps.alerting.certificateWarningMs, LAST_DAY_MS) : LAST_DAY_MS)) return [];
  const urgency = leftMs <= LAST_DAY_MS ? 'critical' : 'high';
  const due = dueAt(urgency, deps.alerting, now);
  const to = of === 'serve' ? destinationsOn(deps.channels, due) : routedTo(of, urgency, due, deps);
  const name = of === 'serve' ? of : of.id;
  const dedupKey = `certificate ${of === 'serve' ? 'of the pages' : of.id} ${expiresAt} ${urgency}`;
  return [{ subject: { kind: 'certificate-expires', of: name, expiresAt }, urgency, dedupKey, to }];
}

/** Returns the channels that a request goes to now. */
export function channelsFor(
  { id, labels }: AlertedServer,
  { changes, urgency }: Pick<RequestedChange, 'changes' | 'urgency'>,
  { alerting, channels }: AlertDeps,
): readonly Channel[] {
  const classes = [...new Set(changes.flatMap((change) => [change.class, ...(change.classes ?? [])]))];
  return routeAlert({ server: id, labels, classes, urgency }, alerting, channels);
}

function routedTo(
  { id, labels }: AlertedServer,
  urgency: Urgency,
  due: Due,
  { alerting, channels }: AlertDeps,
): NewAlert['to'] {
  return destinationsOn(routeAlert({ server: id, labels, classes: [], urgency }, alerting, channels), due);
}

/** `key`: what makes it another telling than those before. `toAll`: also to those who were told before. */
interface Telling {
  readonly key: string;
  readonly toAll: boolean;
}

/** Returns `undefined` where there is nothing to tell. */
function tellingFor(transition: Transition, urgency: Urgency, { standing }: Earlier, at: string): Telling | undefined {
  const { open } = standing;
  const isMoreUrgent = URGENCIES.indexOf(urgency) > URGENCIES.indexOf(open?.urgency ?? 'info');
  switch (transition.kind) {
    case 'open':
      return { key: at, toAll: true };
    case 'supersede':
      // A server could begin with a change that a route sends elsewhere, or nowhere, and go on from there without anybody hearing.
      return { key: at, toAll: isMoreUrgent || open === undefined };
    case 'keep':
      // New rules, or another server's tools, can make worse of it what was asked for already.
      return isMoreUrgent ? { key: `request ${transition.request} is ${urgency}`, toAll: true } : undefined;
    case 'reopen':
      // One alert a day for a surface that alternates. Also on the first day: the last that people heard may be that it went back.
      return { key: dayOf(at), toAll: true };
    case 'none':
    case 'withdraw':
      return undefined;
  }
}

function dayOf(at: string): string {
  return at.slice(0, 10);
}

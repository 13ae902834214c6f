import { type Alerting, DEFAULT_ALERTING, type Route, type TimeOfDay } from '../model/alerting.js';
import { quote } from '../quote.js';
import { nearest } from './nearest.js';
import { parseDays, parseDuration, parseTimeZone } from './parse-schedule.js';
import { parseTimeOfDay } from './parse-time-of-day.js';
import type { Path, Problems } from './problems.js';
import type { AlertsEntry, ConfigFile } from './schema.js';

/** What a part of the section is read with. */
interface Context {
  readonly timeZone: string | undefined;
  /** Names of the channels that are configured. */
  readonly channels: readonly string[];
  readonly problems: Problems;
}

/** Returns whom alerts reach and when. `channels` are the names of those that are configured. */
export function toAlerting(entry: ConfigFile['alerts'], channels: readonly string[], problems: Problems): Alerting {
  const { timeZone, atOnce = DEFAULT_ALERTING.atOnce, ...rest } = entry ?? {};
  const zone = timeZone && problems.attempt(['alerts', 'timeZone'], () => parseTimeZone(timeZone));
  const context = { timeZone: zone, channels, problems };
  if (!atOnce.includes('critical')) {
    const message = 'must contain critical: what is critical does not wait for a digest';
    problems.add({ code: 'CONFIG_INVALID', path: ['alerts', 'atOnce'], message });
  }
  return {
    atOnce,
    routes: (rest.routes ?? []).map((route, index) => toRoute(route, ['alerts', 'routes', index], context)),
    digest: toTime(rest.digest, ['alerts', 'digest'], context) ?? { ...DEFAULT_ALERTING.digest, timeZone: zone },
    quietHours: rest.quietHours && toQuietHours(rest.quietHours, context),
    remindAfterMs: toRemindAfter(rest.remindAfter, problems),
    escalation: rest.escalate && toEscalation(rest.escalate, context),
    certificateWarningMs:
      toLength(rest.certificateWarning, ['alerts', 'certificateWarning'], problems) ??
      DEFAULT_ALERTING.certificateWarningMs,
  };
}

function toRoute(entry: NonNullable<AlertsEntry['routes']>[number], path: Path, context: Context): Route {
  checkChannels(entry.channels, [...path, 'channels'], context);
  for (const [index, pattern] of (entry.servers ?? []).entries())
    if (!/^[a-z0-9*-]+$/.test(pattern))
      context.problems.add({
        code: 'CONFIG_INVALID',
        path: [...path, 'servers', index],
        message: `must be a server's id, in which * stands for any characters, is ${quote(pattern, 60)}`,
      });
  return {
    servers: entry.servers,
    labels: entry.labels ?? {},
    classes: entry.classes,
    minimumUrgency: entry.minimumUrgency,
    channels: entry.channels,
  };
}

/** An alert to a channel that is misspelt would reach nobody. */
function checkChannels(names: readonly string[], path: Path, { channels, problems }: Context): void {
  for (const [index, name] of names.entries()) {
    if (channels.includes(name)) continue;
    const close = nearest(name, channels);
    const hint = close === undefined ? '' : `, did you mean ${JSON.stringify(close)}?`;
    const known = channels.length === 0 ? 'none is configured under notify' : `there are: ${channels.join(', ')}`;
    const message = `no channel ${quote(name, 60)}${hint} (${known})`;
    problems.add({ code: 'CONFIG_INVALID', path: [...path, index], message });
  }
}

function toQuietHours(entry: NonNullable<AlertsEntry['quietHours']>, context: Context): Alerting['quietHours'] {
  const path = ['alerts', 'quietHours'];
  const from = toTime(entry.from, [...path, 'from'], context);
  const to = toTime(entry.to, [...path, 'to'], context);
  if (from === undefined || to === undefined) return undefined;
  if (from.hour === to.hour && from.minute === to.minute) {
    const message = 'begin and end at the same time: leave them out, or give them a length';
    context.problems.add({ code: 'CONFIG_INVALID', path, message, at: 'key' });
  }
  return { from, to };
}

function toEscalation(entry: NonNullable<AlertsEntry['escalate']>, context: Context): Alerting['escalation'] {
  checkChannels(entry.channels, ['alerts', 'escalate', 'channels'], context);
  const afterMs = toLength(entry.after, ['alerts', 'escalate', 'after'], context.problems);
  return afterMs === undefined ? undefined : { afterMs, channels: entry.channels };
}

function toRemindAfter(text: string | undefined, problems: Problems): number | undefined {
  if (text === 'never') return undefined;
  return toLength(text, ['alerts', 'remindAfter'], problems) ?? DEFAULT_ALERTING.remindAfterMs;
}

function toTime(text: string | undefined, path: Path, { timeZone, problems }: Context): TimeOfDay | undefined {
  return text === undefined ? undefined : problems.attempt(path, () => parseTimeOfDay(text, timeZone));
}

/** Days set no timer, so there may be more of them than a timer can count. */
function toLength(text: string | undefined, path: Path, problems: Problems): number | undefined {
  if (text === undefined) return undefined;
  return problems.attempt(path, () => (text.endsWith('d') ? parseDays(text) : parseDuration(text)));
}

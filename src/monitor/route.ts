import type { Alerting, Route } from '../model/alerting.js';
import type { Channel } from '../model/channel.js';
import { type ChangeClass, URGENCIES, type Urgency } from '../model/drift.js';
import { matchesPattern } from '../model/pattern.js';

/** What a route can ask about an alert. */
export interface AlertFacts {
  /** `undefined` where it is about Sealwatch itself: a channel that fails, the certificate of its pages. */
  readonly server: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Of every change that it tells; none where it is about no change. */
  readonly classes: readonly ChangeClass[];
  readonly urgency: Urgency;
}

/**
 * Returns the channels that an alert goes to: those of the first route that matches, else every channel from its own minimum
 * urgency on. What is about no server goes to all of them, whatever the routes say.
 *
 * A route silences only by `channels: []`: one that names nothing but channels that do not exist is passed over.
 */
export function routeAlert(
  facts: AlertFacts,
  { routes }: Pick<Alerting, 'routes'>,
  channels: readonly Channel[],
): readonly Channel[] {
  if (facts.server === undefined) return channels;
  const matching = routes.filter((route) => isFor(route, facts));
  for (const route of matching) {
    const named = channels.filter(({ name }) => route.channels.includes(name));
    if (named.length > 0 || route.channels.length === 0) return named;
  }
  return channels.filter(({ minimumUrgency }) => isAtLeast(facts.urgency, minimumUrgency));
}

function isFor({ servers, labels, classes, minimumUrgency }: Route, facts: AlertFacts): boolean {
  const { server = '' } = facts;
  return (
    (servers === undefined || servers.some((pattern) => matchesPattern(pattern, server))) &&
    Object.entries(labels).every(
      ([name, value]) => Object.hasOwn(facts.labels, name) && facts.labels[name] === value,
    ) &&
    (classes === undefined || classes.some((one) => facts.classes.includes(one))) &&
    (minimumUrgency === undefined || isAtLeast(facts.urgency, minimumUrgency))
  );
}

function isAtLeast(urgency: Urgency, minimum: Urgency): boolean {
  return URGENCIES.indexOf(urgency) >= URGENCIES.indexOf(minimum);
}

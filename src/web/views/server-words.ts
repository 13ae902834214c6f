import type { Verdict } from '../../model/decision.js';
import type { Schedule } from '../../model/server.js';
import type { ServerState, ServerSummary } from '../../monitor/servers.js';
import { durationText } from '../../render/duration-text.js';

/** What a state is called on a badge. */
export const STATE_NAMES: Readonly<Record<ServerState, string>> = {
  unchecked: 'could not check',
  blocked: 'blocked',
  held: 'on hold',
  new: 'never checked',
  approved: 'approved',
  'removed-from-configuration': 'not configured',
};

export const VERDICT_NAMES: Readonly<Record<Verdict, string>> = { allow: 'allowed', hold: 'on hold', block: 'blocked' };

/** Returns in a sentence what a server's state means for the agents that use it. */
export function stateSentence({ state, isAllOnHold, outage, open }: ServerSummary): string {
  switch (state) {
    case 'unchecked':
      return isAllOnHold
        ? 'It was not checked for longer than it may be: whatever was approved is on hold until a check succeeds.'
        : `It cannot be checked now${outage === undefined ? '' : ` (${outage.code})`}: what was approved stays allowed for a while.`;
    case 'blocked':
      return 'A rule blocks something of it, which nobody can approve without a waiver.';
    case 'held':
      return open === undefined
        ? 'Something differs from what is approved and was rejected: it stays on hold.'
        : 'Something differs from what is approved, and is on hold until somebody decides.';
    case 'new':
      return 'It was never checked: nothing is known of it, and nothing is allowed.';
    case 'approved':
      return open === undefined
        ? 'Everything that it declares is approved.'
        : 'Everything that it declares is approved; some approvals are due to be looked at again.';
    case 'removed-from-configuration':
      return 'The configuration does not name it any more: it is not checked, and what is known of it is kept.';
  }
}

/** Returns when a server is checked, in words. */
export function scheduleText(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'every':
      return `every ${durationText(schedule.intervalMs)}`;
    case 'cron':
      return `${schedule.expression}${schedule.timeZone === undefined ? '' : ` (${schedule.timeZone})`}`;
  }
}

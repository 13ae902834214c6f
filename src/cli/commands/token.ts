import type { Command } from 'commander';

import { parseDays } from '../../config/parse-schedule.js';
import { SealwatchError } from '../../errors.js';
import { actorText } from '../../model/change-request.js';
import { type Grant, ROLES } from '../../model/principal.js';
import type { ApiToken } from '../../model/session.js';
import { addApiToken, listApiTokens, removeApiToken } from '../../monitor/api-token.js';
import { quote } from '../../quote.js';
import { decidingActor } from '../actor.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { moment } from '../moment.js';
import { pageUrl } from '../page-url.js';
import { withSession } from '../session.js';
import { systemClock } from '../system.js';
import { tableLines } from '../table.js';

/** Adds `token add|list|remove`: who may use the JSON API. */
export function addToken(program: Command, run: Runner): void {
  const token = program.command('token').description('tokens for programs that use the JSON API');
  token
    .command('add')
    .description('add a token; prints it once')
    .argument('<name>', 'letters, digits and . _ @ - ; it stands in every record')
    .requiredOption('--role <role>', 'viewer looks, approver also decides, admin also manages')
    .option('--servers <patterns...>', 'ids of servers, * for any characters (default: every server)')
    .option('--expires <days>', 'how long it works', '90d')
    .addHelpText('after', ADD_EXAMPLES)
    .action(run(add));
  token
    .command('list')
    .description('list the tokens, expired ones too')
    .addHelpText('after', '\nExamples:\n  sealwatch token list')
    .action(run(list));
  token
    .command('remove')
    .description('end a token; what was decided with it stays')
    .argument('<name>', 'the token')
    .addHelpText('after', '\nExamples:\n  sealwatch token remove ci')
    .action(run(remove));
}

const ADD_EXAMPLES = `
Takes a person at a terminal or the token of an approver. A program sends it as
"Authorization: Bearer swt_…".

Examples:
  sealwatch token add dashboard --role viewer
  sealwatch token add ci --role approver --servers 'payments-*' --expires 30d`;

interface AddOptions {
  readonly role: string;
  readonly servers?: readonly string[];
  readonly expires: string;
}

async function add(cli: Cli, name: string, options: AddOptions): Promise<Outcome> {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u.test(name))
    throw new SealwatchError('USAGE', `not a name for a token: ${quote(name, 80)} (letters, digits and . _ @ -)`);
  const grants = [toGrant(options)];
  const lifetimeMs = toLifetimeMs(options.expires);
  return withSession(cli, async ({ config, deps }) => {
    const by = actorText(await decidingActor(cli, deps));
    const { token, expiresAt } = await addApiToken({ name, grants, lifetimeMs }, by, deps);
    const apiUrl = `${pageUrl(config.serve)}/api/v1`;
    return {
      exitCode: 0,
      json: { name, token, expiresAt, grants, apiUrl },
      print: (terminal) => {
        terminal.line(`Added ${name}: ${grantsText(grants)}, until ${moment(expiresAt)}.`);
        terminal.line('The token is shown once and is not stored:');
        terminal.line(`  ${token}`);
        terminal.line();
        terminal.line(`Send it as "Authorization: Bearer …" to ${apiUrl}`);
      },
    };
  });
}

async function list(cli: Cli): Promise<Outcome> {
  return withSession(cli, async ({ deps }) => {
    const now = systemClock.now().toISOString();
    const tokens = (await listApiTokens(deps)).map((token) => toJson(token, now));
    return {
      exitCode: 0,
      json: { tokens },
      print: (terminal) => {
        if (tokens.length === 0) {
          terminal.line('There is no token yet: sealwatch token add NAME --role ROLE');
          return;
        }
        const columns = ['NAME', 'MAY', 'UNTIL', 'ADDED', 'BY'].map((title) => ({ title }));
        const rows = tokens.map(({ name, grants, isExpired, expiresAt, addedAt, addedBy }) =>
          [name, grantsText(grants), isExpired ? 'expired' : moment(expiresAt), moment(addedAt), addedBy].map(
            (text) => ({
              text,
            }),
          ),
        );
        for (const line of tableLines(columns, rows, terminal.width)) terminal.line(line);
      },
    };
  });
}

async function remove(cli: Cli, name: string): Promise<Outcome> {
  return withSession(cli, async ({ deps }) => {
    await removeApiToken(name, actorText(await decidingActor(cli, deps)), deps);
    return {
      exitCode: 0,
      json: { removed: name },
      print: (terminal) => {
        terminal.line(`Removed ${name}: the token is worth nothing from now on.`);
      },
    };
  });
}

function toGrant({ role: text, servers = ['*'] }: AddOptions): Grant {
  const role = ROLES.find((one) => one === text);
  if (role === undefined)
    throw new SealwatchError('USAGE', `--role must be one of ${ROLES.join(', ')}, is ${quote(text, 40)}`);
  const wrong = servers.find((pattern) => !/^[a-z0-9*-]{1,64}$/.test(pattern));
  if (wrong !== undefined)
    throw new SealwatchError('USAGE', `--servers must be ids such as github or payments-*, is ${quote(wrong, 80)}`);
  return { role, servers };
}

function toLifetimeMs(text: string): number {
  try {
    return parseDays(text);
  } catch (cause) {
    throw new SealwatchError('USAGE', `--expires must be a number of days such as 90d, is ${quote(text, 40)}`, {
      cause,
    });
  }
}

interface TokenJson {
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly addedAt: string;
  readonly addedBy: string;
  readonly expiresAt: string;
  readonly isExpired: boolean;
}

function toJson({ name, principal, addedAt, addedBy, expiresAt }: ApiToken, now: string): TokenJson {
  return { name, grants: principal.grants, addedAt, addedBy, expiresAt, isExpired: now >= expiresAt };
}

function grantsText(grants: readonly Grant[]): string {
  return grants
    .map(({ role, servers }) => `${role} of ${servers.includes('*') ? 'every server' : servers.join(', ')}`)
    .join('; ');
}

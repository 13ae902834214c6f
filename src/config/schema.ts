import { z } from 'zod';

import { DEFINITION_KINDS, type DefinitionKind } from '../model/definition.js';
import { CHANGE_CLASSES, URGENCIES } from '../model/drift.js';
import { SEVERITIES } from '../model/finding.js';
import { ADVISORY_SEVERITIES, AUTO_APPROVABLE } from '../model/policy.js';
import { POSTURE_PROBES } from '../model/posture.js';
import { ROLES } from '../model/principal.js';
import { authSchema, tiersSchema } from './gateway-schema.js';

/** The kinds that a mask may be for: what a server says, and not what we say about it. */
const MASKABLE_KINDS = DEFINITION_KINDS.filter(
  (kind): kind is Exclude<DefinitionKind, Unmaskable> =>
    !['provenance', 'face', 'posture', 'certificate'].includes(kind),
);

type Unmaskable = 'provenance' | 'face' | 'posture' | 'certificate';

const text = z.string().min(1);
const flag = z.boolean();
const count = z.int().min(1);
const texts = z.array(z.string());
const mapping = z.record(z.string(), z.string());

const schedule = text.describe('An interval (30s, 5m, 1h) or a cron expression (*/5 * * * *).');
const timeZone = text.describe(
  'IANA time zone of a cron expression, such as Europe/Berlin; that of the machine otherwise.',
);
const firstUse = z
  .enum(['hold', 'trust'])
  .describe('hold asks a person for everything new; trust approves what is seen first, and the record says so.');
const maxUnchecked = text.describe(
  'After so long without a complete observation, everything of the server is held: 24h.',
);

const reviewEvery = text.describe('Approvals older than this are asked for again: 90d. Not at all otherwise.');

const limits = z
  .strictObject({
    startMs: count.optional(),
    requestMs: count.optional(),
    maxMessageBytes: count.optional(),
    maxListingBytes: count.optional(),
    maxDefinitions: count.optional(),
    maxDefinitionBytes: count.optional(),
    maxPages: count.optional(),
    maxDepth: count.max(1_000).optional(),
  })
  .describe('How much a server may ask of us; beyond it the answer is "could not check".');

const mask = z
  .strictObject({
    kind: z.enum(MASKABLE_KINDS),
    name: z
      .string()
      .describe('The name of the definition; * for all of the kind; not needed for instructions.')
      .optional(),
    pointer: z.string().describe('JSON Pointer (RFC 6901) to a string in the definition.').optional(),
    pattern: text.describe('A re2js pattern. Matches with white space or longer than 64 characters are not masked.'),
  })
  .describe('Text that an honest server changes by itself; it is left out of the fingerprint.');

const network = z
  .enum(['public', 'private'])
  .describe(
    'private: the host may be of a private network. Otherwise only public addresses and this machine are connected to.',
  );

const callRate = z
  .strictObject({
    perMinute: z.int().min(1).max(1_000_000).optional(),
    atOnce: z.int().min(1).max(10_000).optional(),
    perDay: z.int().min(1).max(1_000_000_000).describe('Counted in the store, by days of UTC.').optional(),
  })
  .optional();

/** One message of a client has no more over HTTP. */
const MAX_CALL_BYTES = 8 * 1024 * 1024;

const gateway = z.strictObject({
  tiers: tiersSchema.optional(),
  calls: z
    .strictObject({
      subject: callRate,
      tool: callRate,
      server: callRate,
      timeoutMs: z.int().min(1_000).max(86_400_000).optional(),
      maxRequestBytes: z.int().min(1_024).max(MAX_CALL_BYTES).describe('8 MiB.').optional(),
      maxResultBytes: z.int().min(1_024).describe('16 MiB; limits.maxMessageBytes counts too.').optional(),
    })
    .describe('How much one subject calls, how much one tool and the server are called, and how long a call may take.')
    .optional(),
  inFlight: z
    .enum(['finish', 'cancel'])
    .describe('What becomes of calls that are under way when what they call gets held; finish otherwise.')
    .optional(),
  circuit: z
    .strictObject({
      failures: z.int().min(1).max(1_000).describe('5.').optional(),
      openMs: z.int().min(100).max(3_600_000).describe('30000.').optional(),
    })
    .describe('After so many failures in a row a server is left alone for so long, then tried once.')
    .optional(),
  outputs: z
    .enum(['pass', 'annotate', 'redact', 'block'])
    .describe('What becomes of a result in which something was found; annotate otherwise.')
    .optional(),
  mode: z
    .enum(['enforce', 'filter', 'observe'])
    .describe('What is not approved: enforce keeps it away, filter only leaves it out of lists, observe lets it pass.')
    .optional(),
});

const server = z.strictObject({
  type: z
    .enum(['stdio', 'http', 'streamable-http', 'sse'])
    .describe('http tries Streamable HTTP and falls back to SSE.')
    .optional(),
  command: text.optional(),
  args: texts.optional(),
  env: mapping.describe('The whole environment, besides PATH, HOME and what a program needs to start.').optional(),
  cwd: text.describe('Relative to this file; its folder otherwise.').optional(),
  url: text.describe('{port} stands for a free port where the entry has a command too.').optional(),
  headers: mapping.optional(),
  plainHttp: flag.describe('http:// to another machine, which anybody on the way can read and change.').optional(),
  network: network.optional(),
  pins: z
    .union([z.literal('record'), z.array(text)])
    .describe(
      'Keys of certificates (RFC 7469, sha256/…), two at least, of the server or its issuers. record: the keys that are seen are approved like a definition.',
    )
    .optional(),
  oauth: z
    .union([
      z.literal(true),
      z.strictObject({
        clientId: text.describe('Of a client that is registered already; otherwise we register ourselves.').optional(),
        clientSecret: text.optional(),
        privateKey: text
          .describe('PEM file of the key that the client signs with, instead of a secret (private_key_jwt).')
          .optional(),
        clientMetadata: text
          .describe('https address of a document about us, for servers that take it instead of a registration.')
          .optional(),
        issuer: text
          .describe(
            'The authorization server that knows the client, exactly as it calls itself; no other is shown the secret.',
          )
          .optional(),
        scope: text.describe('Separated by spaces, where the server names none.').optional(),
        grant: z
          .enum(['authorization_code', 'client_credentials'])
          .describe('A person signs in once (sealwatch login), or the client by itself.')
          .optional(),
      }),
    ])
    .describe('Sign in by OAuth 2.1; sealwatch login SERVER does it.')
    .optional(),
  minimumTls: z.enum(['1.2', '1.3']).describe('The oldest version of TLS; 1.2 otherwise.').optional(),
  ca: text
    .describe('PEM file, relative to this file, with the authorities that are trusted instead of the known ones.')
    .optional(),
  cert: text.describe('PEM file of our own certificate with its chain, where the server asks for one.').optional(),
  key: text.describe('PEM file of its key.').optional(),
  schedule: schedule.optional(),
  timeZone: timeZone.optional(),
  firstUse: firstUse.optional(),
  maxUnchecked: maxUnchecked.optional(),
  reviewEvery: reviewEvery.optional(),
  limits: limits.optional(),
  labels: mapping.optional(),
  gateway: gateway.optional(),
  volatile: z.array(mask).optional(),
  vantages: z
    .array(
      z.strictObject({
        name: text,
        client: text.describe('The name of the client that we say we are.').optional(),
        version: text.describe('Its version; 1.0.0 otherwise.').optional(),
        credentials: z.boolean().describe('false asks without headers, tokens and certificate.').optional(),
      }),
    )
    .describe('As whom the server is asked too: what it shows them otherwise is held.')
    .optional(),
  posture: z
    .strictObject({
      record: flag
        .describe('With every check it is looked at what the server meets of the specification; a change is held.')
        .optional(),
      probes: z
        .array(z.enum(POSTURE_PROBES))
        .describe('What is tried besides looking at metadata: each sends requests that an honest client would not.')
        .optional(),
      minimumProtocol: z
        .string()
        .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a revision of the protocol, such as 2025-06-18')
        .describe('The oldest revision of the protocol that is taken for good: 2025-06-18.')
        .optional(),
    })
    .describe('How sealwatch posture looks at a remote server.')
    .optional(),
  package: z
    .strictObject({
      record: flag
        .describe('With every check it is looked at what package the command runs; a change holds the whole server.')
        .optional(),
      run: z
        .enum(['configured', 'approved'])
        .describe(
          'approved: what is started is the version that somebody approved, with all that it needs, installed without scripts in a folder of Sealwatch. Packages of npm.',
        )
        .optional(),
      trial: z
        .enum(['isolated', 'plain'])
        .describe(
          'With "run: approved", how a new version is started to see what it says: isolated from this machine (or not at all), or plainly like the approved one.',
        )
        .optional(),
    })
    .describe('The package that the command runs; see sealwatch provenance.')
    .optional(),
  disabled: flag.describe('The server is not watched, and every scan says so.').optional(),
  // Keys of clients that say nothing about what a server declares: accepted, so that a copied entry works, and noted.
  autoApprove: z.unknown().describe('Of a client; has no effect here.').optional(),
  alwaysAllow: z.unknown().describe('Of a client; has no effect here.').optional(),
  disabledTools: z.unknown().describe('Of a client; has no effect here: every tool is watched.').optional(),
  includeTools: z.unknown().describe('Of a client; has no effect here: every tool is watched.').optional(),
  excludeTools: z.unknown().describe('Of a client; has no effect here: every tool is watched.').optional(),
  timeout: z.unknown().describe('Of a client; has no effect here: see limits.').optional(),
  trust: z.unknown().describe('Of a client; has no effect here: see firstUse.').optional(),
  description: z.unknown().describe('Of a client; has no effect here.').optional(),
});

/** Keys of clients' entries that are accepted without effect. */
export const CLIENT_KEYS = [
  'autoApprove',
  'alwaysAllow',
  'disabledTools',
  'includeTools',
  'excludeTools',
  'timeout',
  'trust',
  'description',
] as const satisfies readonly (keyof ServerEntry)[];

const allowed = z.union([
  z.strictObject({
    origin: text.describe('https://mcp.example.com, https://*.example.com:8443/mcp. * is one label, :* any port.'),
    network: network.optional(),
  }),
  z.strictObject({ package: text.describe('Package URL: pkg:npm/@scope/name@1.2.3, a range, or no version.') }),
  z.strictObject({
    executable: text.describe('Path of a program, or of a script that an interpreter runs.'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/i),
  }),
  z.strictObject({ image: text.describe('Container image with its digest: name@sha256:…') }),
]);

const registry = z.url({ protocol: /^https?$/, error: 'must be an address, such as https://registry.npmjs.org' });

const packagePolicy = z
  .strictObject({
    requirePinned: flag.describe('The command asks for one exact version.').optional(),
    minimumAge: text.describe('The version was published so long ago: 72h, 7d.').optional(),
    requireProvenance: z
      .union([
        z.literal(true),
        z.strictObject({
          repository: text.describe('https://github.com/owner/name, as the certificate names it.').optional(),
          workflow: text.describe('.github/workflows/release.yml, or the whole address.').optional(),
        }),
      ])
      .describe('An attestation of a build service says what the version was built from.')
      .optional(),
    forbidInstallScripts: flag.describe('Neither the package nor what is installed with it runs scripts.').optional(),
    allowedRegistries: z.array(registry).describe('Origins: https://registry.npmjs.org.').optional(),
    maximumSeverity: z
      .enum(['none', ...ADVISORY_SEVERITIES])
      .describe('The worst advisory against the version that is still taken.')
      .optional(),
  })
  .describe('What is not met, or cannot be told, holds everything of a server that is started by a command.');

const channelName = text.describe('Of the channel, for routes and records; its kind otherwise.');
const minimumUrgency = z
  .enum(URGENCIES)
  .describe('Less urgent alerts are not sent here; info otherwise, high for pagerduty.');
const ca = text.describe('PEM file of a private certificate authority, relative to this file.');
const common = { name: channelName.optional(), minimumUrgency: minimumUrgency.optional() };

const email = z.strictObject({
  ...common,
  from: text,
  to: z.array(text).min(1),
  smtp: z.strictObject({
    host: text,
    port: z.int().min(1).max(65_535).optional(),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .describe('tls from the first byte (the default), starttls required, or none for loopback hosts.')
      .optional(),
    user: z.string().optional(),
    password: z.string().optional(),
    ca: ca.optional(),
  }),
});
const chat = z.strictObject({
  ...common,
  url: text.describe('Of the incoming webhook. It is a secret: take it from a variable.'),
  ca: ca.optional(),
});
const webhook = z.strictObject({
  ...common,
  url: text,
  secret: text.describe('Key of the HMAC-SHA256 signature, at least 16 characters.'),
  ca: ca.optional(),
});
const pagerduty = z.strictObject({
  ...common,
  routingKey: text.describe('Integration key of the service, 32 characters.'),
  url: text.describe('Of the Events API v2; that of PagerDuty otherwise.').optional(),
  ca: ca.optional(),
});
const syslog = z.strictObject({
  ...common,
  host: text,
  port: z.int().min(1).max(65_535).describe('6514 over TLS, 601 without it, otherwise.').optional(),
  security: z.enum(['tls', 'none']).describe('tls (the default), or none for loopback hosts.').optional(),
  ca: ca.optional(),
});
const stdout = z.strictObject(common);

const alerts = z
  .strictObject({
    timeZone: text.describe('IANA time zone of the times below; that of the machine otherwise.').optional(),
    atOnce: z
      .array(z.enum(URGENCIES))
      .describe('Alerts of these urgencies go out at once, the others in the digest: [critical, high].')
      .optional(),
    digest: text.describe('When gathered alerts go out: "08:00".').optional(),
    quietHours: z
      .strictObject({ from: text, to: text })
      .describe('Meanwhile only critical alerts are sent; the others wait for its end.')
      .optional(),
    remindAfter: text
      .describe('A request that still waits is told again after so long: 24h; never turns it off.')
      .optional(),
    escalate: z
      .strictObject({ after: text, channels: texts.min(1) })
      .describe('A high or critical request that still waits after so long is told on these channels, once.')
      .optional(),
    certificateWarning: text
      .describe('The certificate of a server that ends within so long is a change, one of our own pages an alert: 14d.')
      .optional(),
    routes: z
      .array(
        z.strictObject({
          servers: texts.describe('Ids of servers; * stands for any characters.').optional(),
          labels: mapping.describe('Every one of these labels has this value.').optional(),
          classes: z.array(z.enum(CHANGE_CLASSES)).describe('The change is of one of these classes.').optional(),
          minimumUrgency: z.enum(URGENCIES).optional(),
          channels: texts.describe('Where the alert goes; [] tells nobody.'),
        }),
      )
      .describe('The first that matches decides; without any, every channel is told from its minimumUrgency on.')
      .optional(),
  })
  .describe('Whom alerts reach, and when.');

const judge = z
  .strictObject({
    api: z.enum(['openai', 'anthropic']).describe('openai for every endpoint that is compatible with it.'),
    url: text.describe('Where the interface begins, such as https://api.example.com/v1.'),
    model: text,
    key: text.optional(),
    ca: text
      .describe('PEM file, relative to this file, with the certificates that are trusted instead of the known ones.')
      .optional(),
    callsPerCheck: z
      .int()
      .min(1)
      .max(1_000)
      .describe('New or changed definitions that are asked about with one look at a server; 20 otherwise.')
      .optional(),
    timeout: text.describe('For one answer; 30s otherwise.').optional(),
  })
  .describe(
    'A model that is asked for a second opinion on what is new or changed. It gets the text of the definition.',
  );

const signIn = z
  .strictObject({
    issuer: text.describe('Address of the OpenID Connect provider, exactly as it calls itself.'),
    clientId: text,
    clientSecret: text.describe('Absent for a public client; PKCE is used in any case.').optional(),
    scopes: texts.describe('Asked for besides openid, profile and email.').optional(),
    claim: text
      .describe('The claim that roles are read from: groups; a name, or a path such as realm_access.roles.')
      .optional(),
    roles: z
      .array(
        z.strictObject({
          value: text.describe('What the claim has to contain.'),
          role: z.enum(ROLES),
          servers: texts
            .min(1)
            .describe('Ids of servers; * stands for any characters; every server otherwise.')
            .optional(),
        }),
      )
      .min(1)
      .describe('Every entry whose value somebody has counts. Who has none is refused.'),
    nameClaim: text
      .describe(
        'What people are called in records; otherwise email if it is verified, else preferred_username, else sub.',
      )
      .optional(),
    ca: text.describe('PEM file of a private certificate authority, relative to this file.').optional(),
    session: z
      .strictObject({
        idle: text.describe('A session that nobody used for so long is over: 8h.').optional(),
        absolute: text.describe('After so long one signs in again: 24h.').optional(),
      })
      .optional(),
  })
  .describe('How people sign in to the pages: an OpenID Connect provider, and who has which role.');

/** One channel, or several that differ by name. */
function oneOrMore<Entry extends z.ZodType>(
  entry: Entry,
): z.ZodOptional<z.ZodUnion<readonly [Entry, z.ZodArray<Entry>]>> {
  return z.union([entry, z.array(entry).min(1)]).optional();
}

const listener = {
  host: text.optional(),
  port: z.int().min(0).max(65_535).optional(),
  publicUrl: text
    .describe('Its address as others know it: what links in alerts, or names of endpoints, start with.')
    .optional(),
  tls: z
    .strictObject({ cert: text, key: text })
    .describe('PEM files, relative to this file: the certificate with its chain, and its key. TLS 1.2 or newer.')
    .optional(),
  trustedProxies: texts
    .describe('Addresses and networks whose X-Forwarded-For, -Proto and -Host are believed; of nobody otherwise.')
    .optional(),
  allowedHosts: texts.describe('Names under which the pages are reached, besides that of publicUrl.').optional(),
};

/** The shape of `sealwatch.yaml`, before variables are filled in; what shapes cannot say is checked afterwards. */
export const configSchema = z
  .strictObject({
    stateDir: text.describe('Where the store is kept, relative to this file; .sealwatch otherwise.').optional(),
    packageDir: text
      .describe(
        'Where packages are kept that are run as approved, relative to this file; packages in the state directory otherwise. No folder above it may have a node_modules.',
      )
      .optional(),
    defaults: z
      .strictObject({
        schedule: schedule.optional(),
        timeZone: timeZone.optional(),
        firstUse: firstUse.optional(),
        gateway: gateway.optional(),
        maxUnchecked: maxUnchecked.optional(),
        reviewEvery: reviewEvery.optional(),
        limits: limits.optional(),
      })
      .optional(),
    policy: z
      .strictObject({
        autoApprove: z.array(z.enum(AUTO_APPROVABLE)).optional(),
        allowlist: z
          .array(allowed)
          .describe('What may be connected to or started at all; without it, what is configured.')
          .optional(),
        blockLevel: z.enum(SEVERITIES).describe('firstUse: trust never covers a finding at or above it.').optional(),
        twoPersons: z
          .array(z.enum(URGENCIES))
          .describe('Requests of these urgencies need two different persons to approve.')
          .optional(),
        packages: packagePolicy.optional(),
      })
      .optional(),
    rules: z
      .strictObject({
        folders: z.array(text).describe('Folders with rules of your own, relative to this file.').optional(),
        off: z.array(text).describe('Rules that are not run.').optional(),
        severity: z
          .record(z.string(), z.enum(SEVERITIES))
          .describe('By rule, the severity that its findings have.')
          .optional(),
      })
      .describe('Changes to the detection rules; sealwatch rules list names them.')
      .optional(),
    judge: judge.optional(),
    servers: z.record(z.string(), server).nullable().optional(),
    notify: z
      .strictObject({
        email: oneOrMore(email),
        slack: oneOrMore(chat),
        teams: oneOrMore(chat),
        webhook: oneOrMore(webhook),
        pagerduty: oneOrMore(pagerduty),
        syslog: oneOrMore(syslog),
        stdout: stdout.nullable().optional(),
      })
      .optional(),
    alerts: alerts.optional(),
    signIn: signIn.optional(),
    serve: z.strictObject(listener).optional(),
    gateway: z
      .strictObject({
        ...listener,
        log: z
          .union([
            z.literal(false),
            z.strictObject({
              keep: text.describe('How long calls are kept: 90d.').optional(),
              maxMegabytes: z.int().min(1).max(1_000_000).describe('The oldest are removed beyond: 1024.').optional(),
              redact: texts
                .describe('Names of members whose values are not written, beside those that are known to be secret.')
                .optional(),
            }),
          ])
          .describe('The log of calls, of sealwatch run too; what cannot be logged is refused. false logs nothing.')
          .optional(),
        auth: authSchema.optional(),
      })
      .describe('Where clients reach sealwatch gateway.')
      .optional(),
    concurrency: z.int().min(1).max(256).describe('Servers observed at the same time; 16 otherwise.').optional(),
    childProcesses: z
      .int()
      .min(1)
      .max(64)
      .describe('Of those, the ones that are started as processes of this machine; 4 otherwise.')
      .optional(),
  })
  .describe('Sealwatch: which MCP servers are watched, and how.');

/** A configuration file's values as written. */
export type ConfigFile = z.infer<typeof configSchema>;

/** One entry under `servers`. */
export type ServerEntry = z.infer<typeof server>;

/** One entry under `policy.allowlist`. */
export type AllowlistEntry = z.infer<typeof allowed>;

/** One entry under `volatile`. */
export type MaskEntry = z.infer<typeof mask>;

/** The `policy.packages` section. */
export type PackagePolicyEntry = z.infer<typeof packagePolicy>;

/** The `judge` section. */
export type JudgeEntry = z.infer<typeof judge>;

/** The `signIn` section. */
export type SignInEntry = z.infer<typeof signIn>;

/** The `alerts` section. */
export type AlertsEntry = z.infer<typeof alerts>;

/** Entries under `notify`. */
export type EmailEntry = z.infer<typeof email>;
export type ChatEntry = z.infer<typeof chat>;
export type WebhookEntry = z.infer<typeof webhook>;
export type PagerDutyEntry = z.infer<typeof pagerduty>;
export type SyslogEntry = z.infer<typeof syslog>;

/** Returns the JSON Schema of a configuration file, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

import { type CallLimits, type CircuitSettings, DEFAULT_CALL_LIMITS, DEFAULT_CIRCUIT } from './call-limits.js';
import type { Allowlist, Network } from './allowlist.js';
import type { JsonObject } from './json.js';
import type { Limits } from './limits.js';
import type { Mask } from './mask.js';
import type { OAuthSettings } from './oauth.js';
import type { PostureSettings } from './posture.js';
import type { ServerId } from './server-id.js';
import type { TierSettings } from './tier.js';
import type { TlsRules } from './tls.js';
import type { Vantage } from './vantage.js';

/** A configured MCP server, ready to be talked to: variables are filled in, so this value is never stored or logged. */
export interface Server {
  readonly id: ServerId;
  readonly connection: Connection;
  /**
   * Where the server comes from as the configuration writes it, with `${VAR}` left in place: what is stored,
   * fingerprinted and approved as its provenance.
   */
  readonly provenance: JsonObject;
  /** What may be connected to or started; `undefined` where only the configuration says so. */
  readonly allowlist: Allowlist | undefined;
  readonly limits: Limits;
  readonly volatile: readonly Mask[];
  /** As whom it is asked too. */
  readonly vantages: readonly Vantage[];
  /** `hold` asks a person for everything; `trust` approves what is seen first, by a policy approval that says so. */
  readonly firstUse: 'hold' | 'trust';
  /** A node-cron expression, or an interval in milliseconds. */
  readonly schedule: Schedule;
  /** After so long without a complete observation, every `allow` becomes `hold`. */
  readonly maxUncheckedMs: number;
  /** An approval older than this is asked for again; `undefined` where approvals do not age. */
  readonly reviewEveryMs: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the package that it is started from is looked at with every check, and approved with where the server comes from. */
  readonly recordsPackage?: boolean;
  /** How a version that nobody has approved is started to see what it says, where what is approved is run from our own folder. */
  readonly runsApproved?: TrialStart;
  readonly gateway: GatewaySettings;
}

/** `isolated`: without network, files and environment of this machine, or not at all; `plain`: like what is approved. */
export type TrialStart = 'isolated' | 'plain';

/** What the gateway does with one server. */
export interface GatewaySettings {
  readonly mode: GatewayMode;
  readonly outputs: OutputMode;
  readonly calls: CallLimits;
  /** What becomes of calls that are under way when what they call gets held. */
  readonly inFlight: 'finish' | 'cancel';
  readonly circuit: CircuitSettings;
  /** `undefined`: nobody is asked before a call. */
  readonly tiers: TierSettings | undefined;
}

export const DEFAULT_GATEWAY: GatewaySettings = {
  mode: 'enforce',
  outputs: 'annotate',
  calls: DEFAULT_CALL_LIMITS,
  inFlight: 'finish',
  circuit: DEFAULT_CIRCUIT,
  tiers: undefined,
};

/**
 * What the gateway does about what is not approved. `enforce`: it is neither listed nor called; `filter`: it is not listed; `observe`:
 * it is recorded and alerted, and passes.
 */
export type GatewayMode = 'enforce' | 'filter' | 'observe';

/** What becomes of a result in which something was found; what people do not see is gone in each. */
export type OutputMode = 'pass' | 'annotate' | 'redact' | 'block';

export type Schedule =
  | { readonly kind: 'every'; readonly intervalMs: number }
  | { readonly kind: 'cron'; readonly expression: string; readonly timeZone: string | undefined };

export type Connection = StdioConnection | HttpConnection;

interface StdioConnection {
  readonly kind: 'stdio';
  readonly launch: Launch;
}

export interface HttpConnection {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `auto` tries Streamable HTTP and falls back to HTTP+SSE where the server answers 4xx to it. */
  readonly transport: 'auto' | 'streamable-http' | 'sse';
  readonly tls: TlsRules;
  /** `undefined` where no sign-in is configured. */
  readonly oauth: OAuthSettings | undefined;
  /** Where the host may resolve to, unless the allowlist says so. */
  readonly network: Network;
  readonly posture: PostureSettings;
  /** Started by us before connecting; `{port}` in its arguments, environment and in `url` is a free port that we pick. */
  readonly launch: Launch | undefined;
}

/** How a child process is started. Its environment is exactly `env` plus what a program needs to start. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

import type { Alerting } from '../model/alerting.js';
import type { GatewayAuth } from '../model/access.js';
import type { Allowlist } from '../model/allowlist.js';
import type { CallLogSettings } from '../model/call.js';
import type { Channel } from '../model/channel.js';
import type { JudgeSettings } from '../model/judgement.js';
import type { Policy } from '../model/policy.js';
import type { Provider } from '../model/provider.js';
import type { RuleSettings } from '../model/rule-settings.js';
import type { Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';
import type { SessionLimits } from '../model/session.js';

/** A configuration that holds together: every variable filled in, every value checked. It may contain secrets. */
export interface Config {
  /** Absolute path of the file. */
  readonly file: string;
  /** Absolute path of the folder that keeps the store. */
  readonly stateDir: string;
  /** Absolute. */
  readonly packageDir: string;
  readonly servers: readonly Server[];
  /** Entries with `disabled: true`: they are not watched, and every scan says so. */
  readonly disabled: readonly ServerId[];
  readonly policy: Policy;
  /** What may be connected to or started; `undefined` where only the entries say so. */
  readonly allowlist: Allowlist | undefined;
  readonly rules: RuleSettings;
  /** The model that is asked for a second opinion; `undefined` where none is configured. */
  readonly judge: JudgeSettings | undefined;
  readonly channels: readonly Channel[];
  readonly alerting: Alerting;
  readonly serve: ServeConfig;
  readonly gateway: GatewayConfig;
  /** `undefined` where no provider is configured. */
  readonly signIn: SignInConfig | undefined;
  /** Servers observed at the same time. */
  readonly concurrency: number;
  /** Of those, the ones that we start as processes. */
  readonly childProcesses: number;
  /** `sha256:<hex>` over the file's values as written, with `${VAR}` left in place: a rotated secret is no other configuration. */
  readonly digest: string;
  /** What a reader of the file should know and what is no mistake, such as keys that only a client uses. */
  readonly notes: readonly string[];
}

/** Where the approval pages are served. */
export interface ServeConfig {
  readonly host: string;
  readonly port: number;
  /** What links in alerts start with, without a trailing slash; `undefined` where nothing is configured. */
  readonly publicUrl: string | undefined;
  /** Absolute paths of PEM files. They are read by the service only: others may not be allowed to see the key. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Addresses and networks (CIDR) whose `X-Forwarded-…` is believed. */
  readonly trustedProxies: readonly string[];
  /** Names under which the pages are answered besides. */
  readonly allowedHosts: readonly string[];
}

/** Where clients reach the gateway, and who lets them in. */
export interface GatewayConfig extends ServeConfig {
  /** `undefined`: whoever reaches it from this machine. */
  readonly auth: GatewayAuth | undefined;
  readonly log: CallLogSettings;
}

/** How people sign in. */
export interface SignInConfig extends Provider {
  readonly session: SessionLimits;
}

import type { Channel } from '../model/channel.js';
import type { Policy } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';

/** A configuration that holds together: every variable filled in, every value checked. It may contain secrets. */
export interface Config {
  /** Absolute path of the file. */
  readonly file: string;
  /** Absolute path of the folder that keeps the store. */
  readonly stateDir: string;
  readonly servers: readonly Server[];
  /** Entries with `disabled: true`: they are not watched, and every scan says so. */
  readonly disabled: readonly ServerId[];
  readonly policy: Policy;
  readonly channels: readonly Channel[];
  readonly serve: ServeConfig;
  /** Servers observed at the same time. */
  readonly concurrency: number;
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
}

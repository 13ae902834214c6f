/** What may be connected to or started at all; anything else is refused before a socket is opened or a process started. */
export interface Allowlist {
  readonly origins: readonly AllowedOrigin[];
  readonly packages: readonly AllowedPackage[];
  readonly executables: readonly AllowedExecutable[];
  readonly images: readonly AllowedImage[];
}

/** Addresses of HTTP servers. */
export interface AllowedOrigin {
  /** As the configuration writes it. */
  readonly text: string;
  readonly protocol: 'http:' | 'https:';
  /** As URLs write it, without brackets; where `isWildcard` is set, what follows the one label that may be anything. */
  readonly host: string;
  readonly isWildcard: boolean;
  /** `undefined`: any port. */
  readonly port: number | undefined;
  /** Without a slash at the end; empty for every path. */
  readonly path: string;
  readonly network: Network;
}

/** Where a name may resolve to: `public` addresses only, or those of private networks and this machine as well. */
export type Network = 'public' | 'private';

/** A package of a registry that is started by its runner (`npx`, `uvx`, …). */
export interface AllowedPackage {
  readonly text: string;
  readonly type: PackageType;
  readonly name: string;
  /** A version, or for npm a range; `undefined` for every version. */
  readonly version: string | undefined;
}

export type PackageType = 'npm' | 'pypi';

/** A program, or a script that an interpreter runs. */
export interface AllowedExecutable {
  /** Absolute path of the file with links resolved when it is compared. */
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
}

/** A container image by the digest of its manifest. */
export interface AllowedImage {
  /** Repository as `docker run` is given it, without tag and digest. */
  readonly repository: string;
  /** `sha256:<hex>` */
  readonly digest: string;
}

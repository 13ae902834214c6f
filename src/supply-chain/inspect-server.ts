import { factsWithout, type PackageFacts, unknown } from '../model/package-facts.js';
import { identifyLaunch } from '../policy/identify-launch.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import type { PackageSource, SourceContext } from './package-source.js';

/** What a server runs, and what could be told about it. */
export interface ServerFacts {
  readonly identity: LaunchIdentity;
  readonly facts: PackageFacts;
}

/** One source for each kind of thing that a command can run. */
export interface Sources {
  readonly npm: PackageSource;
  readonly pypi: PackageSource;
  readonly file: PackageSource;
}

/** Returns what a command runs and what is known about it; of a command that does not say what it runs all is `unknown`. */
export async function inspectServer(
  launch: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
  context: SourceContext,
  sources: Sources,
): Promise<ServerFacts> {
  const identity = identifyLaunch(launch);
  const source = sourceFor(identity, sources);
  const within = { ...context, command: launch.command };
  const facts = source === undefined ? unlooked(identity) : await source.inspect(identity, within);
  return { identity, facts };
}

function sourceFor(identity: LaunchIdentity, sources: Sources): PackageSource | undefined {
  switch (identity.kind) {
    case 'package':
      return sources[identity.type];
    case 'executable':
      return sources.file;
    case 'image':
    case 'unknown':
      return undefined;
  }
}

function unlooked(identity: LaunchIdentity): PackageFacts {
  const why = identity.kind === 'unknown' ? identity.why : 'nobody looks at this kind of server yet';
  return factsWithout({ purl: undefined, ecosystem: 'unknown', requested: undefined }, unknown(why));
}

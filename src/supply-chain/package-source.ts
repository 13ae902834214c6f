import type { PackageFacts } from '../model/package-facts.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';

/** What a source has to know besides the identity. */
export interface SourceContext {
  /** The folder that the command starts in: configuration of its own may lie there. */
  readonly cwd: string;
  /** The environment of the child, as far as it is configured. */
  readonly env: Readonly<Record<string, string>>;
  /** The program that the command starts: for a script, what runs it. Absent: that is not known. */
  readonly command?: string;
  readonly signal: AbortSignal;
  /** A copy that lies in the project is not what runs. */
  readonly isOfRegistry?: true;
}

/** One kind of place that servers come from. */
export interface PackageSource {
  /** Returns what could be told, and never throws: what could not be told is `unknown`, with the reason. */
  inspect(identity: LaunchIdentity, context: SourceContext): Promise<PackageFacts>;
}

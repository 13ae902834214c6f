import type { ServerId } from '../model/server-id.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Snapshot } from '../model/snapshot.js';
import { nameSkeleton } from './name-skeleton.js';

/** What is known about other tools when one definition is scanned. */
export interface Neighbourhood {
  /** Tool names of the definition's own server: it may well say how its tools work together. */
  readonly own: ReadonlySet<string>;
  /** Every other server's tools: which server has a tool of that name (the first, where several do). */
  readonly foreign: ReadonlyMap<string, ServerId>;
  /** The foreign names by how they look, see {@link nameSkeleton}. */
  readonly foreignBySkeleton: ReadonlyMap<string, readonly string[]>;
}

/** Returns the surroundings of a server's definitions. */
export function toolNeighbourhood(snapshot: Snapshot, neighbours: readonly Neighbour[]): Neighbourhood {
  const tools = snapshot.definitions.filter(({ ref }) => ref.kind === 'tool' && ref.position === undefined);
  const pairs = neighbours
    .filter(({ server }) => server !== snapshot.server)
    .flatMap(({ server, tools: names }) => names.map((name): [string, ServerId] => [name, server]));
  return neighbourhoodOf(
    tools.map(({ ref }) => ref.name),
    new Map(pairs.toReversed()),
  );
}

function neighbourhoodOf(own: readonly string[], foreign: ReadonlyMap<string, ServerId>): Neighbourhood {
  const bySkeleton = new Map<string, string[]>();
  for (const name of foreign.keys()) {
    const skeleton = nameSkeleton(name);
    bySkeleton.set(skeleton, [...(bySkeleton.get(skeleton) ?? []), name]);
  }
  return { own: new Set(own), foreign, foreignBySkeleton: bySkeleton };
}

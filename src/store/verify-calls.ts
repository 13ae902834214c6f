import type { CallLogVerdict } from '../model/call.js';
import { brokenCalls } from './broken-calls.js';
import type { CallDatabase } from './call-database.js';
import { type CallLeaf, callLeaf, type CallRow, isGenuine } from './call-entry.js';
import type { CallHead } from './call-head.js';
import type { CallWitness } from './call-witness.js';
import { appendLeaf, EMPTY_TREE, type MerkleTree, rootHash } from './merkle-tree.js';

type Intact = Extract<CallLogVerdict, { kind: 'intact' }>;

/** What is said of a log that nothing was ever written to. */
export const NO_CALLS: Intact = {
  kind: 'intact',
  size: 0,
  forgotten: 0,
  rootHash: rootText(EMPTY_TREE),
  checkpoint: undefined,
};

/**
 * Checks every entry that is in the tree, the tree, and what was signed of it.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN`
 */
export function verifyCalls(database: CallDatabase, head: CallHead, witness: CallWitness): Intact {
  const signed = witness.checkpointsOf(head);
  let tree = head.base;
  const compare = (): void => {
    for (const { size, root } of signed)
      if (size === tree.size && !root.equals(rootHash(tree)))
        throw brokenCalls(`the first ${size} entries are not those that were signed`);
  };
  compare();
  const rows = database.prepared('select * from entries order by position').iterate() as Iterable<CallRow>;
  for (const row of rows) {
    if (!isGenuine(row)) throw brokenCalls(`entry ${row.position} is not what was written`);
    tree = grown(tree, row);
    compare();
  }
  if (tree.size !== head.tree.size || !rootHash(tree).equals(rootHash(head.tree)))
    throw brokenCalls(`there are ${tree.size} entries that are not the ${head.tree.size} that were sealed`);
  const checkpoint = head.note ?? undefined;
  return { kind: 'intact', size: tree.size, forgotten: head.base.size, rootHash: rootText(tree), checkpoint };
}

/** Returns the tree with one more entry. @throws {SealwatchError} `AUDIT_BROKEN` where it is not the next. */
export function grown(tree: MerkleTree, row: CallLeaf): MerkleTree {
  if (row.position !== tree.size) throw brokenCalls(`entry ${tree.size} is missing`);
  return appendLeaf(tree, callLeaf(row));
}

function rootText(tree: MerkleTree): string {
  return rootHash(tree).toString('base64');
}

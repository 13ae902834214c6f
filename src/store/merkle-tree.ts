import { hash as digest } from 'node:crypto';

/**
 * A Merkle tree hash (RFC 6962, section 2.1) that can grow: the roots of the perfect subtrees from left to right, largest
 * first, one for each bit that is set in `size`.
 */
export interface MerkleTree {
  readonly size: number;
  readonly peaks: readonly Buffer[];
}

/** The tree without leaves. */
export const EMPTY_TREE: MerkleTree = { size: 0, peaks: [] };

/** Returns the tree with one more leaf, given by its {@link leafHash}. */
export function appendLeaf(tree: MerkleTree, hash: Buffer): MerkleTree {
  const peaks = [...tree.peaks];
  let carry = hash;
  for (let size = tree.size; size % 2 === 1; size = Math.floor(size / 2)) {
    const left = peaks.pop();
    if (left !== undefined) carry = nodeHash(left, carry);
  }
  return { size: tree.size + 1, peaks: [...peaks, carry] };
}

/** Returns the Merkle tree hash of all leaves. */
export function rootHash(tree: MerkleTree): Buffer {
  const [last, ...others] = tree.peaks.toReversed();
  if (last === undefined) return sha256(Buffer.alloc(0));
  return others.reduce((right, left) => nodeHash(left, right), last);
}

/** Returns the hash of a leaf: the prefix keeps a node from being passed off as a leaf (RFC 6962, section 2.1). */
export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(LEAF_PREFIX, leaf);
}

const LEAF_PREFIX = Buffer.from([0]);
const NODE_PREFIX = Buffer.from([1]);

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(NODE_PREFIX, left, right);
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return digest('sha256', Buffer.concat(parts), 'buffer');
}

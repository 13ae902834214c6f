import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { appendLeaf, EMPTY_TREE, leafHash, type MerkleTree, rootHash } from '../../src/store/merkle-tree.js';

function treeOf(leaves: readonly Buffer[]): MerkleTree {
  return leaves.reduce((tree, leaf) => appendLeaf(tree, leafHash(leaf)), EMPTY_TREE);
}

/** Inputs and roots of the Certificate Transparency reference implementation's tests. */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the Merkle tree hash', () => {
  test.each(ROOTS.map((root, size) => [size, root] as const))('of %i known leaves', (size, root) => {
    const leaves = INPUTS.slice(0, size).map((hex) => Buffer.from(hex, 'hex'));
    expect(rootHash(treeOf(leaves)).toString('hex')).toBe(root);
  });

  test('agrees with the recursive definition of RFC 6962 for every size up to 200', () => {
    const leaves = Array.from({ length: 200 }, (_, index) => Buffer.from(`leaf ${index}`));
    let tree = EMPTY_TREE;
    for (const [index, leaf] of leaves.entries()) {
      tree = appendLeaf(tree, leafHash(leaf));
      expect(rootHash(tree).toString('hex')).toBe(byDefinition(leaves.slice(0, index + 1)).toString('hex'));
    }
  });

  test('leaves the tree that it grew from as it was', () => {
    const before = treeOf([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]);
    const root = rootHash(before).toString('hex');
    appendLeaf(before, leafHash(Buffer.from('d')));
    expect(rootHash(before).toString('hex')).toBe(root);
  });
});

function byDefinition(leaves: readonly Buffer[]): Buffer {
  const hash = (prefix: number, ...parts: readonly Buffer[]): Buffer =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.from([prefix]), ...parts]))
      .digest();
  if (leaves.length === 1) return hash(0, leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hash(1, byDefinition(leaves.slice(0, split)), byDefinition(leaves.slice(split)));
}

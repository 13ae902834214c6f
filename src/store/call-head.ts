import type { CallDatabase } from './call-database.js';
import { brokenCalls } from './broken-calls.js';
import { EMPTY_TREE, type MerkleTree } from './merkle-tree.js';
import type { Seal } from './seal.js';

/** The state of the tree, and of what was forgotten of it. */
export interface CallHead {
  readonly tree: MerkleTree;
  readonly base: MerkleTree;
  /** The newest signed tree head. */
  readonly note: string | null;
  /** The seal of the last entry in the tree, to which the next is chained. */
  readonly chain: string;
}

/** The head of a log without entries. */
export const NO_HEAD: CallHead = { tree: EMPTY_TREE, base: EMPTY_TREE, note: null, chain: '' };

interface HeadRow {
  readonly size: number;
  readonly peaks: string;
  readonly base_size: number;
  readonly base_peaks: string;
  readonly note: string | null;
  readonly chain: string;
  readonly seal: string;
}

/** @throws {SealwatchError} `AUDIT_BROKEN` where it is not the one that was sealed. */
export function readHead(database: CallDatabase, seal: Seal): CallHead {
  return headIn(database, (row) => seal(sealedValues(row)));
}

/** Returns the head as version 1 sealed it. @throws {SealwatchError} `AUDIT_BROKEN` where it did not. */
export function readHeadOf1(database: CallDatabase, seal: Seal): CallHead {
  return headIn(database, (row) => seal(sealedValues(row).slice(0, -1)));
}

function headIn(database: CallDatabase, sealOf: (row: HeadRow) => string): CallHead {
  const row = database.prepared('select * from head').get() as HeadRow | undefined;
  if (row === undefined) throw brokenCalls('it has no head');
  if (row.seal !== sealOf(row)) throw brokenCalls('its head is not the one that was sealed');
  return {
    tree: treeOf(row.size, row.peaks),
    base: treeOf(row.base_size, row.base_peaks),
    note: row.note,
    chain: row.chain,
  };
}

export function writeHead(database: CallDatabase, { tree, base, note, chain }: CallHead, seal: Seal): void {
  const row = {
    size: tree.size,
    peaks: peaksText(tree),
    base_size: base.size,
    base_peaks: peaksText(base),
    note,
    chain,
  };
  database.prepared(REPLACE).run({ ...row, seal: seal(sealedValues(row)) });
}

const REPLACE = `insert or replace into head (id, size, peaks, base_size, base_peaks, note, chain, seal)
  values (1, @size, @peaks, @base_size, @base_peaks, @note, @chain, @seal)`;

function sealedValues({
  size,
  peaks,
  base_size: baseSize,
  base_peaks: basePeaks,
  note,
  chain,
}: Omit<HeadRow, 'seal'>): readonly string[] {
  return ['calls', String(size), peaks, String(baseSize), basePeaks, note ?? '', chain];
}

function peaksText({ peaks }: MerkleTree): string {
  return peaks.map((peak) => peak.toString('hex')).join(' ');
}

function treeOf(size: number, peaks: string): MerkleTree {
  return { size, peaks: peaks === '' ? [] : peaks.split(' ').map((peak) => Buffer.from(peak, 'hex')) };
}

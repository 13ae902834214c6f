import { join } from 'node:path';

/** What lies in a state directory. */
export interface StateFiles {
  readonly folder: string;
  readonly database: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly checkpoints: string;
  /** What clients called through the gateway. */
  readonly calls: string;
  /** The newest signed tree head of it. */
  readonly callsCheckpoint: string;
}

/** Returns the paths of the files of a store. */
export function stateFiles(folder: string): StateFiles {
  return {
    folder,
    database: join(folder, 'sealwatch.db'),
    privateKey: join(folder, 'audit.key'),
    publicKey: join(folder, 'audit.pub'),
    checkpoints: join(folder, 'checkpoints'),
    calls: join(folder, 'calls.db'),
    callsCheckpoint: join(folder, 'calls.checkpoint'),
  };
}

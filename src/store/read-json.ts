import { SealwatchError } from '../errors.js';

/**
 * Returns the value of a JSON text that this program stored. The caller names the type: nobody else writes these columns, and
 * what decides is held against the audit log.
 *
 * @throws {SealwatchError} `STORE_CORRUPT`
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the one place for this assertion
export function readJson<Value>(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (cause) {
    throw new SealwatchError('STORE_CORRUPT', 'a row of the store holds no JSON: restore sealwatch.db from a backup', {
      cause,
    });
  }
}

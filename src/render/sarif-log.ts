import type { JsonValue } from '../model/json.js';

/** What a log holds besides what every log of ours does. */
export interface SarifRun {
  readonly version: string;
  readonly rules: readonly JsonValue[];
  /** What could not be done. */
  readonly failures: readonly JsonValue[];
  readonly results: readonly JsonValue[];
}

/** Returns a SARIF 2.1.0 log of one run (OASIS SARIF 2.1.0, errata 01). */
export function sarifLog({ version, rules, failures, results }: SarifRun): JsonValue {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Sealwatch', semanticVersion: version, rules } },
        invocations: [{ executionSuccessful: failures.length === 0, toolExecutionNotifications: failures }],
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
}

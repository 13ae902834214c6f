export const VERDICT_SEVERITIES = ['medium', 'high', 'critical'] as const;

/** What a model that was asked says of one definition. It can add a finding, and takes none away. */
export type Verdict =
  | { readonly kind: 'harmless' }
  | {
      readonly kind: 'attack';
      readonly severity: (typeof VERDICT_SEVERITIES)[number];
      /** What it would make the agent do, in the words of the model: as little to be trusted as the definition. */
      readonly reason: string;
      /** The passage that it means; empty where it names none. */
      readonly passage: string;
    };

/** What came of asking a model about one text, which is not asked again. */
export interface Judgement {
  /** Fingerprint of the definition as sent, or its version where it has none. */
  readonly text: string;
  /** ISO 8601 */
  readonly at: string;
  readonly verdict: Verdict;
}

/** How a model is asked for a second opinion. */
export interface JudgeSettings {
  /** Which of the two common interfaces the endpoint has. */
  readonly api: 'openai' | 'anthropic';
  /** What the paths of the interface are appended to, without a trailing slash. */
  readonly url: string;
  readonly model: string;
  readonly key: string | undefined;
  /** PEM, instead of the certificates that Node knows. */
  readonly ca: string | undefined;
  /** Definitions that are asked about with one look at a server at most. */
  readonly callsPerCheck: number;
  readonly timeoutMs: number;
}

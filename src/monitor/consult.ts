import PQueue from 'p-queue';

import { codeOf, messageOf } from '../errors.js';
import { type Definition, isOurs } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import type { Judgement, Verdict } from '../model/judgement.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { quote } from '../quote.js';
import { collectTexts } from '../scan/collect-texts.js';
import { excerptOf } from '../scan/finding-of.js';
import type { Store } from '../ports.js';
import type { MonitorDeps } from './deps.js';

/** Calls to the endpoint at the same time. */
const CONCURRENCY = 4;

/** What could not be asked is asked again after so long. */
const RETRY_MS = 60 * 60_000;

/**
 * Asks a model about every definition that nobody has approved and that it was not asked about before, so many as the settings allow, and
 * keeps its answers. Returns when to try again where some could not be asked; `undefined` where none is left, or no model is configured.
 *
 * @throws {SealwatchError} `STORE_…`
 */
export async function consult(
  snapshot: Snapshot,
  baseline: Baseline,
  { judge, store, clock, logger }: Pick<MonitorDeps, 'judge' | 'store' | 'clock' | 'logger'>,
): Promise<string | undefined> {
  if (judge === undefined) return undefined;
  const known = await store.loadJudgements(judge.digest, unapproved(snapshot, baseline).map(textKey));
  const open = unapproved(snapshot, baseline).filter((one) => !known.has(textKey(one)));
  const left = Array.from(new Map(open.map((definition) => [textKey(definition), definition])).values());
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const signal = new AbortController().signal;
  const answers = await queue.addAll(
    left.slice(0, judge.callsPerCheck).map((definition) => async (): Promise<readonly Judgement[]> => {
      try {
        const verdict = await judge.judge(definition, signal);
        return [{ text: textKey(definition), at: clock.now().toISOString(), verdict }];
      } catch (error) {
        // An endpoint that fails must stop nobody; that the definition was not judged is a finding.
        logger.warn(
          `${judge.model} could not be asked about ${definition.refText}: ${codeOf(error)}: ${messageOf(error)}`,
        );
        return [];
      }
    }),
  );
  const judgements = answers.flat();
  if (judgements.length > 0) await store.saveJudgements(judge.digest, judgements);
  return judgements.length < left.length ? new Date(clock.now().getTime() + RETRY_MS).toISOString() : undefined;
}

/** Returns what the model said of the definitions that nobody has approved, and which of them it was not asked about. */
export async function recallJudgements(
  snapshot: Snapshot,
  baseline: Baseline,
  { judge, store }: { readonly judge?: MonitorDeps['judge']; readonly store: Pick<Store, 'loadJudgements'> },
): Promise<readonly Finding[]> {
  if (judge === undefined) return [];
  const asked = unapproved(snapshot, baseline);
  const known = await store.loadJudgements(judge.digest, asked.map(textKey));
  return asked.flatMap((definition) => {
    const verdict = known.get(textKey(definition));
    return verdict === undefined ? [notAsked(definition, judge.model)] : judged(definition, verdict, judge.model);
  });
}

/** What was asked about, as sent: behind a mask two texts have one version. */
function textKey({ rawFingerprint, version }: Definition): string {
  return rawFingerprint ?? version;
}

/** What we wrote ourselves is read by no model. */
function unapproved({ definitions }: Snapshot, { approved }: Baseline): readonly Definition[] {
  return definitions.filter(({ ref, refText, version }) => !isOurs(ref) && approved.get(refText)?.version !== version);
}

function judged(definition: Definition, verdict: Verdict, model: string): readonly Finding[] {
  if (verdict.kind === 'harmless') return [];
  const { severity, reason, passage } = verdict;
  return [
    {
      ...findingOn(definition, 'model-judge'),
      ...placeOf(definition, passage),
      severity,
      message: `${model}, asked for a second opinion, takes it for an attack: ${quote(reason, 300)}`,
      means: 'instruction',
      remediation: 'A model can be wrong, and can be misled: read the passage, and ask what an agent would do with it.',
    },
  ];
}

function notAsked(definition: Definition, model: string): Finding {
  return {
    ...findingOn(definition, 'not-judged'),
    severity: 'info',
    message: `${model} could not be asked for a second opinion yet; that it says nothing means nothing`,
    remediation: 'Wait for the next try, within the hour, or decide without it.',
  };
}

function findingOn(
  { refText, version }: Definition,
  rule: string,
): Omit<Finding, 'severity' | 'message' | 'remediation'> {
  return { rule, refText, version, pointer: '', excerpt: '', confidence: 'low', blocks: false, means: undefined };
}

/** Where the passage stands that the model copied; nothing where it stands nowhere. */
function placeOf(definition: Definition, passage: string): Partial<Pick<Finding, 'pointer' | 'span' | 'excerpt'>> {
  if (passage.trim() === '') return {};
  for (const { pointer, text } of collectTexts(definition)) {
    const start = text.indexOf(passage);
    if (start < 0) continue;
    const span = { start, end: start + passage.length };
    return { pointer, span, excerpt: excerptOf(text, span) };
  }
  return {};
}

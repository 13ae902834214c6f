import type { Finding } from '../../model/finding.js';
import { isAtLeast } from '../../model/finding.js';
import { oneLine } from '../../render/one-line.js';
import type { RequestPageProps } from './request-page-props.js';

type Props = RequestPageProps & { readonly path: string };

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 365;

/** Returns a form for each finding that can be a false positive worth waiving: what blocks, and what is high or critical. */
export function WaiveSection(props: Props) {
  const findings = distinct(props.opened.view.request.findings).filter(isWorthWaiving);
  if (!props.opened.mayWaive || findings.length === 0) return null;
  return (
    <section aria-labelledby="waive">
      <h2 id="waive">False positives</h2>
      <p>
        A waiver says that one rule is wrong about one version. It approves nothing, ends when the definition changes,
        and is in the audit log with your name.
      </p>
      {findings.map((finding, index) => (
        <details>
          <summary>
            Waive {finding.rule} on <code>{finding.refText}</code>
          </summary>
          <WaiveForm {...props} finding={finding} index={index} />
        </details>
      ))}
    </section>
  );
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.rule} ${finding.refText}`, finding])).values()];
}

function isWorthWaiving({ blocks, severity }: Finding): boolean {
  return blocks || isAtLeast(severity, 'high');
}

function WaiveForm({ path, finding, index, now }: Props & { readonly finding: Finding; readonly index: number }) {
  return (
    <form method="post" action={`${path}/waivers`}>
      <p class="hint">
        {oneLine(finding.message)}{' '}
        {finding.blocks ? 'It blocks: without a waiver nobody can approve this version.' : ''}
      </p>
      <input type="hidden" name="ref" value={finding.refText} />
      <input type="hidden" name="rule" value={finding.rule} />
      <label for={`reason-${index}`}>Why it is a false positive</label>
      <textarea id={`reason-${index}`} name="reason" rows={2} maxlength={2000} required />
      <label for={`expires-${index}`}>Last day on which it counts</label>
      <input
        type="date"
        id={`expires-${index}`}
        name="expires"
        required
        value={dayAfter(now, DEFAULT_DAYS)}
        min={dayAfter(now, 0)}
        max={dayAfter(now, MAX_DAYS)}
      />
      <div class="buttons">
        <button type="submit" class="plain">
          Waive this finding
        </button>
      </div>
    </form>
  );
}

function dayAfter(now: Date, days: number): string {
  return new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
}

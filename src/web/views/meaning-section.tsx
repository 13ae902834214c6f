import type { ChangeRequest } from '../../model/change-request.js';
import { CHANGE_CLASSES } from '../../model/drift.js';
import { CLASS_MEANINGS, CLASS_NAMES } from './class-words.js';

/** Returns what the changes mean for the agents that use the server: one paragraph for each class, most urgent first. */
export function MeaningSection({ request }: { readonly request: ChangeRequest }) {
  const { changes, review } = request;
  const classes = CHANGE_CLASSES.map((name) => ({ name, count: changes.filter((one) => one.class === name).length }));
  const origin = changes.some(({ ref }) => ref.kind === 'provenance');
  return (
    <section aria-labelledby="meaning">
      <h2 id="meaning">What it means</h2>
      {classes
        .filter(({ count }) => count > 0)
        .map(({ name, count }) => (
          <p>
            <strong>
              {capitalised(CLASS_NAMES[name])}
              {count > 1 ? ` (${count})` : ''}.
            </strong>{' '}
            {CLASS_MEANINGS[name]}
          </p>
        ))}
      {origin ? (
        <p>
          <strong>It comes from somewhere else.</strong> Approvals count only together with where the server comes from,
          so everything of it is on hold, also what did not change.
        </p>
      ) : null}
      {review.length === 0 ? null : (
        <p>
          <strong>Due to be looked at again.</strong> These approvals are old. Nothing changed in them and they stay
          allowed; approving renews them, rejecting ends them.
        </p>
      )}
      {changes.length === 0 && review.length === 0 ? (
        <p>Nothing changed. A rule found something in what was approved before.</p>
      ) : null}
    </section>
  );
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

import type { Principal } from '../../model/principal.js';
import type { InboxItem } from '../../monitor/inbox.js';
import type { WatchReport } from '../../monitor/watch-report.js';
import { Age } from './age.js';
import { InboxEntry } from './inbox-entry.js';
import { Layout } from './layout.js';
import { WatchNotices } from './watch-notices.js';

interface Props {
  readonly basePath: string;
  readonly principal: Principal;
  readonly items: readonly InboxItem[];
  readonly report: WatchReport;
  /** When the newest request was decided or went away; `undefined` where that is not known. */
  readonly quietSince: string | undefined;
  readonly now: Date;
}

/** Returns what waits for somebody, worst first, below what is wrong with the watch itself. */
export function InboxPage(props: Props) {
  const { basePath, principal, items } = props;
  return (
    <Layout
      title={items.length === 0 ? 'Inbox' : `Inbox (${items.length})`}
      site={{ basePath }}
      principal={principal}
      current="inbox"
    >
      <h1>Inbox</h1>
      {items.length === 0 ? null : <p class="meta">{countText(items)}</p>}
      <WatchNotices {...props} />
      {items.length === 0 ? <Empty {...props} /> : <Waiting {...props} />}
    </Layout>
  );
}

function countText(items: readonly InboxItem[]): string {
  const urgent = items.filter(({ request }) => request.urgency === 'critical' || request.urgency === 'high').length;
  const count = items.length === 1 ? 'One request waits' : `${items.length} requests wait`;
  return `${count} for a decision, ${urgent === 0 ? 'none' : urgent} of high or critical urgency. What differs is on hold meanwhile.`;
}

function Waiting(props: Props) {
  const { items, basePath } = props;
  const mayDecide = items.some((item) => item.mayDecide);
  if (!mayDecide) return <List {...props} />;
  return (
    <form method="post" action={`${basePath}/decisions`}>
      <List {...props} />
      <section aria-labelledby="bulk">
        <h2 id="bulk">Decide what is ticked</h2>
        <p class="hint">
          Each is decided for itself and only as it is shown here: one that changes meanwhile is left as it is. High and
          critical changes, and reviews, can be ticked once you have opened them.
        </p>
        <label for="comment">Comment (optional)</label>
        <textarea id="comment" name="comment" rows={2} maxlength={2000} />
        <div class="buttons">
          <button type="submit" name="decision" value="approve" class="approve">
            Approve what is ticked
          </button>
          <button type="submit" name="decision" value="reject" class="reject">
            Reject what is ticked
          </button>
        </div>
      </section>
    </form>
  );
}

function List({ items, basePath, now }: Props) {
  return (
    <section class="waiting" aria-label="Waiting requests">
      <ul class="items" role="list">
        {items.map((item) => (
          <InboxEntry item={item} basePath={basePath} now={now} />
        ))}
      </ul>
    </section>
  );
}

/** "All clean" is said only of what was looked at: servers that could not be checked are named above it. */
function Empty({ report, quietSince, now }: Props) {
  const { watched, unchecked, neverChecked } = report;
  const checked = watched - unchecked.length - neverChecked.length;
  return (
    <section class="empty" aria-labelledby="empty">
      <h2 id="empty">Nothing waits for a decision</h2>
      {quietSince === undefined ? null : (
        <p>
          Nothing has waited since <Age iso={quietSince} now={now} />.
        </p>
      )}
      <p class="hint">{watchedText(watched, checked)}</p>
    </section>
  );
}

function watchedText(watched: number, checked: number): string {
  if (watched === 0) return 'No server is configured that you may see.';
  const servers = watched === 1 ? 'One server is watched' : `${watched} servers are watched`;
  return checked === watched ? `${servers}.` : `${servers}; ${checked} of ${watched} could be checked.`;
}

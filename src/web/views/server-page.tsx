import { isJsonArray, type JsonObject, type JsonValue } from '../../model/json.js';
import type { Principal } from '../../model/principal.js';
import type { ServerDetail } from '../../monitor/server-detail.js';
import { makeVisible } from '../../quote.js';
import { maskSecrets } from '../../render/mask-secrets.js';
import { oneLine } from '../../render/one-line.js';
import { Age } from './age.js';
import { DefinitionsSection } from './definitions-section.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';
import { PostureSection } from './posture-section.js';
import { stateSentence, VERDICT_NAMES } from './server-words.js';
import { Labels, StateBadge } from './servers-page.js';
import { TimeLineSection } from './time-line-section.js';

interface Props {
  readonly principal: Principal | undefined;
  readonly basePath: string;
  readonly now: Date;
  readonly server: ServerDetail;
}

/** Returns everything that is known about one server. */
export function ServerPage(props: Props) {
  const { principal, basePath, server } = props;
  return (
    <Layout title={server.id} site={{ basePath }} principal={principal} current="servers">
      <h1>{server.id}</h1>
      <p class="meta">
        <StateBadge state={server.state} /> {stateSentence(server)}
      </p>
      <OpenNotice {...props} />
      <Standing {...props} />
      <DefinitionsSection server={server} basePath={basePath} />
      <TimeLineSection server={server} basePath={basePath} />
      <Origin provenance={server.provenance} />
      {server.posture === undefined ? null : <PostureSection posture={server.posture} />}
      <Waivers server={server} />
    </Layout>
  );
}

function OpenNotice({ server, basePath }: Props) {
  const { open } = server;
  if (open === undefined) return null;
  return (
    <section class="notice" aria-labelledby="waits">
      <h2 id="waits">
        <a href={`${basePath}/requests/${open.id}`}>Request {open.id}</a> waits for a decision
      </h2>
      <p>
        <span class={`urgency ${open.urgency}`}>{open.urgency}</span> Opened <Moment iso={open.openedAt} />
      </p>
    </section>
  );
}

function Standing({ server, now }: Props) {
  const { lastCheckAt, outage, counts, checks, labels } = server;
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <dl class="facts">
        <dt>Last good check</dt>
        <dd>{lastCheckAt === undefined ? 'never' : <Age iso={lastCheckAt} now={now} />}</dd>
        <dt>Good checks so far</dt>
        <dd>{checks}</dd>
        {outage === undefined ? null : (
          <>
            <dt>Could not check since</dt>
            <dd>
              <Age iso={outage.since} now={now} />, {outage.failures === 1 ? 'once' : `${outage.failures} times`}.{' '}
              <code>{outage.code}</code> {maskSecrets(oneLine(outage.message))}
            </dd>
          </>
        )}
        {counts === undefined ? null : (
          <>
            <dt>Definitions and facts</dt>
            <dd>
              {counts.allow} {VERDICT_NAMES.allow}, {counts.hold} {VERDICT_NAMES.hold}, {counts.block}{' '}
              {VERDICT_NAMES.block}
            </dd>
          </>
        )}
        <dt>Labels</dt>
        <dd>
          <Labels labels={labels} />
        </dd>
      </dl>
    </section>
  );
}

/** As the configuration writes it: variables stand as `${NAME}`, and what looks like a secret all the same is masked. */
function Origin({ provenance }: { readonly provenance: JsonObject | undefined }) {
  if (provenance === undefined) return null;
  return (
    <section aria-labelledby="origin">
      <h2 id="origin">Where it comes from</h2>
      <dl class="facts">
        {Object.entries(provenance)
          .filter(([name]) => name !== 'volatile')
          .map(([name, value]) => (
            <>
              <dt>{makeVisible(name)}</dt>
              <dd>
                <code>{makeVisible(maskSecrets(provenanceText(value)))}</code>
              </dd>
            </>
          ))}
      </dl>
    </section>
  );
}

function provenanceText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (isJsonArray(value) && value.every((item) => typeof item === 'string')) return value.join(' ');
  return JSON.stringify(value);
}

function Waivers({ server }: { readonly server: ServerDetail }) {
  if (server.waivers.length === 0) return null;
  return (
    <section aria-labelledby="waivers">
      <h2 id="waivers">Waivers</h2>
      <ul>
        {server.waivers.map(({ rule, refText, reason, by, expiresAt }) => (
          <li>
            <code>{makeVisible(rule)}</code> on <code>{makeVisible(refText)}</code> by {makeVisible(by)}, until{' '}
            <Moment iso={expiresAt} />: {makeVisible(maskSecrets(reason))}
          </li>
        ))}
      </ul>
    </section>
  );
}

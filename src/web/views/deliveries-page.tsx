import type { DeliveryRecord } from '../../model/alert.js';
import type { Principal } from '../../model/principal.js';
import { makeVisible } from '../../quote.js';
import { alertSubjectLine } from '../../render/alert-subject-line.js';
import { maskSecrets } from '../../render/mask-secrets.js';
import { oneLine } from '../../render/one-line.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';

interface Props {
  readonly principal: Principal | undefined;
  readonly basePath: string;
  /** Waiting and dead ones, newest first. */
  readonly deliveries: readonly DeliveryRecord[];
  readonly mayRetry: boolean;
  /** Whether there are more than are shown. */
  readonly isCut: boolean;
}

/** Returns the alerts that did not reach anybody yet, and those that were given up. */
export function DeliveriesPage(props: Props) {
  const { principal, basePath, deliveries } = props;
  const dead = deliveries.filter(({ state }) => state === 'dead');
  const waiting = deliveries.filter(({ state }) => state === 'waiting');
  return (
    <Layout title="Alerts" site={{ basePath }} principal={principal} current="deliveries">
      <h1>Alerts that did not arrive yet</h1>
      <List {...props} title="Given up" id="dead" deliveries={dead} none="No alert was given up." />
      <List {...props} title="On their way" id="waiting" deliveries={waiting} none="No alert waits." />
      {props.isCut ? <p class="hint">Only the newest {deliveries.length} are shown.</p> : null}
    </Layout>
  );
}

function List(props: Props & { readonly title: string; readonly id: string; readonly none: string }) {
  const { title, id, deliveries, none } = props;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {deliveries.length === 0 ? (
        <p>{none}</p>
      ) : (
        <ul class="deliveries">
          {deliveries.map((delivery) => (
            <Delivery {...props} delivery={delivery} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Delivery({ delivery, basePath, mayRetry }: Props & { readonly delivery: DeliveryRecord }) {
  const { id, channel, recipient, state, attempts, nextAttemptAt, createdAt, message } = delivery;
  return (
    <li>
      <p>
        <strong dir="ltr">{subjectLine(delivery)}</strong>
        {delivery.subject.kind === 'change-request' ? (
          <>
            {' '}
            <a href={`${basePath}/requests/${delivery.subject.request}`}>request {delivery.subject.request}</a>
          </>
        ) : null}
      </p>
      <p class="meta" dir="ltr">
        {makeVisible(channel)}
        {recipient === '' ? '' : ` to ${makeVisible(recipient)}`}, raised <Moment iso={createdAt} />,{' '}
        {attempts === 1 ? '1 attempt' : `${attempts} attempts`}
        {state === 'waiting' ? (
          <>
            , next not before <Moment iso={nextAttemptAt} />
          </>
        ) : null}
      </p>
      {message === undefined ? null : (
        <p dir="ltr">
          Reason: <code>{maskSecrets(oneLine(message))}</code>
        </p>
      )}
      {state === 'dead' && mayRetry ? (
        <form method="post" action={`${basePath}/deliveries/${id}/retry`}>
          <button type="submit" aria-label={`Send again: alert ${id}`}>
            Send again
          </button>
        </form>
      ) : null}
    </li>
  );
}

function subjectLine({ subject, urgency, createdAt, recipient }: DeliveryRecord): string {
  return alertSubjectLine({ subject, urgency, createdAt, recipient, view: undefined, link: undefined });
}

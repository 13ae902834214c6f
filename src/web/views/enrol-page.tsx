import { makeVisible } from '../../quote.js';
import { EnrolForm } from './enrol-form.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';

/** Returns the page that asks for a one-time code. */
export function EnrolPage(props: { readonly enrolPath: string; readonly approver: string | undefined }) {
  return (
    <Layout title="Enrol this browser">
      <h1>Enrol this browser</h1>
      {props.approver === undefined ? null : (
        <section class="notice">
          <p>This browser is enrolled for {makeVisible(props.approver)} already. A new code replaces that.</p>
        </section>
      )}
      <section>
        <p>
          High and critical changes are decided in a browser that was enrolled once. Get a code where Sealwatch runs:{' '}
          <code>sealwatch approver add NAME</code>.
        </p>
        <EnrolForm enrolPath={props.enrolPath} />
      </section>
    </Layout>
  );
}

/** Returns the page that says that the browser is enrolled. */
export function EnrolledPage(props: { readonly name: string; readonly expiresAt: string }) {
  return (
    <Layout title="This browser is enrolled">
      <h1>This browser is enrolled for {makeVisible(props.name)}</h1>
      <p>
        It may decide high and critical changes until <Moment iso={props.expiresAt} />. Now open the link from the alert
        again.
      </p>
      <p>
        To end this: <code>sealwatch approver remove {makeVisible(props.name)}</code>.
      </p>
    </Layout>
  );
}

import type { Principal } from '../../model/principal.js';
import { makeVisible } from '../../quote.js';
import { Layout } from './layout.js';

interface Props {
  readonly basePath: string;
  readonly principal: Principal | undefined;
  /** Host of the provider; `undefined` where none is configured. */
  readonly provider: string | undefined;
  readonly hasConsoleLink: boolean;
  /** Path on our site that comes next. */
  readonly to: string;
}

/** Returns the page that says how one signs in here. */
export function SignInPage(props: Props) {
  const { basePath, principal, provider, to } = props;
  return (
    <Layout title="Sign in" site={{ basePath }} principal={principal}>
      <h1>Sign in</h1>
      {principal === undefined ? null : (
        <section class="notice">
          <p>
            You are signed in as {makeVisible(principal.name)}. <a href={`${basePath}${to}`}>Go on</a>
          </p>
        </section>
      )}
      {provider === undefined ? (
        <WithoutProvider {...props} />
      ) : (
        <AtProvider basePath={basePath} provider={provider} to={to} />
      )}
    </Layout>
  );
}

/** Returns the page of the link on the console: one button, because opening an address must not sign anybody in. */
export function ConsoleLinkPage({ path }: { readonly path: string }) {
  return (
    <Layout title="Sign in">
      <h1>Sign in with the link from the console</h1>
      <p>Whoever can read the console of the service may do everything here. The link works once.</p>
      <form method="post" action={path}>
        <div class="buttons">
          <button type="submit">Sign in</button>
        </div>
      </form>
    </Layout>
  );
}

function AtProvider({
  basePath,
  provider,
  to,
}: {
  readonly basePath: string;
  readonly provider: string;
  readonly to: string;
}) {
  return (
    <section>
      <p>You sign in at the provider of your organisation and come back here.</p>
      <p class="buttons">
        <a class="button" href={`${basePath}/sign-in/start?to=${encodeURIComponent(to)}`}>
          Sign in at {makeVisible(provider)}
        </a>
      </p>
    </section>
  );
}

function WithoutProvider({ basePath, hasConsoleLink }: Props) {
  return (
    <section>
      <p>These pages are for people who are known here. No provider is configured, so there are these ways:</p>
      <ul>
        {hasConsoleLink ? (
          <li>
            Open the sign-in link that the service printed on its console when it was started. It works once and for 15
            minutes; start the service again for a new one.
          </li>
        ) : null}
        <li>
          <a href={`${basePath}/enrol`}>Enrol this browser</a> with a one-time code. Where Sealwatch runs,{' '}
          <code>sealwatch approver add NAME</code> prints one.
        </li>
      </ul>
      <p class="hint">
        To sign in with the provider of your organisation: <code>signIn</code> in the configuration.
      </p>
    </section>
  );
}

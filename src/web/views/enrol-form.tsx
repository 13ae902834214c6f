/** Returns the form for a one-time code. With `token`, the link's page comes next. */
export function EnrolForm(props: { readonly enrolPath: string; readonly token?: string }) {
  return (
    <form method="post" action={props.enrolPath}>
      {props.token === undefined ? null : <input type="hidden" name="token" value={props.token} />}
      <label for="code">One-time code</label>
      <input
        id="code"
        name="code"
        type="text"
        required
        maxlength={100}
        autocomplete="one-time-code"
        autocapitalize="characters"
        spellcheck={false}
        aria-describedby="code-hint"
      />
      <p class="hint" id="code-hint">
        Four groups of four, such as 4T7P-0Q2M-9XKD-B3VC. It works once and for an hour.
      </p>
      <div class="buttons">
        <button type="submit">Enrol this browser</button>
      </div>
    </form>
  );
}

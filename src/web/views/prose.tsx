/** Returns a sentence of ours with what stands between backticks as code. */
export function Prose(props: { readonly text: string }) {
  return <>{props.text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</>;
}

import { createHash } from 'node:crypto';

/**
 * The one style of all pages, inline, so that a saved or printed page keeps its look. Text on its background has a contrast of
 * at least 4.5 to 1 in both themes, borders of controls at least 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
 */
export const STYLESHEET = `
:root{color-scheme:light dark;
--page:#f4f5f7;--card:#fff;--text:#1b1f24;--soft:#4d5661;--line:#d3d8de;--control:#6b7580;--accent:#0b4f9e;--on-accent:#fff;
--added:#e3f6e6;--added-text:#0f4d1c;--removed:#fde8e8;--removed-text:#7d1414;--note:#eaf1fb;--note-text:#123a6b;
--critical:#9f1239;--high:#9a3412;--low:#1d4ed8;--info:#4d5661;--reject:#9f1239}
@media (prefers-color-scheme:dark){:root{
--page:#0f1318;--card:#181d24;--text:#e8ebef;--soft:#a9b3be;--line:#333b45;--control:#8591a0;--accent:#8fc0ff;--on-accent:#0a1a2e;
--added:#12321c;--added-text:#a9ecb8;--removed:#3d1a1d;--removed-text:#ffc2c2;--note:#16283f;--note-text:#bcd8ff;
--critical:#ff9db0;--high:#ffb68a;--low:#a5c4ff;--info:#a9b3be;--reject:#ff9db0}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
.bar{border-bottom:1px solid var(--line);background:var(--card)}
.bar p{max-width:54rem;margin:0 auto;padding:.7rem 1rem;font-weight:650;letter-spacing:.01em}
main{max-width:54rem;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1.55rem;line-height:1.25;margin:.2rem 0 .6rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;line-height:1.3;margin:0 0 .6rem}
p,ul{margin:.5rem 0}
ul{padding-left:1.3rem}
a{color:var(--accent)}
code,kbd{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em;overflow-wrap:anywhere}
.meta{color:var(--soft);margin:.2rem 0 1rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.1rem;margin:1rem 0}
.urgency{display:inline-block;border:1.5px solid currentColor;border-radius:99rem;padding:.05rem .65rem;font-size:.85rem;font-weight:650;vertical-align:.15em}
.urgency.critical{color:var(--critical)}.urgency.high{color:var(--high)}.urgency.low{color:var(--low)}.urgency.info{color:var(--info)}
.notice{background:var(--note);color:var(--note-text);border-color:transparent}
.notice h2{margin-bottom:.3rem}
.diff{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86rem;line-height:1.5;border:1px solid var(--line);border-radius:.4rem;overflow:hidden;padding:.4rem 0;margin:.6rem 0}
.diff>*{display:block;white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:0 .7rem;text-decoration:none;min-height:1.5em;unicode-bidi:isolate}
.diff .title{font-size:inherit;line-height:inherit;font-weight:700;padding-top:.35rem;padding-bottom:.35rem}
.diff ins,.diff del,.diff .finding,.diff .context{padding-left:calc(.7rem + 2ch);text-indent:-2ch}
.diff ins{background:var(--added);color:var(--added-text)}
.diff del{background:var(--removed);color:var(--removed-text)}
.diff .finding{border-left:.3rem solid currentColor;font-weight:inherit;color:var(--high)}
.diff .finding.critical{color:var(--critical)}.diff .finding.low{color:var(--low)}.diff .finding.info{color:var(--info)}
.diff .note{color:var(--soft)}
.diff .context{color:var(--soft)}
.comment{white-space:pre-line}
label{display:block;font-weight:600;margin:.6rem 0 .25rem}
.hint{color:var(--soft);font-size:.92rem;margin:.2rem 0}
textarea,input[type=text]{width:100%;font:inherit;color:var(--text);background:var(--page);border:1px solid var(--control);border-radius:.4rem;padding:.55rem .65rem}
input[type=text]{max-width:22rem;font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;letter-spacing:.06em}
.buttons{display:flex;flex-wrap:wrap;gap:.7rem;margin:1rem 0}
button{font:inherit;font-weight:650;min-height:2.9rem;padding:.55rem 1.4rem;border-radius:.45rem;border:1.5px solid var(--accent);background:var(--accent);color:var(--on-accent);cursor:pointer}
button.reject{background:transparent;border-color:var(--reject);color:var(--reject)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
@media (max-width:30rem){main{padding:1rem .6rem 2rem}.bar p{padding:.7rem .6rem}section{padding:.8rem .75rem}.buttons button{flex:1 1 100%}h1{font-size:1.35rem}}
@media print{body{background:#fff;color:#000}section{border-color:#999;break-inside:auto}form,.bar{display:none}.diff>*{break-inside:avoid}}
`;

/** What the content security policy allows as style, and nothing else (CSP 3, section 2.3.1, hash source). */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLESHEET).digest('base64')}`;

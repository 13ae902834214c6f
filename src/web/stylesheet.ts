import { createHash } from 'node:crypto';

import { CHART_STYLES } from './chart-styles.js';

/**
 * Colours, each pair with a contrast of at least 4.5 to 1 in both themes; borders of controls at least 3 to 1 (WCAG 2.2, 1.4.3 and
 * 1.4.11). "Could not be checked" has a colour of its own: it is neither fine nor held.
 */
const COLOURS = `
:root{color-scheme:light dark;
--page:#f5f6f8;--card:#fff;--sunk:#f0f2f5;--text:#1a1f26;--soft:#515b67;--line:#dce0e6;--control:#6b7580;--accent:#0b4f9e;--on-accent:#fff;
--added:#e5f6e8;--added-text:#0f4d1c;--removed:#fdeaea;--removed-text:#7d1414;--note:#eaf1fb;--note-text:#123a6b;
--critical:#9f1239;--high:#9a3412;--low:#1d4ed8;--info:#515b67;--reject:#9f1239;
--critical-soft:#fdecf0;--high-soft:#fdf0e6;--low-soft:#e8effd;--info-soft:#eef0f3;
--approved:#12662b;--approved-soft:#e5f6e8;--unknown:#6b21a8;--unknown-soft:#f5edfd;
--mono:ui-monospace,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--page:#0f1318;--card:#171c23;--sunk:#11161c;--text:#e6e9ee;--soft:#a9b3be;--line:#2e3640;--control:#8591a0;--accent:#8fc0ff;--on-accent:#0a1a2e;
--added:#12301b;--added-text:#a9ecb8;--removed:#3a191c;--removed-text:#ffc2c2;--note:#16283f;--note-text:#bcd8ff;
--critical:#ff9db0;--high:#ffb68a;--low:#a5c4ff;--info:#a9b3be;--reject:#ff9db0;
--critical-soft:#3a1620;--high-soft:#35200f;--low-soft:#16264a;--info-soft:#232a33;
--approved:#8fe0a3;--approved-soft:#12301b;--unknown:#d9b8ff;--unknown-soft:#2a1b40}}
`;

/** Everything that is on every page: text, bar, controls. */
const BASE = `
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0 .5rem;overflow-wrap:anywhere;letter-spacing:-.01em}
h2{font-size:1.12rem;line-height:1.3;margin:0 0 .6rem}
h3{font-size:1rem;line-height:1.35;margin:0 0 .4rem}
p,ul,ol{margin:.5rem 0}
p,main>ul{max-width:80ch}
ul,ol{padding-left:1.3rem}
a{color:var(--accent);text-underline-offset:.15em}
code,kbd{font-family:var(--mono);font-size:.92em;overflow-wrap:anywhere}
svg{max-width:100%}
.bar{border-bottom:1px solid var(--line);background:var(--card)}
.bar-inner{max-width:76rem;margin:0 auto;padding:0 1rem;min-height:3.25rem;display:flex;flex-wrap:wrap;align-items:center;gap:0 1.25rem}
.brand{display:inline-flex;align-items:center;gap:.5rem;min-height:2.75rem;font-weight:700;letter-spacing:.005em;color:var(--text);text-decoration:none}
.brand::before{content:"";width:1.05rem;height:1.2rem;flex:none;background:var(--accent);clip-path:polygon(50% 0,100% 16%,100% 55%,50% 100%,0 55%,0 16%)}
.bar nav ul{display:flex;flex-wrap:wrap;list-style:none;margin:0;padding:0;gap:.1rem}
.bar nav a{display:inline-flex;align-items:center;min-height:2.75rem;padding:0 .7rem;color:var(--soft);text-decoration:none;border-bottom:2.5px solid transparent;border-top:2.5px solid transparent}
.bar nav a:hover{color:var(--text);text-decoration:underline}
.bar nav a[aria-current]{color:var(--text);font-weight:650;border-bottom-color:var(--accent)}
.who{margin-left:auto;display:flex;align-items:center;gap:.75rem;color:var(--soft);font-size:.92rem;overflow-wrap:anywhere}
.who p{margin:0}
.skip{position:absolute;left:-100vw;top:0;background:var(--card);color:var(--accent);padding:.7rem 1rem;z-index:1}
.skip:focus{left:0}
main{max-width:54rem;margin:0 auto;padding:1.25rem 1rem 3rem}
main:focus{outline:none}
main.wide{max-width:76rem}
.meta{color:var(--soft);margin:.2rem 0 1rem}
.meta a{color:inherit}
.hint{color:var(--soft);font-size:.92rem;margin:.2rem 0}
.visually-hidden{position:absolute;width:1px;height:1px;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap;border:0;user-select:none}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.1rem;margin:1rem 0}
section>:last-child{margin-bottom:0}
section.bare{background:none;border:0;padding:0}
.notice{background:var(--note);color:var(--note-text);border-color:transparent}
.notice.good{background:var(--approved-soft);color:var(--approved)}
.notice.bad{background:var(--critical-soft);color:var(--critical)}
.notice.warning{background:var(--high-soft);color:var(--text);border-color:var(--high)}
.notice.warning h2,.notice.warning h3{color:var(--high)}
.notice.unknown{background:var(--unknown-soft);color:var(--text);border-color:var(--unknown)}
.notice.unknown h2,.notice.unknown h3{color:var(--unknown)}
.notice h2,.notice h3{margin-bottom:.3rem}
.notice>:first-child{margin-top:0}.notice>:last-child{margin-bottom:0}
.notice a,.notice .meta,.notice .hint,.notice .age{color:inherit}
.urgency,.tag{display:inline-block;border:1.5px solid currentColor;border-radius:99rem;padding:.02rem .6rem;font-size:.83rem;line-height:1.45;font-weight:650;vertical-align:.1em;white-space:nowrap}
.urgency.critical{color:var(--critical);background:var(--critical-soft)}.urgency.high{color:var(--high);background:var(--high-soft)}
.urgency.low{color:var(--low);background:var(--low-soft)}.urgency.info{color:var(--info);background:var(--info-soft)}
.tag{color:var(--soft);border-width:1px;font-weight:500;white-space:normal;overflow-wrap:anywhere}
.tag.approved{color:var(--approved);background:var(--approved-soft)}.tag.held,.tag.hold{color:var(--high);background:var(--high-soft)}
.tag.blocked,.tag.block,.tag.rejected{color:var(--critical);background:var(--critical-soft)}.tag.unchecked{color:var(--unknown);background:var(--unknown-soft)}
.tag.open{color:var(--low);background:var(--low-soft)}
.tags{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;padding:0;margin:.5rem 0}
.comment{white-space:pre-line;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:.6rem 0}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.6rem;background:var(--card);margin:1rem 0}
section .scroll{margin:.6rem 0}
table{border-collapse:collapse;width:100%;font-size:.95rem}
caption{text-align:left;padding:.6rem .8rem;color:var(--soft)}
th,td{text-align:left;vertical-align:top;padding:.5rem .8rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-weight:600}
thead th{color:var(--soft);font-size:.87rem;background:var(--sunk);white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
label{display:block;font-weight:600;margin:.6rem 0 .25rem}
textarea{max-width:60rem}
textarea,input[type=text],input[type=search],input[type=date],input[type=number],input[type=password],select{width:100%;font:inherit;color:var(--text);background:var(--card);border:1px solid var(--control);border-radius:.4rem;padding:.5rem .65rem;min-height:2.6rem}
input[type=text],input[type=search],input[type=date],input[type=number],select{max-width:22rem}
input[autocomplete=one-time-code]{font-family:var(--mono);letter-spacing:.06em}
input[type=checkbox],input[type=radio]{width:1.5rem;height:1.5rem;margin:0;accent-color:var(--accent);flex:none}
input:disabled{opacity:.4;cursor:not-allowed}
fieldset{border:0;margin:0;padding:0;min-width:0}
legend{padding:0;font-weight:600}
.buttons{display:flex;flex-wrap:wrap;gap:.7rem;margin:1rem 0 .5rem}
button,.button{display:inline-flex;align-items:center;justify-content:center;font:inherit;font-weight:650;min-height:2.75rem;padding:.45rem 1.3rem;border-radius:.45rem;border:1.5px solid var(--accent);background:var(--accent);color:var(--on-accent);cursor:pointer;text-decoration:none}
button.reject{background:transparent;border-color:var(--reject);color:var(--reject)}
button.plain,.button.plain{background:transparent;color:var(--accent)}
button.small{min-height:2rem;padding:.15rem .75rem;font-size:.92rem;font-weight:550}
button:hover,.button:hover{filter:brightness(1.08)}
.filters{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:.75rem 0 1rem}
.filters>*{flex:0 1 14rem;min-width:0}
.filters>.buttons{flex:none;margin:0}
.filters label{margin-top:0}
.pager{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:center;margin:1rem 0}
.pager a,.toggle a{display:inline-block;min-height:1.75rem;padding:.1rem 0}
details{margin:.6rem 0}
summary{cursor:pointer;font-weight:600;min-height:1.75rem;color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`;

/** What differs: unified, and side by side where there is room for it. */
const DIFF = `
.diff{font-family:var(--mono);font-size:.86rem;line-height:1.5;border:1px solid var(--line);border-radius:.4rem;overflow:hidden;padding:0 0 .4rem;margin:.6rem 0}
.diff .title{font-size:inherit;line-height:inherit;font-weight:700;margin:0 0 .25rem;padding:.35rem .7rem;background:var(--sunk);border-bottom:1px solid var(--line);unicode-bidi:isolate;overflow-wrap:anywhere}
.diff .blank+.title{border-top:1px solid var(--line)}
.diff .line{display:block;white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:0 .7rem;text-decoration:none;min-height:1.5em;unicode-bidi:isolate}
.diff .blank{min-height:.75em}
.diff ins.line,.diff del.line,.diff .finding,.diff .context{padding-left:calc(.7rem + 2ch);text-indent:-2ch}
.diff ins.line{background:var(--added);color:var(--added-text)}
.diff del.line{background:var(--removed);color:var(--removed-text)}
.diff .finding{border-left:.3rem solid currentColor;font-weight:600;color:var(--high);background:var(--high-soft)}
.diff .finding.more{font-weight:400}
.diff .finding.critical{color:var(--critical);background:var(--critical-soft)}.diff .finding.low{color:var(--low);background:var(--low-soft)}.diff .finding.info{color:var(--info);background:var(--info-soft)}
.diff .note,.diff .context{color:var(--soft)}
.diff .text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-size:.95rem}
.diff .pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.diff .side{min-width:0}
.diff .side+.side{border-left:1px solid var(--line)}
.diff .side.absent{background:var(--sunk)}
.diff .side>.line{min-height:100%}
.toggle{display:flex;flex-wrap:wrap;gap:1.1rem;margin:0 0 .4rem;font-size:.95rem}
.toggle [aria-current]{font-weight:650;color:var(--text);text-decoration:none}
@media (max-width:48rem){.diff .pair{grid-template-columns:minmax(0,1fr)}.diff .side+.side{border-left:0}.diff .side.absent{display:none}.diff .pair.same .side+.side{display:none}}
`;

/** The inbox and the lists of requests. */
const LISTS = `
.waiting{padding:0;overflow:hidden}
.waiting>h2{margin:0;padding:.55rem 1rem;background:var(--sunk);border-bottom:1px solid var(--line);font-size:1rem;overflow-wrap:anywhere}
.items{list-style:none;margin:0;padding:0}
.item{display:grid;grid-template-columns:1.5rem minmax(0,1fr) auto;gap:.2rem .9rem;align-items:start;padding:.75rem 1rem;border-bottom:1px solid var(--line);border-left:.3rem solid var(--info)}
.item:last-child{border-bottom:0}
.item.critical{border-left-color:var(--critical)}.item.high{border-left-color:var(--high)}.item.low{border-left-color:var(--low)}
.item .what{grid-column:2}
.item.listed{grid-template-columns:minmax(0,1fr) auto}
.item.listed .what{grid-column:1}.item.listed .age{grid-column:2}
.item .age{margin:0}
.item .what p{margin:.15rem 0}
.item h2{font-size:1rem;margin:0;overflow-wrap:anywhere}
.item h2 a{display:inline-block;min-height:1.5rem}
.item .age{grid-column:3;color:var(--soft);font-size:.92rem;white-space:nowrap}
.item .why{color:var(--soft);font-size:.92rem}
.plain-list{list-style:none;padding:0;margin:0}
.plain-list>li{padding:.5rem 0;border-bottom:1px solid var(--line)}
.plain-list>li:last-child{border-bottom:0}
.notice .plain-list>li{border-bottom-color:currentColor}
.columns{display:grid;grid-template-columns:minmax(0,1fr) 21rem;gap:0 1.25rem;align-items:start}
.columns>*{min-width:0}
.stacked>.aside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(18rem,100%),1fr));gap:0 1.25rem;align-items:start}
.empty{text-align:center;padding:2.5rem 1rem}
.empty p{margin-inline:auto}
.history{list-style:none;padding:0;margin:0}
.history li{padding:.15rem 0 .6rem 1.1rem;border-left:2px solid var(--line);margin-left:.3rem;position:relative}
.history li::before{content:"";position:absolute;left:calc(-.3rem - 1px);top:.6rem;width:.6rem;height:.6rem;border-radius:50%;background:var(--control)}
.history li:last-child{border-left-color:transparent}
.history p{margin:.1rem 0}
@media (max-width:62rem){.columns{grid-template-columns:minmax(0,1fr)}}
@media (max-width:36rem){.item{grid-template-columns:1.5rem minmax(0,1fr)}.item .age,.item.listed .age{grid-column:2}.item.listed{grid-template-columns:minmax(0,1fr)}.item.listed .age{grid-column:1}}
`;

const NARROW_AND_PRINT = `
@media (max-width:36rem){main{padding:1rem .6rem 2rem}.bar-inner{padding:0 .6rem}.bar nav{order:3;width:100%}.bar nav ul{margin-left:-.5rem}.bar nav a{padding:0 .5rem;min-height:2.4rem}section{padding:.8rem .75rem}.buttons button{flex:1 1 100%}h1{font-size:1.3rem}dl.facts{grid-template-columns:minmax(0,1fr);gap:0}dl.facts dd{margin-bottom:.5rem}th,td{padding:.45rem .55rem}}
@media (forced-colors:active){.urgency,.tag,.item{border-color:CanvasText}}
@media print{body{background:#fff;color:#000}section{border-color:#999;break-inside:auto}form,.bar,.skip,.toggle{display:none}.diff .line{break-inside:avoid}main,main.wide{max-width:none;padding:0}a{color:inherit}.columns{display:block}}
`;

/** The one style of all pages, inline, so that a saved or printed page keeps its look. */
export const STYLESHEET = [COLOURS, BASE, DIFF, LISTS, CHART_STYLES, NARROW_AND_PRINT].join('');

/** What the content security policy allows as style, and nothing else (CSP 3, section 2.3.1, hash source). */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLESHEET).digest('base64')}`;

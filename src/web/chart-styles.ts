/**
 * The rules of charts and of the tables that become cards on a phone; part of the one stylesheet. Bars have a contrast of at least 3
 * to 1 to what is around them (WCAG 2.2, 1.4.11).
 */
export const CHART_STYLES = `
.chart{display:block;width:100%;height:9rem;margin:.6rem 0 .2rem}
.floor{stroke:var(--control);stroke-width:1;vector-effect:non-scaling-stroke}
.chart rect{stroke:var(--card);stroke-width:1;vector-effect:non-scaling-stroke}
.bar-critical,.bar-blocked{fill:var(--critical)}.bar-high,.bar-held{fill:var(--high)}.bar-low{fill:var(--low)}
.bar-info,.bar-new,.bar-removed-from-configuration{fill:var(--control)}
.bar-approved{fill:var(--approved)}.bar-unchecked{fill:var(--unknown)}.bar-plain{fill:var(--accent)}
.ends{display:flex;justify-content:space-between;color:var(--soft);font-size:.87rem;margin:0;max-width:none}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;padding:0;font-size:.92rem}
.key{width:.8rem;height:.8rem;vertical-align:-.05rem}
.lying{display:block;width:100%;height:.9rem}
.bars{table-layout:fixed}
.bars th,.bars td{border-bottom:0;padding:.3rem .5rem;vertical-align:middle}
.bars th{width:46%;padding-left:0}
.bars th a{display:inline-block;min-height:1.5rem}
.bars td:nth-child(2){width:3.6rem;text-align:right;font-variant-numeric:tabular-nums;font-weight:650}
.ticks{table-layout:fixed;text-align:center}
.ticks th,.ticks td{text-align:center;padding:.2rem .1rem;border-bottom:0;background:none;white-space:normal}
.ticks td{font-variant-numeric:tabular-nums;font-weight:650}
.ticks caption{caption-side:bottom;padding:.2rem 0 0;font-size:.87rem}
.wall{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 1.25rem;align-items:stretch}
.wall>section{margin:.5rem 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1rem;list-style:none;padding:0;margin:1rem 0}
main>ul.figures{max-width:none}
.figure{background:var(--card);border:1px solid var(--line);border-left:.3rem solid var(--approved);border-radius:.6rem;padding:.7rem 1rem}
.figure.bad{border-left-color:var(--high)}
.figure.plain{border-left-color:var(--control)}
.figure a{display:block;color:var(--text);text-decoration:none}
.figure a:hover{text-decoration:underline}
.figure strong{display:block;font-size:2rem;line-height:1.15;font-variant-numeric:tabular-nums}
.cards{background:var(--card)}
main>.cards{border:1px solid var(--line)}
.cards th,.cards td{overflow-wrap:anywhere}
.cards tbody th a{display:inline-block;min-height:1.5rem}
.cards tbody th code{white-space:nowrap}
.definitions th:first-child{width:38%}.definitions th:last-child{width:8rem}
::placeholder{color:var(--soft);opacity:1}
.age{color:var(--soft);font-size:.92rem}
.reasons{list-style:none;padding:0;margin:.25rem 0 0;color:var(--soft);font-size:.92rem;max-width:80ch}
.tag.allow{color:var(--approved);background:var(--approved-soft)}
.deliveries{list-style:none;padding:0}
.deliveries>li{border-top:1px solid var(--line);padding:.6rem 0}
.deliveries>li:first-child{border-top:0}
.deliveries p{margin:.2rem 0}
.deliveries .meta{margin:.2rem 0}
@media (max-width:48rem){
.wall{grid-template-columns:minmax(0,1fr)}
.figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:.6rem}
.cards,.cards tbody,.cards tr,.cards td,.cards tbody th{display:block;border-bottom:0}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tbody tr{border-bottom:1px solid var(--line);padding:.5rem 0}
.cards tbody tr:last-child{border-bottom:0}
.cards td,.cards tbody th{padding:.15rem .8rem}
section .cards td,section .cards tbody th{padding:.15rem 0}
.cards td[data-label],section .cards td[data-label]{position:relative;padding-left:8.5rem;min-height:1.8rem}
.cards td[data-label]::before{content:attr(data-label);position:absolute;left:.8rem;color:var(--soft);font-size:.92rem}
.cards td.pick[data-label],section .cards td.pick[data-label]{display:inline-block;padding-left:3.2rem;margin-right:1.5rem;min-height:2rem}
.definitions th:first-child,.definitions th:last-child{width:auto}
.cards.log td[data-label]{padding-left:.8rem;min-height:0}.cards.log td[data-label]::before{content:none}
.cards.log td:not(:last-child),.cards.log tbody th{display:inline-block;padding-right:0;color:var(--soft);font-size:.92rem}
section .cards td[data-label]:not(.pick){padding-left:7.7rem}section .cards td[data-label]::before{left:0}
}
@media (forced-colors:active){.chart rect,.lying rect,.key rect{fill:CanvasText;forced-color-adjust:none}}
@media print{.figure,.cards tr{break-inside:avoid}}
`;

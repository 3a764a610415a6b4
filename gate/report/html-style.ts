import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';

/*
 * The look of the report, as text: the compiled product has no style sheets beside its programs.
 * Colours are the player page's; on light ground and on paper their darker kin. Text reaches 4.5:1,
 * lines and shapes 3:1.
 */

const DARK = `
  --ground: #081417;
  --surface: #11262b;
  --line: #28454b;
  --line-strong: #5f7f82;
  --foam: #edf6f4;
  --mist: #b3c8c6;
  --fog: #8da6a5;
  --sun: #ff9d78;
  --tide: #6fd0c0;
  --stage-uplink: #56b4e9;
  --stage-wait: #e69f00;
  --stage-render: #009e73;
  --stage-encode: #f0e442;
  --stage-network: #2f86c9;
  --stage-decode: #dd9fc0;
  --stage-present: #e0701f;`;

const LIGHT = `
  --ground: #fff;
  --surface: #f1f6f5;
  --line: #d5dedd;
  --line-strong: #6d8482;
  --foam: #0b1c1f;
  --mist: #2b4044;
  --fog: #4d6467;
  --sun: #b8431b;
  --tide: #11766a;
  --stage-uplink: #3a9bd4;
  --stage-wait: #b57b00;
  --stage-render: #00805d;
  --stage-encode: #9d9200;
  --stage-network: #1f5f96;
  --stage-decode: #b3628c;
  --stage-present: #c25407;`;

export const STYLE = `
:root {
  color-scheme: dark light;${DARK}
  --font: "Avenir Next", "Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, Roboto,
    "Noto Sans", "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: light) {
  :root {${LIGHT}
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 76rem;
  padding: 1.5rem clamp(1rem, 4vw, 4rem) 3.5rem;
  background: var(--ground);
  color: var(--mist);
  font: 0.875rem / 1.5 var(--font);
  overflow-wrap: break-word;
}
h1, h2, h3, .headline, b, caption { color: var(--foam); }
h1 { margin: 0; font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.25rem); line-height: 1.15; }
h2 { margin: 3rem 0 0.5rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.25rem; }
h3 { margin: 2rem 0 0.5rem; font-size: 1rem; color: var(--foam); }
p { margin: 0.25rem 0 0.75rem; }
.headline { margin-top: 0.5rem; font-size: 1.25rem; }
.about, .notes, .note { color: var(--fog); }
.notes, .warnings { padding-left: 1.1rem; }
.warnings { color: var(--sun); }
.verdicts { margin: 0; padding: 0; list-style: none; }
.verdicts li {
  display: grid;
  grid-template-columns: 7rem 1fr 10rem;
  gap: 0 1rem;
  align-items: center;
  padding: 0.6rem 0.75rem;
  border-left: 0.25rem solid var(--fog);
  border-bottom: 1px solid var(--line);
}
.verdicts p { grid-column: 2 / -1; margin: 0; }
.verdicts .pass { border-left-color: var(--tide); }
.verdicts .fail { border-left-color: var(--sun); background: var(--surface); }
.pass strong { color: var(--tide); }
.fail strong { color: var(--sun); }
.undecided strong { color: var(--mist); }
.interval path { fill: none; }
.interval .allowed { stroke: var(--line-strong); stroke-width: 1; }
.interval .range { stroke: var(--fog); stroke-width: 3; }
.interval .estimate { fill: var(--foam); }
.interval.fail .range { stroke: var(--sun); }
.interval.pass .range { stroke: var(--tide); }
.scroll { overflow-x: auto; margin-top: 1.5rem; }
.scroll:focus-visible, summary:focus-visible { outline: 0.1875rem solid var(--sun); outline-offset: 2px; }
table { border-collapse: collapse; min-width: 100%; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 0.5rem; font-weight: 600; text-align: left; }
th, td {
  padding: 0.25rem 0.75rem 0.25rem 0;
  border-bottom: 1px solid var(--line);
  text-align: right;
  white-space: nowrap;
  font-weight: 400;
}
thead th { color: var(--fog); }
th:first-child { text-align: left; }
tbody th { min-width: 9rem; color: var(--foam); white-space: normal; }
.plots, .multiples { display: grid; gap: 1rem; }
.plots, .multiples { grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); margin-top: 1rem; }
figure { margin: 0; padding: 0.75rem; border-radius: 0.5rem; background: var(--surface); }
figcaption { margin-bottom: 0.5rem; font-variant-numeric: tabular-nums; }
figcaption strong { color: var(--foam); margin-right: 0.5em; }
summary { margin-top: 1rem; color: var(--foam); cursor: pointer; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--fog); font: 9px var(--font); }
svg .title { fill: var(--mist); font-size: 10px; }
svg .y, svg .end { text-anchor: end; }
svg .x { text-anchor: middle; }
figure path { fill: none; }
.grid { stroke: var(--line); stroke-width: 0.5; }
.axis { stroke: var(--line-strong); stroke-width: 1; }
.line { stroke-linejoin: round; stroke-width: 1.2; }
.side.a { stroke: var(--tide); color: var(--tide); }
.side.b { stroke: var(--sun); color: var(--sun); }
.mark { stroke-width: 1; opacity: 0.8; }
.mark.p95 { stroke-dasharray: 4 3; }
.line.framesPerSecond { stroke: var(--tide); }
.line.bitrateBps { stroke: var(--stage-network); }
.line.capacity { stroke: var(--foam); stroke-dasharray: 3 2; stroke-width: 1; }
.dots { stroke-linecap: round; stroke-width: 3; }
.dots.latency { stroke: var(--stage-uplink); }
.dots.beyond { stroke: var(--sun); }
rect.freeze { fill: var(--sun); opacity: 0.3; }
${LATENCY_STAGES.map((stage) => `.bar .${stage} { background: var(--stage-${stage}); }`).join('\n')}
.bars { margin: 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }
.bars li { margin-bottom: 0.5rem; }
.bar { display: flex; height: 0.9rem; background: var(--ground); }
.scale { display: flex; justify-content: space-between; color: var(--fog); font-size: 0.75rem; }
.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 1rem;
  margin: 0.75rem 0 0.5rem;
  padding: 0;
  list-style: none;
}
.legend li { stroke: none; }
.legend li::before {
  content: "";
  display: inline-block;
  width: 1em;
  margin-right: 0.5em;
  border-top: 0.2em solid currentcolor;
  vertical-align: middle;
}
.legend .stage, .legend .side { color: inherit; }
${LATENCY_STAGES.map((stage) => `.legend .${stage}::before { color: var(--stage-${stage}); }`).join('\n')}
.legend .stage::before { height: 0.8em; border: 0; background: currentcolor; }
.legend .a::before, .legend .framesPerSecond::before { color: var(--tide); }
.legend .b::before, .legend .beyond::before { color: var(--sun); }
.legend .bitrateBps::before { color: var(--stage-network); }
.legend .capacity::before { border-top: 0.1em dashed var(--foam); }
.legend .latency::before, .legend .beyond::before {
  width: 0.5em;
  height: 0.5em;
  border: 0;
  border-radius: 50%;
  background: currentcolor;
}
.legend .latency::before { color: var(--stage-uplink); }
.legend .mark { opacity: 1; }
.legend .mark::before { width: 0; height: 1em; border: 0; border-left: 0.15em solid var(--fog); }
.legend .freeze::before { height: 1em; border: 0; background: var(--sun); opacity: 0.3; }
/* A phone: what belongs together stands below one another. */
@media (max-width: 40rem) {
  .verdicts li { grid-template-columns: 1fr 9rem; }
  .verdicts li > div { grid-column: 1 / -1; grid-row: 1; }
  .verdicts p { grid-column: 1 / -1; }
  figure { padding: 0.5rem; }
}
/* Paper is white, and its inks are dark; what was folded is not lost on it. */
@media print {
  :root { color-scheme: light;${LIGHT}
  }
  body { max-width: none; padding: 0; print-color-adjust: exact; }
  figure { padding: 0.25rem; background: none; }
  figure, tr, .verdicts li { break-inside: avoid; }
  h2, h3, .legend { break-after: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 0.625rem; }
  figure, .bar { border: 1px solid var(--line); }
  details::details-content { content-visibility: visible; }
}
`;

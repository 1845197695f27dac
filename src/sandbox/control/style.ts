/** How the page of the overview looks, by day and by night, on a phone and on a desk. */
export const style = `
:root { color-scheme: light dark; --ink: #16202b; --soft: #5b6875; --line: #dde3e9; --ground: #f5f7f9; --card: #fff;
  --link: #0b5cad; --good: #14703c; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa7b4; --line: #2c3742; --ground: #11171d;
  --card: #1a222b; --link: #7db8f5; --good: #6fcf97; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 68rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem; padding-top: 1.25rem; }
summary { cursor: pointer; }
header details[open] { color: var(--soft); }
header details[open] summary { color: var(--ink); }
h1 { margin: 0; font-size: 1.35rem; }
h2 { margin: 0 0 .5rem; font-size: 1rem; }
section { margin: 1rem 0; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
p { margin: .25rem 0; color: var(--soft); }
.counts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1rem 0; padding: 0; list-style: none; color: var(--soft); }
.counts b { color: var(--ink); font-size: 1.15rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th { color: var(--soft); font-size: .8rem; font-weight: 500; text-align: left; }
th, td { padding: .3rem .75rem .3rem 0; vertical-align: top; }
td { border-top: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th:last-child, td:last-child { padding-right: 0; }
td form { text-align: right; }
.whole { white-space: nowrap; }
.log th:nth-child(2) { width: 100%; }
.log :is(th, td):nth-child(3) { text-align: right; }
code { font: .875em ui-monospace, monospace; overflow-wrap: anywhere; }
small { color: var(--soft); overflow-wrap: anywhere; }
.fault, .bad, .complaint { color: var(--bad); }
.good { color: var(--good); }
a { color: var(--link); }
button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .375rem; padding: .3rem .7rem; }
button { cursor: pointer; }
button:hover { border-color: var(--soft); }
td button { padding: 0 .5rem; font-size: .85rem; }
.add { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin-top: .75rem; }
.add input { flex: 1 1 14rem; min-width: 0; font-family: ui-monospace, monospace; font-size: .875em; }
::placeholder { color: var(--soft); opacity: 1; }
.missing code { margin-right: .5rem; }
@media (max-width: 40rem) { h1 { font-size: 1.1rem; } section { padding: .75rem; } .log :is(th, td):nth-child(n + 3) { display: none; } }
`;

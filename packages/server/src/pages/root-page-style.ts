/** How the root page looks: one style sheet, no other resource, light and dark, phone to desktop. */

export const ROOT_PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #17202e; --soft: #566072; --line: #dfe3ea;
  --brand: #3c3fb8; --on-brand: #ffffff; --tint: #ecedfb; --calm: #d9f2e3; --on-calm: #12512f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151c; --card: #1a202b; --ink: #e8ecf3; --soft: #a4aebf; --line: #303949;
    --brand: #a9b0ff; --on-brand: #11151c; --tint: #262c47; --calm: #16382a; --on-calm: #a3e6c3;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 2rem); background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif;
}
main { max-width: 58rem; margin: 0 auto; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1rem; margin-bottom: .75rem; }
header svg { width: 2.75rem; height: 2.75rem; color: var(--brand); flex: none; }
h1 { font-size: clamp(1.6rem, 4vw, 2.1rem); line-height: 1.2; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 0; }
p { margin: .35rem 0; }
.soft { color: var(--soft); }
.pill { background: var(--calm); color: var(--on-calm); border-radius: 99px; padding: .2rem .8rem; font-weight: 600; font-size: .875rem; }
a { color: var(--brand); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
.shops { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 1rem; list-style: none; padding: 0; margin: 0; }
.shops li, .panel { background: var(--card); border: 1px solid var(--line); border-radius: .9rem; }
.shops li { position: relative; padding: 1.1rem 1.2rem; display: flex; flex-direction: column; gap: .4rem; transition: border-color .15s; }
.shops li:hover { border-color: var(--brand); }
.shops p { margin: 0; flex: 1; }
.shops a { font-weight: 600; text-decoration: none; }
.shops a::after { content: ""; position: absolute; inset: 0; border-radius: .9rem; }
.shops a:focus-visible { outline: none; }
.shops a:focus-visible::after { outline: 3px solid var(--brand); outline-offset: 2px; }
.go { color: var(--brand); font-weight: 600; font-size: .925rem; }
.panel { overflow: hidden; }
pre { margin: 0; padding: 1rem 1.2rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
code, td:first-child { font: .875rem/1.6 ui-monospace, monospace; }
.bar { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: .5rem .6rem .5rem 1.2rem; border-bottom: 1px solid var(--line); }
button { font: inherit; font-weight: 600; color: var(--on-brand); background: var(--brand); border: 0; border-radius: .55rem; padding: .45rem 1rem; min-height: 2.5rem; cursor: pointer; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; padding: .8rem 1.2rem; color: var(--soft); }
th, td { text-align: left; padding: .55rem 1.2rem; border-top: 1px solid var(--line); vertical-align: top; }
th { font-size: .875rem; color: var(--soft); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 0; padding: 1rem 1.2rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.links { padding-left: 1.2rem; }
@media (max-width: 30rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .6rem; }
  th, td { padding-inline: .8rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`

/** How the dialog looks: its frame in a shadow tree of its own, its fields in the page's. */

/** Custom properties that a page may set as `--tollbridge-…`, with their light and dark defaults. */
const theme = {
  text: ['#1a2033', '#f0f2f8'],
  muted: ['#5a6377', '#a9b1c4'],
  surface: ['#fff', '#1b1f2b'],
  field: ['#fff', '#252a38'],
  border: ['#cfd5e1', '#444c61'],
  accent: ['#4a42d6', '#aba6ff'],
  'accent-text': ['#fff', '#14161f'],
  danger: ['#bd1c37', '#ff8d9d'],
  radius: ['10px', '10px'],
  font: ['system-ui,-apple-system,sans-serif', 'system-ui,-apple-system,sans-serif'],
}

const colors = (scheme: 0 | 1): string =>
  Object.entries(theme)
    .map(([name, values]) => `--${name}:var(--tollbridge-${name},${values[scheme]});`)
    .join('')

export const dialogCss = `
:host{all:initial;color-scheme:light;${colors(0)}}
:host([data-theme=dark]){color-scheme:dark;${colors(1)}}
*{box-sizing:border-box;margin:0}
.veil,dialog::backdrop{position:fixed;inset:0;z-index:2147483000;background:rgb(9 12 24/58%)}
:host(:not([data-state=busy])) .veil{display:none}
dialog{position:fixed;inset:0 0 var(--covered);z-index:2147483001;margin:auto;padding:24px;border:1px solid rgb(130 140 165/18%);outline:0;
width:min(456px,100% - 32px);height:fit-content;max-width:none;max-height:calc(100dvh - var(--covered) - 32px);
overflow:auto;overscroll-behavior:contain;border-radius:calc(var(--radius) + 8px);background:var(--surface);color:var(--text);
font:16px/1.45 var(--font);box-shadow:0 28px 70px -16px rgb(8 12 28/50%)}
header,footer,.alert,.note,.submit{display:flex;justify-content:space-between;gap:10px}
h2{font-size:20px;font-weight:650;line-height:1.3;overflow-wrap:anywhere}
.amount{font-size:30px;font-weight:680;line-height:1.3}
button{min-height:48px;padding:10px 20px;font:inherit;font-weight:600;cursor:pointer;border:1px solid transparent;border-radius:var(--radius);
background:var(--field);color:inherit}
button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button:hover{filter:brightness(.95)}
.cross{padding:0 14px;margin:-11px -15px -11px 0;background:none;color:var(--muted)}
svg{flex:none;width:18px;height:1.45em;vertical-align:top;fill:none;stroke:currentcolor;stroke-width:1.6;stroke-linecap:round}
.content{position:relative;min-height:74px;margin:20px 0 22px}
.content:before{position:absolute;inset:26px 0 auto;height:48px;border-radius:var(--radius);background:var(--border);
animation:breathe 1s infinite alternate}
:host([data-state=loading]) .content:before,:host([data-state=busy]) .submit:before{content:""}
slot{display:block}
:host([data-state=busy]) slot,button:disabled,:host([data-state=loading]) .submit{opacity:.5}
:host([data-state=loading]) slot{opacity:0}
.alert{justify-content:start;color:var(--danger)}
.alert>*{margin-top:12px}
.cancel{border-color:var(--border)}
.submit,.note{flex:1;align-items:center;justify-content:center}
.submit{background:var(--accent);color:var(--accent-text)}
.submit:before{width:18px;height:18px;border:2px solid;border-right-color:transparent;border-radius:50%;animation:turn .8s linear infinite}
.note{margin-top:16px;color:var(--muted);font-size:13.5px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@keyframes turn{to{rotate:1turn}}
@keyframes breathe{from{opacity:.6}to{opacity:.3}}
@media (max-width:480px){dialog{width:100%;margin-bottom:0;padding:20px;border-end-start-radius:0;border-end-end-radius:0}}
@media (prefers-reduced-motion:reduce){:before{animation-duration:4s!important}}
`

export const fieldCss = `
.tollbridge-form{margin:0;font:16px/1.45 var(--font);color:var(--text);background:var(--surface)}
.tollbridge-fields{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.tollbridge-field{grid-column:1/-1;min-width:0}
.tollbridge-cardExpiry,.tollbridge-cardCvc{grid-column:auto}
.tollbridge-label{display:block;margin:0 0 6px;color:var(--text);font:600 14.5px/20px var(--font)}
.tollbridge-line .tollbridge-box{padding:14px;border:1px solid var(--border);border-radius:var(--radius);background:var(--field);cursor:text}
.tollbridge-line .StripeElement--focus{border-color:var(--accent);box-shadow:0 0 0 3px color-mix(in srgb,var(--accent) 28%,transparent)}
.tollbridge-line .StripeElement--invalid{border-color:var(--danger)}
`

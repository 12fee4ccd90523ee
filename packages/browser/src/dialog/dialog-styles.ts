/** How the dialog looks: its frame in a shadow tree of its own, its fields in the page's. */

// A page may set each --tollbridge-… property; beside it stands the default, light and dark.
const dialogTheme = `
:host{all:initial;display:block;color-scheme:light;
--text:var(--tollbridge-text,#1a2033);--muted:var(--tollbridge-muted,#5a6377);--surface:var(--tollbridge-surface,#fff);
--field:var(--tollbridge-field,#fff);--line:var(--tollbridge-border,#cfd5e1);--accent:var(--tollbridge-accent,#4a42d6);
--on-accent:var(--tollbridge-accent-text,#fff);--danger:var(--tollbridge-danger,#bd1c37);--radius:var(--tollbridge-radius,10px);
--font:var(--tollbridge-font,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif);--veil:rgb(17 21 38/52%)}
:host([data-theme=dark]){color-scheme:dark;
--text:var(--tollbridge-text,#f0f2f8);--muted:var(--tollbridge-muted,#a9b1c4);--surface:var(--tollbridge-surface,#1b1f2b);
--field:var(--tollbridge-field,#252a38);--line:var(--tollbridge-border,#444c61);--accent:var(--tollbridge-accent,#aba6ff);
--on-accent:var(--tollbridge-accent-text,#14161f);--danger:var(--tollbridge-danger,#ff8d9d);--veil:rgb(3 5 11/66%)}`

export const dialogCss = `${dialogTheme}
*{box-sizing:border-box;margin:0}
[hidden]{display:none}
.veil{display:none;position:fixed;inset:0;z-index:2147483000;background:var(--veil)}
:host([data-state=busy]) .veil{display:block}
dialog::backdrop{background:var(--veil)}
dialog{position:fixed;inset:0 0 var(--covered,0px);z-index:2147483001;margin:auto;padding:24px;border:0;outline:0;
width:min(456px,100% - 32px);height:fit-content;max-width:none;max-height:calc(100dvh - var(--covered,0px) - 32px);
overflow:auto;overscroll-behavior:contain;border-radius:calc(var(--radius) + 8px);background:var(--surface);color:var(--text);
font:16px/1.45 var(--font);box-shadow:0 0 0 1px rgb(130 140 165/16%),0 28px 70px -16px rgb(8 12 28/50%)}
header{display:flex;align-items:flex-start;justify-content:space-between;gap:12px}
h2{font-size:20px;font-weight:650;line-height:1.3;letter-spacing:-.012em;overflow-wrap:anywhere}
.amount{font-size:30px;font-weight:680;line-height:1.25;letter-spacing:-.02em;font-variant-numeric:tabular-nums;margin-top:4px}
.amount:empty{display:none}
button{font:inherit;cursor:pointer;border:1px solid transparent;border-radius:var(--radius);color:inherit;touch-action:manipulation}
button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.cross{flex:none;display:grid;place-items:center;width:44px;height:44px;margin:-9px -12px -9px 0;padding:0;background:none;color:var(--muted)}
.cross:hover:enabled{color:var(--text);background:color-mix(in srgb,var(--text) 8%,transparent)}
svg{flex:none;width:18px;height:18px;fill:none;stroke:currentcolor;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.content{position:relative;min-height:74px;margin-top:20px}
slot{display:block;transition:opacity .15s}
:host([data-state=busy]) slot{opacity:.55}
:host([data-state=loading]) slot{opacity:0}
.skeleton{position:absolute;inset:26px 0 auto;height:48px;border-radius:var(--radius);background:color-mix(in srgb,var(--muted) 20%,transparent);
animation:breathe 1.4s ease-in-out infinite alternate}
:host(:not([data-state=loading])) .skeleton{display:none}
.alert{display:flex;gap:8px;margin-top:12px;color:var(--danger);font-size:15px;font-weight:500}
.alert:empty{margin:0}
.alert svg{margin-top:2px}
footer{display:flex;gap:12px;margin-top:22px}
footer button{min-height:48px;padding:10px 20px;font-weight:600}
.cancel{background:var(--field);border-color:var(--line)}
.cancel:hover:enabled{background:color-mix(in srgb,var(--text) 7%,var(--field))}
.submit{flex:1;display:flex;align-items:center;justify-content:center;gap:10px;background:var(--accent);color:var(--on-accent);
box-shadow:0 1px 2px rgb(8 12 28/20%)}
.submit:hover{filter:brightness(1.08)}
.submit:active{filter:brightness(.95)}
:host([data-state=loading]) .submit,button:disabled{cursor:default}
:host([data-state=loading]) .submit,:host([data-state=busy]) .cancel,:host([data-state=busy]) .cross{opacity:.5}
:host([data-state=busy]) .submit{cursor:progress;filter:none}
:host([data-state=busy]) .submit::before{content:"";width:18px;height:18px;border:2px solid;border-right-color:transparent;
border-radius:50%;animation:turn .8s linear infinite}
.note{display:flex;align-items:center;justify-content:center;gap:7px;margin-top:16px;color:var(--muted);font-size:13.5px;text-wrap:balance}
.note svg{width:15px;height:15px;stroke-width:1.4}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@keyframes turn{to{rotate:1turn}}
@keyframes breathe{to{opacity:.45}}
@media (max-width:480px){
dialog{width:100%;margin:auto 0 0;padding:22px 20px calc(20px + env(safe-area-inset-bottom));border-radius:calc(var(--radius) + 10px) calc(var(--radius) + 10px) 0 0}
}
@media (prefers-reduced-motion:reduce){*,::before{animation-duration:4s!important;transition:none!important}.skeleton{animation:none}}
@media (forced-colors:active){dialog{border:1px solid}.submit,.cancel{border-color:buttonborder}}
`

export const fieldCss = `
.tollbridge-form{display:block;margin:0;padding:0;border:0;font:16px/1.45 var(--font);color:var(--text)}
.tollbridge-fields{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.tollbridge-field{grid-column:1/-1;min-width:0}
.tollbridge-cardExpiry,.tollbridge-cardCvc{grid-column:auto}
.tollbridge-label{display:block;margin:0 0 6px;padding:0;color:var(--text);font:600 14.5px/20px var(--font);letter-spacing:0;text-transform:none}
.tollbridge-line .tollbridge-box{padding:14px;border:1px solid var(--line);border-radius:var(--radius);background:var(--field);
cursor:text;transition:border-color .12s,box-shadow .12s}
.tollbridge-line .StripeElement--focus{border-color:var(--accent)!important;box-shadow:0 0 0 3px color-mix(in srgb,var(--accent) 28%,transparent)}
.tollbridge-line .StripeElement--invalid{border-color:var(--danger)!important}
`

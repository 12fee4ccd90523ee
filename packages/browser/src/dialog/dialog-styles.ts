/** How the dialog looks: in a shadow tree of its own, and its fields in the page's. */

/** Custom properties that a page may set, each with its light and dark default. */
const THEME = `
:host{--text:var(--tollbridge-text,#1a2033);--muted:var(--tollbridge-muted,#5b6478);--surface:var(--tollbridge-surface,#fff);
--field:var(--tollbridge-field,#fff);--line:var(--tollbridge-border,#d5dae4);--accent:var(--tollbridge-accent,#4a42d6);
--on-accent:var(--tollbridge-accent-text,#fff);--danger:var(--tollbridge-danger,#c01f3a);--radius:var(--tollbridge-radius,10px);
--font:var(--tollbridge-font,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif);--veil:rgb(16 20 36/55%);color-scheme:light}
:host([data-theme=dark]){--text:var(--tollbridge-text,#f0f2f8);--muted:var(--tollbridge-muted,#aab2c5);--surface:var(--tollbridge-surface,#1c202c);
--field:var(--tollbridge-field,#262b39);--line:var(--tollbridge-border,#434a5d);--accent:var(--tollbridge-accent,#aaa5ff);
--on-accent:var(--tollbridge-accent-text,#14161f);--danger:var(--tollbridge-danger,#ff8b9b);--veil:rgb(4 6 12/70%);color-scheme:dark}`

export const dialogCss = `${THEME}
:host{all:initial;display:block}
*{box-sizing:border-box;margin:0}
dialog{display:none}
dialog[open]{display:flex;flex-direction:column;position:fixed;inset:0 0 var(--covered,0px);z-index:2147483001;margin:auto;padding:0;border:0;
width:min(440px,100% - 32px);height:fit-content;max-width:none;max-height:calc(100dvh - var(--covered,0px) - 32px);overflow:auto;overscroll-behavior:contain;
border-radius:calc(var(--radius) + 8px);background:var(--surface);color:var(--text);font:16px/1.45 var(--font);outline:0;
box-shadow:0 24px 64px -12px rgb(8 12 28/45%),0 0 0 1px rgb(128 138 160/14%)}
`

export const fieldCss = `.tollbridge-form{display:block}`

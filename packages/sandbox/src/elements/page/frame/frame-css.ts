/** The look of everything inside the frames. */

export const FRAME_CSS = `
:root {
  --fontFamily: -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Ubuntu, sans-serif;
  --fontSizeBase: 16px;
  --colorPrimary: #5a4fe0;
  --colorBackground: #ffffff;
  --colorText: #1f2638;
  --colorTextSecondary: #5f687b;
  --colorTextPlaceholder: #646d80;
  --colorDanger: #cf2340;
  --borderRadius: 6px;
  --spacingUnit: 4px;
  --line: #d9dee8;
  --shadow: 0 1px 2px rgb(20 28 52 / 7%);
  --tint: #f4f5fb;
}
:root[data-theme="night"] {
  color-scheme: dark;
  --colorPrimary: #a5a0ff;
  --colorBackground: #262a38;
  --colorText: #f1f3fa;
  --colorTextSecondary: #b4bbcc;
  --colorTextPlaceholder: #98a1b5;
  --colorDanger: #ff8091;
  --line: #444a5e;
  --shadow: none;
  --tint: #333849;
}
:root[data-theme="flat"] {
  --colorBackground: #f1f3f7;
  --colorTextPlaceholder: #5c6579;
  --line: transparent;
  --shadow: none;
  --tint: #e7eaf1;
}
:root[data-theme="none"] {
  --borderRadius: 0;
  --line: #8a93a6;
  --shadow: none;
}
* { box-sizing: border-box }
[hidden] { display: none !important }
.Hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
html, body { margin: 0; padding: 0; background: transparent; font-family: var(--fontFamily);
  font-size: var(--fontSizeBase); -webkit-text-size-adjust: 100% }
button, input, select { font: inherit; margin: 0 }
@keyframes autofilled { from { opacity: .999 } to { opacity: 1 } }
input:autofill { animation: autofilled 1ms }

.CardLine { display: flex; align-items: center; gap: 10px; width: 100%; overflow: hidden; margin: 0 }
.IconHolder { flex: none; display: flex; color: inherit }
.BrandIcon { display: block; border-radius: 3px }
.CardCell { position: relative; display: block; flex: 0 0 auto }
.CardCell--number, .CardCell--iban { flex: 1 0 11.4em; transition: flex-basis .18s ease }
.CardLine:not([data-type="card"]) .CardCell { flex: 1 1 auto; min-width: 0 }
.CardLine[data-type="card"] .CardCell--expiry { width: 4.8em }
.CardLine[data-type="card"] .CardCell--cvc { width: 2.7em }
.CardLine[data-type="card"] .CardCell--postal { width: 4.2em }
.CardLine.hides-postal .CardCell--postal { display: none }
.InputElement { display: block; width: 100%; height: 1.2em; min-height: 19.2px; padding: 0; border: 0; outline: 0;
  border-radius: 0; background: none; color: #1f2638; line-height: 1.2; text-overflow: clip; appearance: none;
  font-size: 1em; font-variant-numeric: tabular-nums; caret-color: currentcolor }
.InputElement::placeholder { color: #646d80; opacity: 1 }
.InputElement.is-invalid { color: #cf2340 }
.InputElement:disabled { opacity: .55; cursor: not-allowed }
.CardCell--number .LastDigits { position: absolute; inset: 0 auto 0 0; display: none; align-items: center; pointer-events: none;
  width: auto }
.SandboxBadge { flex: none; margin-left: auto; padding: 0 6px; border-radius: 99px; background: #ffe7b0;
  color: #664300; font-size: 9.5px; font-weight: 650; line-height: 15px; letter-spacing: .02em; user-select: none }
.CardLine[data-type="cardNumber"] .IconHolder { order: 2 }
.CardLine[data-type="cardNumber"] .SandboxBadge { order: 3; margin-left: 0 }
@media (max-width: 519px) {
  .CardLine[data-type="card"] .SandboxBadge { display: none }
}
@media (max-width: 440px) {
  .CardLine { gap: 5px }
  .CardLine[data-type="card"] .BrandIcon { width: 28px; height: 18px }
  .CardLine[data-type="card"] .CardCell--number { flex: 1 1 10.1em; min-width: 6em }
  .CardLine[data-type="card"] .CardCell--expiry { width: 4.1em }
  .CardLine[data-type="card"] .CardCell--cvc { width: 2.5em }
  .CardLine[data-type="card"] .CardCell--postal { width: 3.4em }
  .CardLine[data-type="card"].is-folded .CardCell--number { flex-basis: 2.6em; min-width: 2.6em }
  .CardLine.is-folded .CardCell--number input { opacity: 0 }
  .CardLine.is-folded .CardCell--number .LastDigits { display: flex }
}
/* While the number is typed it has its room, and what would be cut off waits; after it all find theirs. */
@media (max-width: 375px) {
  .CardLine[data-type="card"]:has([name="cardnumber"]:focus:not(:placeholder-shown)) .CardCell--number { min-width: 10.1em }
  .CardLine:has([name="cardnumber"]:focus:not(:placeholder-shown)) .CardCell--postal { opacity: 0 }
}
@media (max-width: 310px) {
  .CardLine[data-type="card"] .CardCell--expiry { width: 3.7em }
  .CardLine:has([name="cardnumber"]:focus:not(:placeholder-shown)) .CardCell--cvc { opacity: 0 }
  .CardLine[data-type="card"]:not(.is-folded) .CardCell--postal:not(:focus-within):has(:placeholder-shown) { width: 1px;
    margin-left: -6px; opacity: 0 }
  .CardLine[data-type="card"]:not(:has([name="cardnumber"]:focus)):has(.CardCell--postal:focus-within,
    [name="postal"]:not(:placeholder-shown)) .CardCell--number { min-width: 2.6em }
}
@media (max-width: 265px) {
  .CardLine:has([name="cardnumber"]:focus:not(:placeholder-shown)) .CardCell--expiry { opacity: 0 }
}
@media (max-width: 245px) {
  .CardLine[data-type="card"] .IconHolder { display: none }
}

.PaymentForm { margin: 0; padding: 2px; color: var(--colorText) }
.TabList { display: flex; gap: var(--tabSpacing, var(--spacingTab, 8px)); margin-bottom: calc(var(--spacingUnit) * 4) }
.Tab, .AccordionItem { min-height: 44px; padding: 10px 14px; border: 1px solid var(--inputColorBorder, var(--line)); cursor: pointer;
  border-radius: var(--borderRadius); background: var(--colorBackground); color: var(--colorText);
  box-shadow: var(--shadow); text-align: left; font-weight: 550; font-size: .9375em }
.Tab { flex: 1 1 0 }
.AccordionItem { display: block; width: 100%; margin-bottom: 8px }
.Tab:hover, .AccordionItem:hover { background: var(--tint) }
.Tab--selected, .AccordionItem--selected { border-color: var(--colorPrimary); color: var(--colorPrimary);
  box-shadow: 0 0 0 1px var(--colorPrimary) }
.Tab:focus-visible, .AccordionItem:focus-visible, .ExpressButton:focus-visible { outline: 3px solid
  color-mix(in srgb, var(--colorPrimary) 45%, transparent); outline-offset: 1px }
.MethodForm { display: grid; grid-template-columns: 1fr 1fr; gap: var(--gridRowSpacing, var(--spacingGridRow, calc(var(--spacingUnit) * 3)))
    var(--gridColumnSpacing, var(--spacingGridColumn, calc(var(--spacingUnit) * 3))) }
.AccordionItem + .MethodForm { margin: 4px 0 14px }
.Field { min-width: 0 }
.Field--number, .Field--country, .Field--name, .Field--email, .Field--iban, .TermsText { grid-column: 1 / -1 }
.Field--postalCode { grid-column: 1 / -1 }
.has-half-rows .Field--country, .has-half-rows .Field--postalCode { grid-column: auto }
.Label { display: block; margin-bottom: var(--labelSpacing, 5px); color: var(--labelColorText, var(--colorText));
  font-size: var(--labelFontSize, .875em); font-weight: var(--labelFontWeight, 500);
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.InputBox { position: relative }
.Input { display: block; width: 100%; height: 46px; padding: 10px 12px; outline: 0;
  border: 1px solid var(--inputColorBorder, var(--line));
  border-radius: var(--borderRadius); background: var(--colorBackground); color: var(--colorText);
  box-shadow: var(--shadow); font-size: 1em; line-height: 1.4; appearance: none;
  font-variant-numeric: tabular-nums; transition: border-color .12s, box-shadow .12s }
.Input::placeholder { color: var(--colorTextPlaceholder); opacity: 1 }
.Input:hover { border-color: color-mix(in srgb, var(--colorText) 28%, var(--line)) }
.Input:focus { border-color: var(--colorPrimary); box-shadow: 0 0 0 1px var(--colorPrimary),
  0 0 0 4px color-mix(in srgb, var(--colorPrimary) 18%, transparent) }
.Input--invalid { border-color: var(--colorDanger); color: var(--colorDanger); box-shadow: 0 0 0 1px var(--colorDanger) }
.Input--invalid:focus { border-color: var(--colorDanger); box-shadow: 0 0 0 1px var(--colorDanger),
  0 0 0 4px color-mix(in srgb, var(--colorDanger) 18%, transparent) }
.Input:read-only:not(select), .Input:disabled { opacity: .65 }
.Field--number .Input { padding-right: 54px }
.InputIcon { position: absolute; right: 12px; top: 50%; transform: translateY(-50%); pointer-events: none }
.Select { padding-right: 34px; text-overflow: ellipsis; cursor: pointer;
  background-image: linear-gradient(45deg, transparent 50%, currentcolor 50%),
    linear-gradient(-45deg, transparent 50%, currentcolor 50%);
  background-size: 5px 5px; background-position: right 18px center, right 13px center; background-repeat: no-repeat }
.labels-floating .Field { position: relative }
.labels-floating .Label { position: absolute; z-index: 2; left: 13px; top: 7px; margin: 0; max-width: calc(100% - 26px);
  color: var(--labelColorText, var(--colorTextSecondary)); font-size: .75em; line-height: 1.3; pointer-events: none;
  transition: top .12s, font-size .12s }
.labels-floating .Input { height: 56px; padding-top: 22px; padding-bottom: 6px }
.labels-floating .Field:has(.Input:placeholder-shown:not(:focus)) .Label { top: 17px; font-size: 1em }
.labels-floating .Input:placeholder-shown:not(:focus)::placeholder { color: transparent }
.inputs-condensed .MethodForm { gap: 0 }
.inputs-condensed .MethodForm > * + .Field { margin-top: -1px }
.inputs-condensed .Field--cvc .Input, .inputs-condensed .has-half-rows .Field--postalCode .Input { margin-left: -1px;
  width: calc(100% + 1px) }
.inputs-condensed .Input:not(:focus):not(.Input--invalid) { border-radius: 0; box-shadow: none }
.inputs-condensed .Input:focus { position: relative; z-index: 1 }
.Error { margin: 5px 0 0; color: var(--colorDanger); font-size: .875em; line-height: 1.35 }
.TermsText, .SandboxNote { margin: 0; color: var(--colorTextSecondary); font-size: .8125em; line-height: 1.4 }
.SandboxNote { margin-top: 12px; padding-left: 10px; border-left: 3px solid #d99a1c }

.Express { padding: 4px }
.ExpressButton { display: block; width: 100%; height: 44px; border: 0; border-radius: var(--borderRadius);
  background: #1f2638; color: #fff; font-weight: 600; cursor: pointer }
.ExpressButton:hover { background: #2f3850 }
:root[data-theme="night"] .ExpressButton { background: #f1f3fa; color: #1f2638 }

.Overlay, .Bank { color-scheme: light dark; --sheet: light-dark(#fff, #1d2029); --text: light-dark(#1f2638, #eef0f7);
  --quiet: light-dark(#5f687b, #b0b7c8); --edge: light-dark(#e1e5ee, #3b4152); --accent: light-dark(#4b41cf, #aba6ff);
  --on-accent: light-dark(#fff, #14161d) }
.Overlay { display: grid; place-items: center; height: 100vh; padding: 16px }
.Sheet { outline: 0; display: flex; flex-direction: column; width: 100%; max-width: 420px; max-height: 100%; overflow: hidden;
  border-radius: 14px; background: var(--sheet); color: var(--text); box-shadow: 0 18px 60px rgb(10 14 30 / 40%) }
.SheetHead { display: flex; align-items: center; justify-content: space-between; padding: 10px 10px 10px 22px;
  border-bottom: 1px solid var(--edge) }
.SheetTitle { display: flex; align-items: center; gap: 10px; font-weight: 650 }
.SheetClose { width: 44px; height: 44px; border: 0; border-radius: 10px; background: none; color: var(--quiet);
  font-size: 26px; line-height: 1; cursor: pointer }
.SheetClose:hover { color: var(--text); background: color-mix(in srgb, var(--text) 8%, transparent) }
.SheetClose:focus-visible, .BankButton:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.BankFrame { display: block; flex: 0 1 auto; width: 100%; height: 250px; border: 0; color-scheme: light }
.SheetStatus { margin: 0; padding: 0 22px 14px; color: var(--quiet); font-size: .875em }
.SheetStatus:empty { display: none }
.Bank { background: var(--sheet); color: var(--text) }
.BankMain { padding: 22px }
.BankMain h1 { margin: 0 0 10px; font-size: 1.25em }
.BankMain p { margin: 0 0 12px; line-height: 1.5 }
.BankNote { color: var(--quiet); font-size: .875em }
.BankButtons { display: flex; gap: 12px; margin-top: 20px }
.BankButton { flex: 1; min-height: 46px; border: 1px solid var(--accent); border-radius: 8px; cursor: pointer;
  background: var(--accent); color: var(--on-accent); font-weight: 600 }
.BankButton--quiet { border-color: var(--edge); background: none; color: var(--text) }
@media (prefers-reduced-motion: reduce) { * { transition: none !important } }
`

/** THE list of what carries its secret in its own text: keys and tokens of ours and of Stripe, wherever they stand. */

/** The first group stays, so that a reader knows what stood there. */
const SECRET_TEXTS: readonly RegExp[] = [
  // Ours: server keys tbk_, operator keys tbo_, and what may come; but client keys (tbc_) are public, and tbp_ names calls.
  /\b(tb[abd-oq-z](?:_|%(?:25)*5F))[\w-]+/gi,
  // Stripe's: secret, restricted, organisation, ephemeral and user keys, terminal and OAuth tokens, signing secrets.
  // In an address the line may be an escape, and some tools write all in capitals.
  /(?<![A-Za-z0-9])((?:[sreu]k|pst|[sr]k(?:_|%(?:25)*5F)org)(?:_|%(?:25)*5F)(?:test|live)(?:_|%(?:25)*5F))(?:\w|%(?:25)*5F)+/gi,
  /\b(whsec(?:_|%(?:25)*5F))[\w+/=%-]+/gi,
  /\b(ac_)[A-Za-z0-9]{20,}/g,
  // The secret part of a client secret: pi_…, seti_…, cs_…, src_…
  /(_secret_)[\w.-]+/g,
  // Signed tokens: watch tokens, page sessions, customer tokens, quotes.
  /\b(eyJ)[\w-]+\.[\w-]+\.[\w-]+/g,
  // What an address carries: a user's word, and parameters that are called secret.
  /(:\/\/)[^\s/?#"'@]+(?=@)/g,
  /([?&](?:[\w-]*(?:token|secret|password|api_?key)|quote)=)[^\s&"'#]+/gi,
  // What a header says, whatever it is.
  /\b(Bearer\s+)(?![[<…])[^\s"',;\\]+/gi,
  /\b(Basic\s+)(?!\[)[A-Za-z0-9+/=]{8,}/g,
  // A signature that may be sent again for a while.
  /\b(v[01](?:=|%3D))[0-9a-f]{64}\b/gi,
  // 32 bytes in base64: a master key.
  /(?<![A-Za-z0-9+])()(?:[A-Za-z0-9+/]|%2[BF]){43}(?:=|%3D)(?![A-Za-z0-9+=])/gi,
]

/** `tbk_abc` → `tbk_` and the censor. */
export function withoutSecrets(text: string, censor: string): string {
  return SECRET_TEXTS.reduce((rest, pattern) => rest.replace(pattern, `$1${censor}`), text)
}

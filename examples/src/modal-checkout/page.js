/** The page of a shop that keeps cards: what the buttons do. */
const { tollbridge, sampleCollectPaymentInformation, sampleHandleCardAction } = window
const at = (id) => document.getElementById(id)

/** Asks the shop's own server. Throws an Error with words for the shopper. */
async function ask(route, body = {}, headers = {}) {
  const answer = await fetch(`api/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The shop cannot be reached. Check your connection and try again.')
  })
  const said = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(said.error?.message ?? `The shop answered ${answer.status}.`)
  return said
}

function show({ product, amount, currency, card, isPaid }) {
  at('product').textContent = product
  at('price').textContent = new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(
    amount / 100,
  )
  at('card').textContent = card ?? 'No card is saved yet.'
  at('add-card').textContent = card === null ? 'Add a card' : 'Use another card'
  at('pay').disabled = card === null || isPaid
  at('pay').textContent = isPaid ? 'Paid' : 'Pay with the saved card'
}

function note(text) {
  const line = document.createElement('li')
  line.textContent = text
  at('log').append(line)
  at('no-log').hidden = true
}

function tell(kind, text) {
  at('status').textContent = kind === 'good' ? text : ''
  at('problem').textContent = kind === 'bad' ? text : ''
  if (text !== '') note(text)
}

/** Runs what a button does, once at a time, and shows what went wrong. */
function onClick(id, work) {
  at(id).addEventListener('click', async () => {
    const buttons = [...document.querySelectorAll('button')]
    const before = buttons.map(({ disabled }) => disabled)
    tell('good', '')
    for (const button of buttons) button.disabled = true
    let shown = null
    try {
      shown = await work()
    } catch (error) {
      tell('bad', error.message)
    }
    buttons.forEach((button, index) => {
      button.disabled = before[index]
    })
    if (shown !== null) show(shown)
    at(id).focus()
  })
}

/** The first sample, as a promise. */
function collectCard(setupIntent) {
  return new Promise((resolve, reject) => {
    sampleCollectPaymentInformation(setupIntent, {
      onSuccess: (data) => resolve(data.setupIntent),
      onFail: ({ error }) => reject(new Error(error.message)),
    })
  })
}

/** The second sample, as a promise. */
function handleAction(clientSecret) {
  return new Promise((resolve, reject) => {
    sampleHandleCardAction(clientSecret, {
      cardActionCallback: ({ error, paymentIntent }) =>
        error ? reject(new Error(error.message)) : resolve(paymentIntent),
    })
  })
}

onClick('add-card', async () => {
  const setupIntent = await collectCard(await ask('setup-intent'))
  note(`Stripe says the setup intent is ${setupIntent.status}; the shop asks Stripe itself.`)
  const shown = await ask('card-saved', { setupIntent: setupIntent.id })
  tell('good', `Your card is saved: ${shown.card}.`)
  return shown
})

onClick('ask-server', async () => {
  // The answer comes when the callback has run on the server.
  const shown = await ask('ask-for-card', {}, await tollbridge.ui.headers())
  tell('good', `The shop’s server has saved your card: ${shown.card}.`)
  return shown
})

onClick('pay', async () => {
  let outcome = await ask('pay')
  while (outcome.clientSecret !== undefined) {
    note('The bank wants to know that it is you.')
    const intent = await handleAction(outcome.clientSecret)
    note(`Stripe says the payment is ${intent.status}; the shop’s server confirms it.`)
    outcome = await ask('confirm')
  }
  tell('good', `Paid. The beans are on their way.`)
  return outcome
})

try {
  await tollbridge.ready()
  const began = await ask('start')
  show(began)
  // Messages that the shop's server sends to this tab.
  tollbridge.ui.connect({
    session: async () => (await ask('session')).token,
    onError: (error) => tell('bad', error.message),
  })
  // A reload has lost the request that was to tell how the server's own message ends: the page asks again.
  if (began.isAsking) {
    const shown = await ask('asked')
    show(shown)
    tell('good', `The shop’s server has saved your card: ${shown.card}.`)
  }
} catch (error) {
  tell('bad', error.message)
}

/** What express checkout tells the page: the sandbox's button poses as Link, with one buyer. */

export const WALLETS = {
  amazonPay: false,
  applePay: false,
  googlePay: false,
  klarna: false,
  link: true,
  paypal: false,
}

export const SANDBOX_BUYER = {
  name: 'Sandbox Buyer',
  email: 'buyer@example.com',
  address: {
    line1: '1 Test Street',
    line2: null,
    city: 'Testville',
    state: 'CA',
    postal_code: '94107',
    country: 'US',
  },
}

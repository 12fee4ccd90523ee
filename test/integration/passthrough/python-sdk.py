"""Uses the library as its own documentation does, and prints what it saw as JSON."""
import json
import sys

import stripe

stripe.api_base, stripe.api_key, client_key = sys.argv[1:4]
stripe.upload_api_base = stripe.api_base
stripe.max_network_retries = 1


def error_of(call):
    try:
        call()
    except stripe.error.StripeError as error:
        return [type(error).__name__, error.http_status, error.json_body["error"]["code"]]
    return None


customer = stripe.Customer.create(name="Jo ü", metadata={"a": "1"})
for n in range(5):
    stripe.Customer.create(email="python@example.com")
once = [stripe.Customer.create(email="once@example.com", idempotency_key="py-1") for n in range(2)]
card = {"currency": "usd", "confirm": True, "allowed_payment_method_types": ["card"]}
payment = stripe.PaymentIntent.create(amount=1999, payment_method="pm_card_visa", **card)
refund = stripe.Refund.create(payment_intent=payment.id)
print(json.dumps({
    "name": stripe.Customer.retrieve(customer.id).name,
    "metadata": customer.metadata,
    "paged": len(list(stripe.Customer.list(email="python@example.com", limit=2).auto_paging_iter())),
    "deleted": stripe.Customer.delete(customer.id).deleted,
    "payment": payment.status,
    "refund": refund.status,
    "same": once[0].id == once[1].id,
    "declined": error_of(lambda: stripe.PaymentIntent.create(
        amount=1999, payment_method="pm_card_chargeDeclined", **card)),
    "missing": error_of(lambda: stripe.Customer.retrieve("cus_missing")),
    "refused": error_of(lambda: stripe.WebhookEndpoint.list()),
    "client_key": error_of(lambda: stripe.Customer.list(api_key=client_key)),
}))

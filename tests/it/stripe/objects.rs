//! Objects as the stand-in shows them: the names and kinds of fields are those of the public API reference
//! (docs.stripe.com/api), which `shapes.rs` holds against Stripe's own examples where they are at hand.

use serde_json::{Value, json};

use super::stand_in::Form;

/// `form` is what the page was asked for with.
pub fn session(id: &str, form: &Form, base: &str, now: i64) -> Value {
    let amount: i64 = form["line_items[0][price_data][unit_amount]"].parse().expect("a number");
    let currency = &form["line_items[0][price_data][currency]"];
    let checkout = form.get("payment_intent_data[metadata][checkout]");
    json!({
        "id": id, "object": "checkout.session", "amount_subtotal": amount, "amount_total": amount, "currency": currency,
        "client_reference_id": form.get("client_reference_id"), "created": now, "expires_at": now + 86_400, "livemode": false, "metadata": { "checkout": checkout },
        "mode": "payment", "payment_intent": null, "payment_status": "unpaid", "status": "open",
        "success_url": form.get("success_url"), "url": format!("{base}/c/pay/{id}"), "customer": null, "payment_method_types": ["card", "sepa_debit"],
    })
}

pub fn intent(id: &str, session: &Value, now: i64) -> Value {
    json!({
        "id": id, "object": "payment_intent", "amount": session["amount_total"], "amount_received": 0, "currency": session["currency"],
        "created": now, "livemode": false, "latest_charge": null, "last_payment_error": null, "metadata": session["metadata"],
        "status": "requires_payment_method", "payment_method_types": ["card", "sepa_debit"],
    })
}

pub fn charge(id: &str, intent: &Value, kind: &str, now: i64) -> Value {
    json!({
        "id": id, "object": "charge", "amount": intent["amount"], "amount_captured": intent["amount"], "amount_refunded": 0,
        "balance_transaction": null, "captured": true, "created": now, "currency": intent["currency"], "disputed": false, "livemode": false,
        "metadata": intent["metadata"], "paid": false, "payment_intent": intent["id"], "payment_method_details": { "type": kind },
        "refunded": false, "status": "pending",
    })
}

pub fn refund(id: &str, charge: &Value, (amount, line): (i64, &Value), named: Option<&String>, now: i64) -> Value {
    json!({
        "id": id, "object": "refund", "amount": amount, "balance_transaction": line["id"], "charge": charge["id"], "created": now,
        "currency": charge["currency"], "metadata": named.map_or(json!({}), |name| json!({ "refund": name })),
        "payment_intent": charge["payment_intent"], "status": "succeeded",
    })
}

pub fn dispute(id: &str, charge: &Value, (amount, reason): (i64, &str), line: &Value, now: i64) -> Value {
    json!({
        "id": id, "object": "dispute", "amount": amount, "balance_transactions": [line], "charge": charge["id"], "created": now,
        "currency": charge["currency"], "is_charge_refundable": false, "livemode": false, "metadata": {}, "payment_intent": charge["payment_intent"],
        "reason": reason, "status": if reason == "fraudulent" { "needs_response" } else { "lost" },
    })
}

pub fn transfer(id: &str, form: &Form, line: &Value, now: i64) -> Value {
    let amount: i64 = form["amount"].parse().expect("a number");
    json!({
        "id": id, "object": "transfer", "amount": amount, "amount_reversed": 0, "balance_transaction": line["id"], "created": now,
        "currency": form["currency"], "destination": form["destination"], "livemode": false,
        "metadata": { "payout": form.get("metadata[payout]") }, "reversed": false, "source_transaction": form.get("source_transaction"),
        "transfer_group": form.get("transfer_group"),
    })
}

pub fn reversal(
    id: &str,
    transfer: &str,
    (amount, currency): (i64, &str),
    payout: Option<&String>,
    line: &Value,
    now: i64,
) -> Value {
    json!({
        "id": id, "object": "transfer_reversal", "amount": amount, "balance_transaction": line["id"], "created": now, "currency": currency,
        "metadata": payout.map_or(json!({}), |payout| json!({ "payout": payout })), "transfer": transfer,
    })
}

pub fn account(id: &str, country: Option<&String>, organisation: Option<&String>, now: i64) -> Value {
    json!({
        "id": id, "object": "account", "capabilities": { "transfers": "inactive" }, "country": country, "created": now, "details_submitted": false,
        "metadata": { "organisation": organisation }, "payouts_enabled": false,
        "requirements": requirements(&["business_profile.url", "external_account"]), "type": "express",
    })
}

pub fn requirements(due: &[&str]) -> Value {
    json!({ "currently_due": due, "eventually_due": due, "past_due": [], "pending_verification": [], "disabled_reason": null })
}

pub fn movement(id: &str, kind: &str, source: &str, (amount, fee): (i64, i64), currency: &str, now: i64) -> Value {
    json!({
        "id": id, "object": "balance_transaction", "amount": amount, "available_on": now, "created": now, "currency": currency, "fee": fee,
        "fee_details": [], "net": amount - fee, "reporting_category": kind, "source": source, "status": "available", "type": kind,
    })
}

pub fn event(id: &str, kind: &str, object: &Value, now: i64) -> Value {
    json!({
        "id": id, "object": "event", "api_version": "2026-10-28.test", "created": now, "data": { "object": object }, "livemode": false,
        "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": kind,
    })
}

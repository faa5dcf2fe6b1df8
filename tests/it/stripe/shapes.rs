//! The stand-in's objects have the names and kinds of fields that Stripe's own examples have, where those are at hand.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};

use super::objects;

const FIXTURES: &str = "../shared/data/stripe/openapi/openapi/fixtures3.json";

fn kind(of: &Value) -> &'static str {
    match of {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

#[test]
fn objects_have_the_fields_of_stripes_own_examples() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURES);
    let Ok(text) = std::fs::read_to_string(&examples) else {
        eprintln!("SKIPPED: no shared data at {}", examples.display());
        return;
    };
    let fixtures: Value = serde_json::from_str(&text).unwrap();
    let asked = [
        ("line_items[0][price_data][unit_amount]", "1"),
        ("line_items[0][price_data][currency]", "eur"),
        ("client_reference_id", "chk"),
        ("success_url", "http://x"),
    ];
    let asked = asked.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let session = objects::session("cs_1", &asked, "http://x", 1);
    let intent = objects::intent("pi_1", &session, 1);
    let charge = objects::charge("ch_1", &intent, "card", 1);
    let line = objects::movement("txn_1", "charge", "ch_1", (1, 0), "eur", 1);
    let form = [("amount", "1"), ("currency", "eur"), ("destination", "acct_1"), ("metadata[payout]", "pyo")];
    let form = form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let shown: BTreeMap<&str, Value> = BTreeMap::from([
        ("dispute", objects::dispute("dp_1", &charge, (1, "fraudulent"), &line, 1)),
        ("refund", objects::refund("re_1", &charge, (1, &line), None, 1)),
        ("transfer", objects::transfer("tr_1", &form, &line, 1)),
        ("transfer_reversal", objects::reversal("trr_1", "tr_1", (1, "eur"), None, &line, 1)),
        ("account", objects::account("acct_1", None, None, 1)),
        ("event", objects::event("evt_1", "x", &json!({}), 1)),
        ("account_link", json!({ "object": "account_link", "created": 1, "expires_at": 1, "url": "" })),
        ("balance_transaction", line),
        ("charge", charge),
        ("payment_intent", intent),
        ("checkout.session", session),
    ]);
    let mut wrong = Vec::new();
    for (name, object) in &shown {
        let example = &fixtures["resources"][name];
        assert!(example.is_object(), "there is no example of {name}");
        for (field, value) in object.as_object().unwrap() {
            match example.get(field) {
                None => wrong.push(format!("{name}.{field}: Stripe has no such field")),
                Some(theirs) if theirs.is_null() || value.is_null() => {}
                Some(theirs) if kind(theirs) != kind(value) => {
                    wrong.push(format!("{name}.{field}: {} here, {} there", kind(value), kind(theirs)));
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

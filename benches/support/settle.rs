//! `settle`: `POST /payments/{id}/confirmation` (HTTP, JWT; the payment that closes its case: allocation, five entries, fees,
//! payouts, events, jobs), against pgbench with the same statements (`settle.sql`), and beside the posting alone.
//!
//! All settlements share the platform's accounts, here those of one creditor and one agency too: ours and the floors alike
//! stand in line for them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{CLIENTS, Place, ROUNDS, SECONDS, http, median, post_case::pipeline, report, round, sign_up};

const SCRIPT: &str = include_str!("../settle.sql");
const POSTING: &str = include_str!("../settle_posting.sql");
const AGENCY: &str = "00000000-0000-7000-9100-000000000001";
const DEBTOR: &str = "00000000-0000-7000-9200-000000000001";
/// Inside the known rates, whatever today is.
const RECEIVED_ON: &str = "2026-11-20";
/// Payments that one client may settle in one round.
const PER_CLIENT: usize = 2_000;
const PER_ROUND: usize = PER_CLIENT * CLIENTS;
/// First digits of the ids of what is settled by us, by the floor, and by the floor in one pipeline.
const KINDS: [&str; 3] = ["aaaa", "bbbb", "cccc"];

pub async fn measure(place: &Place) {
    let served = place.serve().await;
    let token = served.creditor(&sign_up()).await;
    let names = fill_parties(place);
    fill(place, &names, "dddd", 1, 0);
    let claim = claim(&served.address, &token).await;
    let amount = minor(&claim, "total");
    for kind in KINDS {
        fill(place, &names, kind, PER_ROUND * ROUNDS, amount);
    }
    // Not the empty tables: the planner would take them to stay empty, and our sessions outlive their first rows.
    place.sql("VACUUM ANALYZE cases, receivables, holds, payments");
    let script = fill_in(SCRIPT, &names, &claim);
    let posting = fill_in(&format!("BEGIN;\nSET LOCAL app.audience = system;\n{POSTING}COMMIT;\n"), &names, &claim);
    let (mut ours, mut floors, mut pipes, mut postings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for turn in 0..ROUNDS {
        let first = turn * PER_ROUND;
        let lists = (0..CLIENTS).map(|client| confirmations(&token, first + client * PER_CLIENT)).collect();
        ours.push(http::throughput(&served.address, Duration::from_secs(SECONDS), lists, 200).await);
        let of = |kind: &str| script.replace("KIND", kind).replace("FIRST", &first.to_string());
        floors.push(place.pgbench(&of("bbbb")));
        pipes.push(place.pgbench(&pipeline(&of("cccc"))));
        postings.push(place.pgbench(&posting));
    }
    served.stop();
    let (ours, floor, pipe, posting) = (median(ours), median(floors), median(pipes), median(postings));
    let more = json!({
        "piped_floor": round(pipe), "piped": round(ours / pipe), "posting_floor": round(posting), "of_posting": round(ours / posting),
        "target": "ratio ≥ 0.9, of_posting ≥ 0.4",
    });
    report("settle", "payments/s", ours, Some(floor), &more);
}

fn confirmations(token: &str, first: usize) -> Vec<Vec<u8>> {
    let path = |n: usize| format!("/api/v1/payments/pay_aaaa000000007000d000{n:012x}/confirmation");
    (first + 1..=first + PER_CLIENT).map(|n| http::request("POST", &path(n), Some(token), Some(&json!({})))).collect()
}

/// An agency, the platform and a debtor beside the creditor that signed up; answers with the ids by their names in scripts.
fn fill_parties(place: &Place) -> Vec<(&'static str, String)> {
    place.sql(&format!(
        "INSERT INTO organisations (id, kind, legal_name, country, language, email, street, postal_code, city, created_at)
         VALUES ('{AGENCY}', 'agency', 'Cobros SL', 'ES', 'es', 'a@cobros.example', 'Calle', '28013', 'Madrid', now()),
                ('00000000-0000-7000-9300-000000000001', 'operator', 'Entente SL', 'ES', 'es', 'o@entente.example', 'Calle', '28013', 'Madrid', now())
         ON CONFLICT DO NOTHING"
    ));
    place.sql(&format!(
        "INSERT INTO debtors (id, creditor_id, kind, legal_name, identity_key, country, language, created_at)
         SELECT '{DEBTOR}', id, 'business', 'Cliente', 'settle', 'ES', 'es', now() FROM organisations WHERE kind = 'creditor' ORDER BY id LIMIT 1
         ON CONFLICT DO NOTHING"
    ));
    let of_kind = |kind: &str| place.ask(&format!("SELECT id FROM organisations WHERE kind = '{kind}' ORDER BY id LIMIT 1"));
    vec![
        ("CREDITOR", of_kind("creditor")),
        ("AGENCY", AGENCY.to_owned()),
        ("OPERATOR", of_kind("operator")),
        ("DEBTOR", DEBTOR.to_owned()),
    ]
}

/// Active cases over one invoice, each with a payment that the agency declared and the creditor has not answered.
fn fill(place: &Place, names: &[(&'static str, String)], kind: &str, count: usize, amount: i64) {
    let id = |table: &str| format!("('{kind}0000-0000-7000-{table}-' || lpad(to_hex(n), 12, '0'))::uuid");
    let (case, receivable, hold, payment) = (id("a000"), id("8000"), id("b000"), id("d000"));
    let numbers = format!("generate_series(1, {count}) n");
    let mut statements = vec![
        format!(
            "INSERT INTO cases (id, reference, creditor_id, debtor_id, agency_id, phase, currency, principal_minor, with_interest, oldest_due_on,
                                event_count, last_event_hash, version, phase_since, posted_at)
             SELECT {case}, 'settle {kind} ' || n, 'CREDITOR', 'DEBTOR', 'AGENCY', 'active', 'EUR', 100000, true, '2026-07-31', 1, '\\x00', 1, now(), now()
             FROM {numbers}"
        ),
        format!(
            "INSERT INTO receivables (id, creditor_id, debtor_id, case_id, issuer, number, issued_on, due_on, currency, principal_minor, created_at)
             SELECT {receivable}, 'CREDITOR', 'DEBTOR', {case}, 'settle', '{kind} ' || n, '2026-07-01', '2026-07-31', 'EUR', 100000, now() FROM {numbers}"
        ),
    ];
    if amount > 0 {
        statements.push(format!(
            "INSERT INTO holds (id, case_id, creditor_id, kind, reason, starts_at)
             SELECT {hold}, {case}, 'CREDITOR', 'payment_in_flight', 'a payment was declared', now() FROM {numbers}"
        ));
        statements.push(format!(
            "INSERT INTO payments (id, case_id, creditor_id, agency_id, route, declared_by, amount_minor, currency, received_on, bank_reference,
                                   hold_id, status, answer_by, fee_bp, version, declared_at)
             SELECT {payment}, {case}, 'CREDITOR', 'AGENCY', 'agency_account', 'agency', {amount}, 'EUR', '{RECEIVED_ON}', 'TR-1',
                    {hold}, 'declared', now() + interval '7 days', 1200, 1, now() FROM {numbers}"
        ));
    }
    for statement in statements {
        let filled = names.iter().fold(statement, |sql, (name, id)| sql.replace(&format!("'{name}'"), &format!("'{id}'")));
        place.sql(&filled);
    }
}

/// What such a case owes, as the program reckons it.
async fn claim(address: &str, token: &str) -> Value {
    let path = format!("/api/v1/cases/case_dddd000000007000a000{:012x}/claim?on={RECEIVED_ON}", 1);
    let (status, text) = http::get(address, &path, Some(token)).await.expect("an answer");
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn minor(claim: &Value, part: &str) -> i64 {
    claim[part]["minor"].as_i64().unwrap()
}

fn fill_in(script: &str, names: &[(&'static str, String)], claim: &Value) -> String {
    let named = script.replace("POSTING\n", POSTING);
    let named = names.iter().fold(named, |script, (name, id)| script.replace(&format!("'{name}'"), &format!("'{id}'")));
    named
        .replace("COMPENSATION", &minor(claim, "compensation").to_string())
        .replace("INTEREST", &minor(claim, "interest").to_string())
        .replace("AMOUNT", &minor(claim, "total").to_string())
        .replace("'ON'", &format!("'{RECEIVED_ON}'"))
        .replace("PER_CLIENT", &PER_CLIENT.to_string())
}

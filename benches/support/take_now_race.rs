//! `take_now_race`: 200 agencies take one case at the same moment. Exactly one wins, and the last of the others is told within
//! 100 ms of it on an idle machine.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::{Place, ROUNDS, agency_sign_up, http, median, report, sign_up};

const AGENCIES: usize = 200;

pub async fn measure(place: &Place) {
    let served = place.serve().await;
    let creditor = served.creditor(&sign_up()).await;
    served.creditor(&agency_sign_up()).await;
    breed(place);
    let mut spreads = Vec::new();
    for round in 0..ROUNDS {
        let listing = list(&served.address, &creditor, round).await;
        spreads.push(race(&served.address, &listing).await.as_secs_f64() * 1000.0);
    }
    served.stop();
    report("take_now_race", "ms", median(spreads), None, &json!({ "agencies": AGENCIES, "winners": 1, "target": "≤ 100" }));
}

/// Agencies with papers in force, each with an API key that is its own number.
fn breed(place: &Place) {
    place.sql(&format!(
        "INSERT INTO organisations (id, kind, legal_name, country, company_number, enterprise_key, iban, language, email, street, postal_code, city, created_at)
         SELECT ('00000000-0000-7000-c000-' || lpad(to_hex(n), 12, '0'))::uuid, 'agency', 'Agency ' || n, 'ES', NULL, 'RACE:' || n, 'ES' || lpad((98 - ('21000418' || lpad(n::text, 12, '0') || '142800')::numeric % 97)::integer::text, 2, '0') || '21000418' || lpad(n::text, 12, '0'), 'es',
                'a' || n || '@race.example', 'Calle 1', '28013', 'Madrid', now() FROM generate_series(1, {AGENCIES}) n ON CONFLICT DO NOTHING;
         INSERT INTO agency_credentials (id, agency_id, kind, country, issuer, reference, valid_from, valid_until, status, created_at)
         SELECT gen_random_uuid(), o.id, papers.kind, 'ES', 'R', 'R', '2020-01-01', '2099-12-31', 'vetted', now()
         FROM organisations o, (VALUES ('licence'), ('insurance')) AS papers (kind) WHERE o.legal_name LIKE 'Agency %';
         INSERT INTO api_keys (id, organisation_id, name, secret_hash, hint, scopes, created_by, created_at)
         SELECT gen_random_uuid(), o.id, 'race', sha256(convert_to('ent_race' || substr(o.enterprise_key, 6), 'UTF8')), 'race', '{{read,offer}}',
                (SELECT id FROM members LIMIT 1), now() FROM organisations o WHERE o.legal_name LIKE 'Agency %'",
    ));
}

async fn list(address: &str, token: &str, round: usize) -> String {
    let body = json!({ "receivables": [{
        "debtor": { "legal_name": "Cliente", "kind": "business", "country": "ES", "postal_code": "28013" }, "number": format!("RACE-{round}"),
        "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" },
    }]});
    let posted = async |path: &str, body: &Value| -> Value {
        let (status, text) = http::post(address, path, Some(token), body).await;
        assert!(status < 300, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    };
    let intake = posted("/api/v1/receivables", &body).await;
    let case = posted("/api/v1/cases", &json!({ "receivable_ids": [intake["rows"][0]["receivable_id"]] })).await;
    let case = case["id"].as_str().unwrap();
    let listing = posted(&format!("/api/v1/cases/{case}/listing"), &json!({ "award_rule": "by_hand" })).await;
    listing["id"].as_str().unwrap().to_owned()
}

/// How long after the winner the last loser is told.
async fn race(address: &str, listing: &str) -> Duration {
    let start = std::sync::Arc::new(Barrier::new(AGENCIES));
    let runners = (1..=AGENCIES).map(|number| {
        let (start, address) = (start.clone(), address.to_owned());
        let key = format!("ent_race{number}");
        let request = http::request("POST", &format!("/api/v1/listings/{listing}/take-now"), Some(&key), Some(&json!({})));
        tokio::spawn(async move {
            let mut connection = http::Connection::open(&address).await.expect("a connection");
            start.wait().await;
            let (status, text) = connection.send(&request).await.expect("an answer");
            (status, text, Instant::now())
        })
    });
    let (mut won, mut last) = (Vec::new(), None);
    for runner in runners.collect::<Vec<_>>() {
        let (status, text, at) = runner.await.expect("a runner");
        assert!(matches!(status, 201 | 404 | 409), "{status}: {text}");
        if status == 201 {
            won.push(at);
        } else {
            last = last.max(Some(at));
        }
    }
    assert_eq!(won.len(), 1, "exactly one agency wins");
    last.map_or(Duration::ZERO, |last| last.saturating_duration_since(won[0]))
}

//! `post_case`: `POST /cases` (HTTP, JWT, JSON; the case, its events, its job, its receivable), against pgbench with the
//! same statements (`post_case.sql`).

use std::time::Duration;

use serde_json::{Value, json};

use super::{CLIENTS, Place, ROUNDS, SECONDS, Served, http, median, report, round, sign_up};

const SCRIPT: &str = include_str!("../post_case.sql");
const FLOOR_RECEIVABLES: u32 = 100_000;
const PER_UPLOAD: usize = 1_000;

pub async fn measure(place: &Place) {
    let served = place.serve().await;
    let token = served.creditor(&sign_up()).await;
    let mut number = 0;
    upload(&served, &token, &mut number, 1).await;
    fill_floor(place);
    let script = SCRIPT.replace("CREDITOR", &creditor(place)).replace("RECEIVABLES", &FLOOR_RECEIVABLES.to_string());
    let piped = pipeline(&script);
    let (mut ours, mut floors, mut pipes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ids = upload(&served, &token, &mut number, 5_000 * SECONDS as usize).await;
        let lists: Vec<Vec<Vec<u8>>> =
            ids.chunks(ids.len() / CLIENTS).map(|part| part.iter().map(|id| posting(&token, id)).collect()).collect();
        ours.push(http::throughput(&served.address, Duration::from_secs(SECONDS), lists, 201).await);
        floors.push(place.pgbench(&script));
        pipes.push(place.pgbench(&piped));
    }
    served.stop();
    let (ours, floor, pipe) = (median(ours), median(floors), median(pipes));
    let more = json!({ "piped_floor": round(pipe), "piped": round(ours / pipe), "target": "ratio ≥ 1.0, piped ≥ 0.65" });
    report("post_case", "cases/s", ours, Some(floor), &more);
}

fn posting(token: &str, receivable: &str) -> Vec<u8> {
    http::request("POST", "/api/v1/cases", Some(token), Some(&json!({ "receivable_ids": [receivable] })))
}

/// Brings `count` invoices in; answers with their ids.
async fn upload(served: &Served, token: &str, number: &mut usize, count: usize) -> Vec<String> {
    let mut ids = Vec::with_capacity(count);
    while ids.len() < count {
        let rows: Vec<Value> = (0..PER_UPLOAD.min(count - ids.len()))
            .map(|_| {
                *number += 1;
                let debtor = *number % 500;
                json!({ "debtor": { "legal_name": format!("Cliente {debtor}"), "kind": "business", "country": "ES", "postal_code": "28013" },
                        "number": format!("F-{number}"), "issued_on": "2026-07-01", "due_on": "2026-07-31",
                        "principal": { "minor": 100_000, "currency": "EUR" } })
            })
            .collect();
        let (status, text) =
            http::post(&served.address, "/api/v1/receivables", Some(token), &json!({ "receivables": rows })).await;
        assert_eq!(status, 200, "{text}");
        let intake: Value = serde_json::from_str(&text).unwrap();
        ids.extend(
            intake["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["receivable_id"].as_str().unwrap_or_else(|| panic!("{row}")).to_owned()),
        );
    }
    ids
}

/// Receivables with ids that a script can name.
fn fill_floor(place: &Place) {
    place.sql(&format!(
        "INSERT INTO receivables (id, creditor_id, debtor_id, issuer, number, issued_on, due_on, currency, principal_minor, created_at)
         SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, d.creditor_id, d.id, 'floor', n::text, '2026-07-01', '2026-07-31',
                'EUR', 100000, now()
         FROM generate_series(1, {FLOOR_RECEIVABLES}) n, (SELECT id, creditor_id FROM debtors LIMIT 1) d"
    ));
}

fn creditor(place: &Place) -> String {
    place.ask("SELECT id FROM organisations WHERE kind = 'creditor' LIMIT 1")
}

/// The same script with all its statements sent as one pipeline.
pub fn pipeline(script: &str) -> String {
    let (settings, statements): (Vec<&str>, Vec<&str>) = script.lines().partition(|line| line.starts_with('\\'));
    format!("{}\n\\startpipeline\n{}\n\\endpipeline\n", settings.join("\n"), statements.join("\n"))
}

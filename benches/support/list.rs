//! `list`: the first page of a creditor's cases at 1,000,000 cases takes at most 1.5 times its time at 10,000.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Place, ROUNDS, http, median, report, round, sign_up};

pub async fn measure(place: &Place) {
    let served = place.serve().await;
    let token = served.creditor(&sign_up()).await;
    place.sql(
        "INSERT INTO debtors (id, creditor_id, kind, legal_name, identity_key, country, language, created_at)
         SELECT '00000000-0000-7000-9000-000000000001', id, 'business', 'Cliente', 'list', 'ES', 'es', now() FROM organisations WHERE kind = 'creditor'
         ON CONFLICT DO NOTHING",
    );
    fill(place, 1, 10_000);
    let small = page(&served.address, &token).await;
    fill(place, 10_001, 1_000_000);
    let large = page(&served.address, &token).await;
    served.stop();
    let more = json!({ "at_10_000": round(small), "growth": round(large / small), "target": "growth ≤ 1.5" });
    report("list", "ms", large, None, &more);
}

fn fill(place: &Place, from: u32, to: u32) {
    place.sql(&format!(
        "INSERT INTO cases (id, reference, creditor_id, debtor_id, phase, currency, principal_minor, with_interest, oldest_due_on,
                            event_count, last_event_hash, version, phase_since, posted_at)
         SELECT ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid, 'list ' || n, creditor_id, id, 'in_house', 'EUR', 100000, true,
                '2026-07-31', 0, '', 1, now(), now()
         FROM generate_series({from}, {to}) n, (SELECT id, creditor_id FROM debtors WHERE identity_key = 'list') d"
    ));
    place.sql("VACUUM ANALYZE cases");
}

/// Milliseconds of the first page, 50 rows: median over many.
async fn page(address: &str, token: &str) -> f64 {
    let request = http::request("GET", "/api/v1/cases?limit=50", Some(token), None);
    let mut connection = http::Connection::open(address).await.expect("a connection");
    let mut times = Vec::new();
    for _ in 0..ROUNDS * 200 {
        let began = Instant::now();
        let (status, text) = connection.send(&request).await.expect("an answer");
        assert_eq!(status, 200, "{text}");
        times.push(began.elapsed());
    }
    median(times.iter().map(Duration::as_secs_f64).collect()) * 1000.0
}

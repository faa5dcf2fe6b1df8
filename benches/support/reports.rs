//! `reports`: each of the four that read most, of a creditor with 1,000,000 invoices of three years of which nine in ten are paid,
//! beside one scan that sums them.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::{Place, ROUNDS, http, median, report, round, sign_up};

const INVOICES: u32 = 1_000_000;
const REPORTS: [&str; 4] = ["aging", "dso", "cei", "forecast"];

pub async fn measure(place: &Place) {
    let served = place.serve().await;
    let token = served.creditor(&sign_up()).await;
    let creditor = place.ask("SELECT id FROM organisations WHERE kind = 'creditor' ORDER BY created_at DESC LIMIT 1");
    fill(place, &creditor);
    let mut connection = http::Connection::open(&served.address).await.expect("a connection");
    let (mut times, mut slowest) = (Map::new(), 0.0);
    for name in REPORTS {
        let request = http::request("GET", &format!("/api/v1/reports/{name}"), Some(&token), None);
        let mut own = Vec::new();
        for _ in 0..ROUNDS * 4 {
            let began = Instant::now();
            let (status, text) = connection.send(&request).await.expect("an answer");
            own.push(began.elapsed());
            assert_eq!(status, 200, "{text}");
            let drawn: Value = serde_json::from_str(&text).expect("JSON");
            assert!(drawn["blocks"][0]["rows"].as_array().is_some_and(|rows| !rows.is_empty()), "{text}");
        }
        let ms = millis(own);
        slowest = f64::max(slowest, ms);
        times.insert(name.to_owned(), json!(round(ms)));
    }
    let scan = scan(place, &creditor);
    served.stop();
    let more = json!({ "invoices": INVOICES, "reports": times, "target": "ours ≤ 300 ms, ratio ≤ 2" });
    report("reports", "ms, the slowest", slowest, Some(scan), &more);
}

/// Milliseconds of one look over all of a creditor's invoices, by currency and due day, as PostgreSQL itself counts them.
fn scan(place: &Place, creditor: &str) -> f64 {
    let sql = format!(
        "EXPLAIN (ANALYZE, TIMING OFF) SELECT currency, due_on, sum(open_minor) FROM receivables WHERE creditor_id = '{creditor}' GROUP BY 1, 2"
    );
    let took = |explained: String| -> f64 {
        let said = explained.lines().find_map(|line| line.strip_prefix("Execution Time: ")).expect("a time");
        said.trim_end_matches(" ms").parse().expect("milliseconds")
    };
    median((0..ROUNDS * 4).map(|_| took(place.ask(&sql))).collect())
}

fn millis(times: Vec<Duration>) -> f64 {
    median(times.iter().map(Duration::as_secs_f64).collect()) * 1000.0
}

/// A thousand customers, invoices day after day over three years, due after 30 days, paid up to 90 days later.
fn fill(place: &Place, creditor: &str) {
    let debtor = "('00000000-0000-7000-9b00-' || lpad(to_hex(n % 1000), 12, '0'))::uuid";
    let receivable = "('00000000-0000-7000-8b00-' || lpad(to_hex(n), 12, '0'))::uuid";
    let issued = format!("current_date - 1095 + (n::bigint * 1095 / {INVOICES})::integer");
    let paid_on = format!("{issued} + 20 + (hashint8extended(n, 1) & 63)::integer");
    place.sql(&format!(
        "INSERT INTO debtors (id, creditor_id, kind, legal_name, identity_key, country, language, created_at)
         SELECT {debtor}, '{creditor}', 'business', 'Cliente ' || n, 'reports ' || n, 'ES', 'es', now() FROM generate_series(0, 999) n;
         INSERT INTO receivables (id, creditor_id, debtor_id, issuer, number, issued_on, due_on, currency, principal_minor, principal_paid_minor, created_at)
         SELECT {receivable}, '{creditor}', {debtor}, 'reports', 'B-' || n, {issued}, {issued} + 30, 'EUR', 10000 + n % 7919,
                CASE WHEN n % 10 > 0 AND {paid_on} <= current_date THEN 10000 + n % 7919 ELSE 0 END, now()
         FROM generate_series(1, {INVOICES}) n;
         INSERT INTO prior_payments (receivable_id, creditor_id, received_on, amount_minor)
         SELECT {receivable}, '{creditor}', {paid_on}, 10000 + n % 7919 FROM generate_series(1, {INVOICES}) n
         WHERE n % 10 > 0 AND {paid_on} <= current_date"
    ));
    place.sql("VACUUM ANALYZE debtors, receivables, prior_payments");
}

//! `search`: p99 of an agency's searches at 1,000,000 open listings takes at most twice its time at 10,000.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Place, ROUNDS, agency_sign_up, http, report, round};

/// Broad and narrow, alone and together.
const SEARCHES: [&str; 12] = [
    "",
    "country=ES",
    "sector=mining",
    "country=PT&sector=mining&amount_band=100000_and_more",
    "country=ES,FR&amount_band=500_to_2000,2000_to_8000",
    "region=ES5",
    "debtor_kind=consumer",
    "age_band=over_730_days",
    "disputed=true",
    "documents=invoice,letter",
    "take_now_min_bp=1900",
    "country=IT&sector=arts,health&age_band=31_to_60_days&debtor_kind=business&disputed=false",
];
const LARGE: u32 = 1_000_000;
const SMALL: u32 = 10_000;

pub async fn measure(place: &Place) {
    let large = size_from_environment().unwrap_or(LARGE);
    let served = place.serve().await;
    let token = served.creditor(&agency_sign_up()).await;
    fill(place, 1, SMALL);
    let (small_ms, _) = p99(&served.address, &token).await;
    fill(place, SMALL + 1, large);
    let (large_ms, slowest) = p99(&served.address, &token).await;
    served.stop();
    let more = json!({ "listings": large, "at_10_000": round(small_ms), "growth": round(large_ms / small_ms), "slowest": slowest,
                       "target": "growth ≤ 2" });
    report("search", "ms", large_ms, Some(small_ms), &more);
}

/// `BENCH_LISTINGS=100000`: a try that does not take as long.
#[expect(clippy::disallowed_methods, reason = "a try, not a setting of the product")]
fn size_from_environment() -> Option<u32> {
    std::env::var("BENCH_LISTINGS").ok()?.parse().ok()
}

/// Every trait is drawn by its own hash of the number, so that no two go together.
pub fn fill(place: &Place, from: u32, to: u32) {
    let pick = |values: &str, seed: u32| {
        format!("(ARRAY[{values}])[1 + ((hashint8extended(n, {seed}) & 65535) % cardinality(ARRAY[{values}]))::integer]")
    };
    place.sql(&format!(
        "INSERT INTO listings (id, status, round, country, region, sector, debtor_kind, currency, amount_band, age_band, invoice_count,
                               documents, disputed, debtor_record, tone_ceiling, take_now_bp, price, award_rule, offers_until, decide_by, opened_at)
         SELECT ('00000000-0000-7000-b000-' || lpad(to_hex(n), 12, '0'))::uuid, 'open', 1, {country}, {region}, {sector}, {kind}, 'EUR', {amount}, {age},
                1, {documents}, (hashint8extended(n, 8) & 15) = 0, 'unknown', 'neutral', 300 + (hashint8extended(n, 9) & 2047)::integer,
                '{{\"version\": \"take-now-2\", \"contributions\": [], \"price_bp\": 1300}}', 'by_hand', now() + interval '30 days',
                now() + interval '60 days', now()
         FROM generate_series({from}::bigint, {to}) n",
        country = pick("'ES', 'FR', 'DE', 'IT', 'PT', 'BE', 'NL', 'GB'", 1),
        region = pick("'ES5', 'ES3', 'FR1', NULL", 2),
        sector = pick(
            "'agriculture', 'mining', 'manufacturing', 'energy', 'construction', 'trade', 'transport', 'hospitality', 'information', 'health', 'arts', NULL",
            3
        ),
        kind = pick("'business', 'business', 'consumer', 'public'", 4),
        amount = pick("'below_500', '500_to_2000', '2000_to_8000', '8000_to_25000', '25000_to_100000', '100000_and_more'", 5),
        age = pick("'up_to_30_days', '31_to_60_days', '61_to_90_days', '91_to_180_days', '181_to_365_days', '366_to_730_days', 'over_730_days'", 6),
        documents = "CASE (hashint8extended(n, 7) & 3) WHEN 0 THEN '{}'::text[] WHEN 1 THEN '{invoice}' ELSE '{invoice,letter}' END",
    ));
    place.sql("VACUUM ANALYZE listings");
}

/// Milliseconds that one request in a hundred exceeds, over all searches; and the search with the slowest of its own.
async fn p99(address: &str, token: &str) -> (f64, String) {
    let mut connection = http::Connection::open(address).await.expect("a connection");
    let (mut all, mut slowest) = (Vec::new(), (Duration::ZERO, ""));
    for search in SEARCHES {
        let request = http::request("GET", &format!("/api/v1/listings?limit=50&{search}"), Some(token), None);
        let mut own = Vec::new();
        for _ in 0..ROUNDS * 40 {
            let began = Instant::now();
            let (status, text) = connection.send(&request).await.expect("an answer");
            assert_eq!(status, 200, "{text}");
            own.push(began.elapsed());
        }
        slowest = slowest.max((percentile(&mut own), search));
        all.extend(own);
    }
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    (millis(percentile(&mut all)), format!("{} ({} ms)", slowest.1, round(millis(slowest.0))))
}

fn percentile(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

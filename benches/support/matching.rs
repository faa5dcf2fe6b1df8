//! `match`: which of 1,000 agencies qualify for each of 100,000 new listings, in at most twice the time of the one SQL join that
//! would say it. Both count the same pairs, or nothing was measured.

use std::time::Instant;

use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use entente::{
    db::{By, Db, DbError, Scope},
    market::{self, MarketError},
    types::Clock,
};
use serde_json::json;

use super::{Place, ROUNDS, median, report, search};

const AGENCIES: u32 = 1_000;
const LISTINGS: u32 = 100_000;

/// Licence and insurance in force, a client account, room, and a scope that takes the case.
const JOIN: &str = "SELECT count(*) AS pairs FROM listings l JOIN (
        SELECT o.id, coalesce(p.debtor_kinds, '{}') AS debtor_kinds, coalesce(p.sectors, '{}') AS sectors, coalesce(p.languages, '{}') AS languages,
            coalesce(p.amount_bands, '{}') AS amount_bands, licence.country
        FROM organisations o LEFT JOIN agency_profiles p ON p.agency_id = o.id
        JOIN (SELECT DISTINCT agency_id, country FROM agency_credentials WHERE kind = 'licence' AND status = 'vetted'
            AND current_date BETWEEN valid_from AND valid_until) licence ON licence.agency_id = o.id
        WHERE o.kind = 'agency' AND o.iban IS NOT NULL AND o.suspended_at IS NULL
            AND EXISTS (SELECT FROM agency_credentials c WHERE c.agency_id = o.id AND c.kind = 'insurance' AND c.status = 'vetted'
                AND current_date BETWEEN c.valid_from AND c.valid_until)
            AND (p.capacity IS NULL OR (SELECT count(*) FROM cases WHERE cases.agency_id = o.id AND cases.phase IN ('awarded', 'active')) < p.capacity)
    ) a ON a.country = l.country
    WHERE l.status = 'open' AND (cardinality(a.debtor_kinds) = 0 OR l.debtor_kind = ANY (a.debtor_kinds))
        AND (cardinality(a.sectors) = 0 OR l.sector IS NULL OR l.sector = ANY (a.sectors))
        AND (cardinality(a.languages) = 0 OR CASE l.country WHEN 'ES' THEN 'es' WHEN 'FR' THEN 'fr' WHEN 'BE' THEN 'fr' ELSE 'en' END = ANY (a.languages))
        AND (cardinality(a.amount_bands) = 0 OR l.amount_band = ANY (a.amount_bands))";

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    pairs: i64,
}

pub async fn measure(place: &Place) {
    let served = place.serve().await;
    place.sql("TRUNCATE listings CASCADE");
    search::fill(place, 1, LISTINGS);
    breed(place);
    let host: String = place.sockets().to_string_lossy().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let db = Db::new(&format!("postgres://entente_runtime@{host}/entente").into(), 2).expect("a pool");
    // The join makes some ten million pairs, and takes its time: once is enough.
    let began = Instant::now();
    let joined = join(&db).await;
    let floor = began.elapsed().as_secs_f64();
    let mut ours = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let found = matched(&db).await;
        ours.push(began.elapsed().as_secs_f64());
        assert_eq!(found, joined, "the rules and the join disagree");
    }
    served.stop();
    let more = json!({ "agencies": AGENCIES, "listings": LISTINGS, "target": "ratio ≤ 2" });
    report("match", "s", median(ours), Some(floor), &more);
}

async fn matched(db: &Db) -> i64 {
    let by = By::engine(Clock::real().now());
    let reach = db.transaction(Scope::System, async |conn| market::reach(conn, &by).await).await;
    let pairs: usize =
        reach.unwrap_or_else(|error: MarketError| panic!("{error}")).iter().map(|(_, agencies)| agencies.len()).sum();
    i64::try_from(pairs).unwrap()
}

async fn join(db: &Db) -> i64 {
    let counted =
        db.transaction(Scope::System, async |conn| Ok::<_, DbError>(diesel::sql_query(JOIN).get_result::<Counted>(conn).await?));
    counted.await.expect("a count").pairs
}

/// Agencies with licences in two countries each and scopes of every width.
fn breed(place: &Place) {
    place.sql(&format!(
        "INSERT INTO organisations (id, kind, legal_name, country, company_number, enterprise_key, iban, language, email, street, postal_code, city, created_at)
         SELECT ('00000000-0000-7000-d000-' || lpad(to_hex(n), 12, '0'))::uuid, 'agency', 'Matched ' || n, 'ES', NULL, 'MATCH:' || n, 'ES-MATCH-' || n, 'es',
                'm' || n || '@match.example', 'Calle 1', '28013', 'Madrid', now() FROM generate_series(1, {AGENCIES}) n ON CONFLICT DO NOTHING;
         INSERT INTO agency_credentials (id, agency_id, kind, country, issuer, reference, valid_from, valid_until, status, created_at)
         SELECT gen_random_uuid(), o.id, paper.kind, paper.country, 'R', 'R', '2020-01-01', '2099-12-31', 'vetted', now()
         FROM organisations o, LATERAL (VALUES ('licence', (ARRAY['ES', 'FR', 'DE', 'IT'])[1 + (hashtext(o.enterprise_key) & 3)]),
            ('licence', (ARRAY['PT', 'BE', 'NL', 'GB'])[1 + (hashtext(o.enterprise_key || 'b') & 3)]), ('insurance', 'ES')) AS paper (kind, country)
         WHERE o.legal_name LIKE 'Matched %';
         INSERT INTO agency_profiles (agency_id, debtor_kinds, sectors, languages, amount_bands, capacity, version, changed_at)
         SELECT o.id, CASE WHEN hashtext(o.enterprise_key || 'k') & 1 = 0 THEN '{{}}'::text[] ELSE '{{business,public}}' END,
                CASE WHEN hashtext(o.enterprise_key || 's') & 3 = 0 THEN '{{trade,transport,health}}'::text[] ELSE '{{}}' END, '{{}}',
                CASE WHEN hashtext(o.enterprise_key || 'a') & 3 = 0 THEN '{{2000_to_8000,8000_to_25000}}'::text[] ELSE '{{}}' END,
                CASE WHEN hashtext(o.enterprise_key || 'c') & 7 = 0 THEN 0 END, 1, now()
         FROM organisations o WHERE o.legal_name LIKE 'Matched %' ON CONFLICT DO NOTHING",
    ));
    place.sql("VACUUM ANALYZE organisations, agency_credentials, agency_profiles");
}

//! `post`: five-entry postings over 200 hot accounts by 8 writers, against pgbench with the same statement (`post.sql`); and
//! `verify`: a million entries recomputed, against the one SQL scan that reads them.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use entente::{
    app::App,
    config::Settings,
    db::{By, Db, DbError, Scope},
    keys::Keys,
    ledger::{self, AccountKind, Posting},
    types::{Clock, Currency, Money, OrgId, fresh_uuid},
};
use serde_json::json;
use uuid::Uuid;

use super::{CLIENTS, Place, ROUNDS, SECONDS, median, report, round};

const SCRIPT: &str = include_str!("../post.sql");
/// Each with five kinds of account.
const OWNERS: u64 = 40;
/// One posting's entries, in the order of `KINDS`: they sum to nothing.
const AMOUNTS: [i64; 5] = [10_000, -6_000, -2_000, -1_500, -500];
const KINDS: [AccountKind; 5] =
    [AccountKind::Cash, AccountKind::Payable, AccountKind::Earned, AccountKind::Commission, AccountKind::Vat];
const TRANSACTIONS: u64 = 200_000;

/// A pool of the runtime role on the place's server.
pub fn pool(place: &Place, size: usize) -> Db {
    let host: String = place.sockets().to_string_lossy().bytes().map(|byte| format!("%{byte:02X}")).collect();
    Db::new(&format!("postgres://entente_runtime@{host}/entente").into(), size).expect("a pool")
}

/// The program's insides without its server.
pub fn app(place: &Place, pool_size: usize) -> App {
    let settings = Settings::for_tests(place.folder.join("var")).expect("the embedded defaults parse");
    let keys = Keys::load(Some(&"5e".repeat(32).into()), &settings.var).expect("keys");
    App::new(settings, pool(place, pool_size), keys)
}

pub async fn measure_post(place: &Place) {
    let served = place.serve().await;
    let db = pool(place, CLIENTS);
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(posted_per_second(&db).await);
        floors.push(place.pgbench(SCRIPT));
    }
    served.stop();
    let more = json!({ "accounts": OWNERS * 5, "writers": CLIENTS, "target": "ratio ≥ 0.8" });
    report("post", "postings/s", median(ours), Some(median(floors)), &more);
}

async fn posted_per_second(db: &Db) -> f64 {
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let writers = (0..CLIENTS).map(|writer| {
        let db = db.clone();
        async move {
            let mut random = u64::try_from(writer).unwrap() * 7_919 + u64::from(until.elapsed().subsec_nanos()) + 1;
            let mut count = 0_u64;
            while Instant::now() < until {
                let (posting, by) = (some_posting(&mut random), By::engine(Clock::real().now()));
                let posted = db.transaction(Scope::System, async |conn| ledger::post(conn, &by, &posting).await).await;
                posted.unwrap_or_else(|error: DbError| panic!("{error}"));
                count += 1;
            }
            count
        }
    });
    let counts: Vec<u64> = futures_util::future::join_all(writers).await;
    counts.iter().sum::<u64>() as f64 / SECONDS as f64
}

fn some_posting(random: &mut u64) -> Posting {
    let mut draft = Posting::about("bench", fresh_uuid());
    for (kind, minor) in KINDS.into_iter().zip(AMOUNTS) {
        // Knuth's MMIX: good enough to choose an account.
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let owner = OrgId(owner((*random >> 33) % OWNERS));
        let amount = Money::new(minor.abs(), Currency::EUR);
        draft = if minor > 0 { draft.debit(owner, kind, amount) } else { draft.credit(owner, kind, amount) };
    }
    draft.balanced().expect("it balances")
}

fn owner(number: u64) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_7000_9400_0000_0000_0000 + u128::from(number))
}

pub async fn measure_verify(place: &Place) {
    let served = place.serve().await;
    fill(place);
    let app = app(place, 2);
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    let mut entries = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let verified = ledger::verify(&app).await.expect("the books are right");
        entries = verified.entries;
        ours.push(entries as f64 / began.elapsed().as_secs_f64());
        floors.push(entries as f64 / scan(place).as_secs_f64());
    }
    served.stop();
    assert!(entries >= TRANSACTIONS * 5, "{entries} entries were read");
    let more = json!({ "entries": entries, "target": "≥ 1,000,000/s or ratio ≥ 1", "peak_mib": round(peak_mib()) });
    report("verify", "entries/s", median(ours), Some(median(floors)), &more);
}

/// The one scan that reads what a verification reads.
fn scan(place: &Place) -> Duration {
    let began = Instant::now();
    let sql = "COPY (SELECT account_id, seq, transaction_id, amount_minor, balance_after_minor FROM ledger_entries ORDER BY account_id, seq) TO STDOUT";
    let mut psql = Command::new("psql");
    psql.arg("-h").arg(place.sockets()).args(["-U", "entente_owner", "entente", "-c", sql]).stdout(Stdio::null());
    assert!(psql.status().expect("psql runs").success());
    began.elapsed()
}

/// The most that this process ever held.
pub fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("none 0 kB");
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// 200,000 transactions of five entries each, on accounts of their own.
fn fill(place: &Place) {
    let kinds = KINDS.map(|kind| format!("'{kind}'")).join(", ");
    let amounts = AMOUNTS.map(|minor| minor.to_string()).join(", ");
    let entry = format!("unnest(ARRAY[{kinds}], ARRAY[{amounts}]) WITH ORDINALITY AS entry (kind, minor, place)");
    let account = "('00000000-0000-7000-9600-' || lpad(to_hex(o * 10 + entry.place), 12, '0'))::uuid";
    let each = TRANSACTIONS / OWNERS;
    // The deferred trigger proves each of a million rows; here they are right by how they are made, and then verified.
    place.sql(&format!(
        "ALTER TABLE ledger_entries DISABLE TRIGGER ledger_transaction_balances;
         INSERT INTO ledger_accounts (id, owner_id, kind, currency, balance_minor, entry_count)
         SELECT {account}, ('00000000-0000-7000-9500-' || lpad(to_hex(o), 12, '0'))::uuid, entry.kind, 'EUR', entry.minor * {each}, {each}
         FROM generate_series(0, {OWNERS} - 1) o, {entry} ON CONFLICT DO NOTHING;
         INSERT INTO ledger_transactions (id, business_key, kind, at)
         SELECT ('00000000-0000-7000-9700-' || lpad(to_hex(t), 12, '0'))::uuid, 'verify:' || t, 'verify', now() FROM generate_series(0, {TRANSACTIONS} - 1) t
         ON CONFLICT DO NOTHING;
         INSERT INTO ledger_entries (account_id, seq, transaction_id, amount_minor, currency, balance_after_minor)
         SELECT {account}, t / {OWNERS} + 1, ('00000000-0000-7000-9700-' || lpad(to_hex(t), 12, '0'))::uuid, entry.minor, 'EUR', entry.minor * (t / {OWNERS} + 1)
         FROM generate_series(0, {TRANSACTIONS} - 1) t, LATERAL (SELECT t % {OWNERS} AS o) AS of_owner, {entry} ON CONFLICT DO NOTHING;
         ALTER TABLE ledger_entries ENABLE TRIGGER ledger_transaction_balances"
    ));
    place.sql("VACUUM ANALYZE ledger_accounts, ledger_transactions, ledger_entries");
}

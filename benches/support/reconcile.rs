//! `reconcile`: 100,000 bank entries judged against 1,000,000 open invoices, in at most 60 s and with flat memory. Half name a
//! case's reference, a quarter the number of an invoice, some only a name and an amount, some nothing at all.

use std::time::Instant;

use entente::{bank, types::BankStatementId};
use serde_json::json;
use uuid::Uuid;

use super::{
    Place,
    books::{app, peak_mib},
    report, round, sign_up,
};

const INVOICES: u32 = 1_000_000;
const ENTRIES: u32 = 100_000;
const STATEMENT: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_9800_0000_0000_0001);

pub async fn measure(place: &Place) {
    let served = place.serve().await;
    served.creditor(&sign_up()).await;
    let creditor = place.ask("SELECT id FROM organisations WHERE kind = 'creditor' ORDER BY id LIMIT 1");
    fill_invoices(place, &creditor);
    fill_entries(place, &creditor);
    let app = app(place, 2);
    let before = peak_mib();
    let began = Instant::now();
    let judged = bank::reconcile(&app, BankStatementId(STATEMENT)).await.unwrap_or_else(|error| panic!("{error}"));
    let took = began.elapsed().as_secs_f64();
    assert_eq!(judged, usize::try_from(ENTRIES).unwrap());
    let share = |status: &str| {
        let sql = format!("SELECT count(*) FROM bank_entries WHERE statement_id = '{STATEMENT}' AND status = '{status}'");
        place.ask(&sql).parse::<u32>().unwrap()
    };
    let (certain, likely, suspense) = (share("certain"), share("likely"), share("suspense"));
    served.stop();
    assert!(certain >= ENTRIES / 2, "{certain} of those that name their case are certain");
    let more = json!({
        "entries": ENTRIES, "invoices": INVOICES, "certain": certain, "likely": likely, "suspense": suspense,
        "memory_mib": round(peak_mib() - before), "target": "≤ 60 s",
    });
    report("reconcile", "s", took, None, &more);
}

/// A case over one invoice each, of a thousand debtors.
fn fill_invoices(place: &Place, creditor: &str) {
    let debtor = "('00000000-0000-7000-9900-' || lpad(to_hex(n % 1000), 12, '0'))::uuid";
    let case = "('eeee0000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid";
    // ISO 11649: 98 less the rest of the number, `RF` as 2715 and two zeros behind it, modulo 97.
    let reference = "'RF' || lpad((98 - (n::bigint * 1000000 + 271500) % 97)::text, 2, '0') || n";
    place.sql(&format!(
        "INSERT INTO debtors (id, creditor_id, kind, legal_name, identity_key, country, language, created_at)
         SELECT {debtor}, '{creditor}', 'business', 'Cliente ' || chr(65 + n / 26) || chr(65 + n % 26) || ' Suministros SL', 'reconcile ' || n, 'ES', 'es', now()
         FROM generate_series(0, 999) n ON CONFLICT DO NOTHING;
         INSERT INTO cases (id, reference, creditor_id, debtor_id, phase, currency, principal_minor, with_interest, oldest_due_on,
                            event_count, last_event_hash, version, phase_since, posted_at)
         SELECT {case}, {reference}, '{creditor}', {debtor}, 'in_house', 'EUR', 10000 + n, true, '2026-07-31', 1, '\\x00', 1, now(), now()
         FROM generate_series(1, {INVOICES}) n;
         INSERT INTO receivables (id, creditor_id, debtor_id, case_id, issuer, number, issued_on, due_on, currency, principal_minor, created_at)
         SELECT ('eeee0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '{creditor}', {debtor}, {case}, 'reconcile',
                'R-2026/' || lpad(n::text, 7, '0'), '2026-07-01', '2026-07-31', 'EUR', 10000 + n, now() FROM generate_series(1, {INVOICES}) n"
    ));
    place.sql("VACUUM ANALYZE debtors, cases, receivables");
}

fn fill_entries(place: &Place, creditor: &str) {
    let reference = "'RF' || lpad((98 - (n::bigint * 1000000 + 271500) % 97)::text, 2, '0') || n";
    let debtor = "'CLIENTE ' || chr(65 + n % 1000 / 26) || chr(65 + n % 1000 % 26) || ' SUMINISTROS'";
    let text = format!(
        "CASE WHEN i % 4 < 2 THEN 'Transferencia ' || {reference} WHEN i % 4 = 2 THEN 'Pago factura R-2026/' || lpad(n::text, 7, '0') || ' gracias'
              ELSE 'Compra ' || i END"
    );
    place.sql(&format!(
        "INSERT INTO bank_statements (id, owner_id, format, content_sha256, accounts, entries, fresh, created_at)
         VALUES ('{STATEMENT}', '{creditor}', 'camt.053', '\\x01', '{{}}', {ENTRIES}, {ENTRIES}, now());
         INSERT INTO bank_entries (id, statement_id, owner_id, place, account, booked_on, amount_minor, currency, is_reversal, counterparty, text, identity, status)
         SELECT ('00000000-0000-7000-9a00-' || lpad(to_hex(i), 12, '0'))::uuid, '{STATEMENT}', '{creditor}', 'entry ' || i, 'ES9121000418450200051332',
                '2026-11-20', CASE WHEN i % 8 = 7 THEN 3 ELSE 10000 + n END, 'EUR', false, CASE WHEN i % 8 = 7 THEN NULL ELSE {debtor} END, {text},
                decode(lpad(to_hex(i), 8, '0'), 'hex'), 'arrived'
         FROM (SELECT i, i * {} AS n FROM generate_series(1, {ENTRIES}) i) AS entry",
        INVOICES / ENTRIES
    ));
    place.sql("VACUUM ANALYZE bank_entries");
}

//! Uploads over HTTP: spooled, taken by a job, followed, resumed, previewed, cancelled.

use std::{fmt::Write, time::Duration};

use entente::{
    cases::audit,
    types::UploadId,
    uploads::{Turn, take_turn},
};
use serde_json::{Value, json};

use crate::support::{Client, World};

const UPLOADS: &str = "/api/v1/receivables/uploads";

/// A list of `rows` invoices of `debtors` customers, due in February 2026.
fn list_of(prefix: &str, rows: usize, debtors: usize) -> Vec<u8> {
    let mut text = "number;issued_on;due_on;amount;debtor_name;debtor_kind;postal_code\n".to_owned();
    for row in 0..rows {
        writeln!(text, "{prefix}-{row};2026-01-25;2026-02-24;1.234,56;Compañía {};business;28013", row % debtors).unwrap();
    }
    text.into_bytes()
}

async fn send(creditor: &Client, options: &str, content: Vec<u8>) -> String {
    let upload = creditor.upload(&format!("{UPLOADS}?later=true{options}"), content).await.expect(202);
    upload["id"].as_str().unwrap().to_owned()
}

async fn shown(creditor: &Client, id: &str) -> Value {
    creditor.get(&format!("{UPLOADS}/{id}")).await.expect(200)
}

fn counts(upload: &Value) -> [i64; 4] {
    ["accepted", "known", "refused", "cases_opened"].map(|name| upload[name].as_i64().unwrap())
}

async fn lines(creditor: &Client, id: &str) -> Vec<String> {
    let result = creditor.get(&format!("{UPLOADS}/{id}/result.csv")).await;
    assert_eq!(result.header("content-type"), "text/csv; charset=utf-8");
    result.text.lines().skip(1).map(str::to_owned).collect()
}

/// What is there, counted behind the curtain.
async fn rows_of(world: &World, table: &str, expected: usize) {
    let wrong = format!(
        "DO $$ BEGIN IF (SELECT count(*) FROM {table}) <> {expected} THEN RAISE EXCEPTION '% rows', (SELECT count(*) FROM {table}); END IF; END $$"
    );
    assert_eq!(world.try_as_owner(&wrong).await, Ok(()), "{table}");
}

#[actix_web::test]
async fn a_long_list_is_spooled_taken_and_answered_line_by_line() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut list = list_of("F", 16_000, 50);
    list.extend_from_slice("F-0;2026-01-25;2026-02-24;1.234,56;Compañía 0;business;28013\n".as_bytes());
    list.extend_from_slice(b"BAD;2026-01-25;2026-02-24;never;Never;business;28013\n");
    assert!(list.len() > 1024 * 1024, "longer than what is answered at once");
    let upload = creditor.upload(&format!("{UPLOADS}?file_name=enero.csv"), list).await.expect(202);
    assert_eq!((&upload["status"], &upload["files"]), (&json!("queued"), &json!(1)));
    let id = upload["id"].as_str().unwrap();
    world.work().await;
    let done = shown(&creditor, id).await;
    assert_eq!((&done["status"], &done["rows_known"], &done["rows_answered"]), (&json!("done"), &json!(16_002), &json!(16_002)));
    assert_eq!(counts(&done), [16_000, 1, 1, 0]);
    rows_of(&world, "receivables", 16_000).await;
    rows_of(&world, "debtors", 50).await;
    let lines = lines(&creditor, id).await;
    assert_eq!(lines.len(), 16_002);
    assert!(lines[0].starts_with("enero.csv;2;accepted;F-0;rcv_"), "{}", lines[0]);
    assert!(lines[16_000].starts_with("enero.csv;16002;known;F-0;rcv_"), "{}", lines[16_000]);
    assert!(lines[16_001].starts_with("enero.csv;16003;refused;;;;;;amount;not_an_amount;"), "{}", lines[16_001]);
    // The spooled file is gone, the result is kept, and neither was ever in the clear.
    let files = world.app.settings.var.join("files/uploads").join(id);
    assert!(!files.join("files/000001").exists());
    assert!(std::fs::read(files.join("results/000001")).unwrap().windows(7).all(|window| window != b"F-0;rcv"));
    world.finish().await;
}

#[actix_web::test]
async fn an_upload_killed_again_and_again_goes_on_where_it_was() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let id = send(&creditor, "&cases=per_invoice&start=false", list_of("F", 12_000, 30)).await;
    let upload: UploadId = id.parse().unwrap();
    // Each of these dies somewhere: while reading, between two statements, or just before a commit.
    for patience_ms in [1, 40, 150, 400, 700, 1_000] {
        let killed = take_turn(&world.app, upload, Duration::from_secs(60));
        drop(tokio::time::timeout(Duration::from_millis(patience_ms), killed).await);
    }
    // A turn without patience takes one batch, once the database has buried the killed ones, to whom it gives way.
    let mut turns = 0;
    while take_turn(&world.app, upload, Duration::ZERO).await.unwrap() != Turn::Unfinished
        && shown(&creditor, &id).await["status"] != "done"
    {
        turns += 1;
        assert!(turns < 100, "no turn takes a batch");
    }
    // Two at once: one of them gives way.
    let (one, two) = tokio::join!(
        take_turn(&world.app, upload, Duration::from_secs(60)),
        take_turn(&world.app, upload, Duration::from_secs(60))
    );
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    world.work().await;
    let done = shown(&creditor, &id).await;
    assert_eq!((&done["status"], counts(&done)), (&json!("done"), [12_000, 0, 0, 12_000]));
    for (table, rows) in [("receivables", 12_000), ("debtors", 30), ("cases", 12_000), ("events", 12_000)] {
        rows_of(&world, table, rows).await;
    }
    rows_of(&world, "receivables WHERE case_id IS NULL", 0).await;
    let lines = lines(&creditor, &id).await;
    assert_eq!(lines.len(), 12_000);
    assert!(lines.iter().all(|line| line.contains(";accepted;") && line.contains(";case_")), "{}", lines[0]);
    let audited = audit::verify(&world.app).await.unwrap();
    assert_eq!((audited.cases, audited.events), (12_000, 12_000));
    world.finish().await;
}

#[actix_web::test]
async fn the_same_files_are_the_same_upload_and_known_invoices_stay() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let id = send(&creditor, "", list_of("F", 40, 4)).await;
    assert_eq!(send(&creditor, "", list_of("F", 40, 4)).await, id);
    world.work().await;
    assert_eq!(send(&creditor, "", list_of("F", 40, 4)).await, id);
    assert_eq!(counts(&shown(&creditor, &id).await), [40, 0, 0, 0]);
    // More rows are other files: what is known is not taken twice.
    let longer = send(&creditor, "", list_of("F", 60, 4)).await;
    assert_ne!(longer, id);
    world.work().await;
    assert_eq!(counts(&shown(&creditor, &longer).await), [20, 40, 0, 0]);
    let listed = creditor.get(UPLOADS).await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().iter().map(|row| &row["id"]).collect::<Vec<_>>(), [&json!(longer), &json!(id)]);
    world.finish().await;
}

#[actix_web::test]
async fn a_preview_stores_nothing_until_it_is_committed() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut list = list_of("F", 30, 3);
    list.extend_from_slice(b"BAD;2026-01-25;2026-02-24;never;Never;business;28013\n");
    let id = send(&creditor, "&preview=true&cases=per_debtor", list).await;
    world.work().await;
    let previewed = shown(&creditor, &id).await;
    assert_eq!((&previewed["status"], counts(&previewed)), (&json!("previewed"), [30, 0, 1, 0]));
    let sample = previewed["sample"].as_array().unwrap();
    assert_eq!((sample.len(), &sample[0]["status"], &sample[0]["receivable_id"]), (31, &json!("accepted"), &Value::Null));
    assert_eq!(sample[30]["code"], "not_an_amount");
    rows_of(&world, "receivables", 0).await;
    rows_of(&world, "debtors", 0).await;

    let committed = creditor.post(&format!("{UPLOADS}/{id}/commitment"), &json!({})).await.expect(202);
    assert_eq!(committed["status"], "queued");
    world.work().await;
    let done = shown(&creditor, &id).await;
    assert_eq!((&done["status"], counts(&done)), (&json!("done"), [30, 0, 1, 3]));
    creditor.post(&format!("{UPLOADS}/{id}/commitment"), &json!({})).await.problem(409, "wrong-state");
    let cases = creditor.get("/api/v1/cases").await.expect(200);
    let cases = cases["data"].as_array().unwrap();
    assert!(cases.len() == 3 && cases.iter().all(|case| case["principal"]["minor"] == 1_234_560), "{cases:?}");
    world.finish().await;
}

#[actix_web::test]
async fn a_dry_run_answers_every_row_and_ends() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let id = send(&creditor, "&dry_run=true&cases=per_invoice", list_of("F", 10, 2)).await;
    world.work().await;
    let done = shown(&creditor, &id).await;
    assert_eq!((&done["status"], &done["dry_run"], counts(&done)), (&json!("done"), &json!(true), [10, 0, 0, 10]));
    assert_eq!(lines(&creditor, &id).await.len(), 10);
    for table in ["receivables", "debtors", "cases"] {
        rows_of(&world, table, 0).await;
    }
    world.finish().await;
}

#[actix_web::test]
async fn headings_mean_what_the_creditor_says() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let list =
        b"Kuerzel;issued_on;due_on;Forderung;debtor_name;debtor_kind;Notiz\nF-1;2026-01-25;2026-02-24;10,00;Ana;consumer;x\n";
    let unknown = send(&creditor, "", list.to_vec()).await;
    world.work().await;
    let failed = creditor.get(&format!("{UPLOADS}/{unknown}/files")).await.expect(200);
    assert_eq!(
        (&failed["data"][0]["failure_code"], counts(&shown(&creditor, &unknown).await)),
        (&json!("missing_column"), [0; 4])
    );

    let mapping = json!({ "columns": { "KÜRZEL": null, "Kuerzel": "number", "Notiz": null } });
    creditor.put("/api/v1/receivables/mapping", None, &mapping).await.expect(200);
    let saved = creditor.get("/api/v1/receivables/mapping").await.expect(200);
    assert_eq!(saved["columns"]["kuerzel"], "number");
    assert_eq!(rival.get("/api/v1/receivables/mapping").await.expect(200)["columns"], json!({}));
    // The rest is said for this upload alone.
    let id = send(&creditor, "&mapping=%7B%22Forderung%22%3A%22amount%22%7D", list.to_vec()).await;
    world.work().await;
    assert_eq!(counts(&shown(&creditor, &id).await), [1, 0, 0, 0]);
    let files = creditor.get(&format!("{UPLOADS}/{id}/files")).await.expect(200);
    let notes = files["data"][0]["notes"].to_string();
    assert!(!notes.contains("Notiz"), "left out on purpose, so not worth a note: {notes}");

    let wrong = json!({ "columns": { " ": "number" } });
    assert_eq!(
        creditor.put("/api/v1/receivables/mapping", None, &wrong).await.problem(422, "invalid")["errors"][0]["pointer"],
        "/columns"
    );
    let wrong = json!({ "columns": { "a": "colour" } });
    creditor.put("/api/v1/receivables/mapping", None, &wrong).await.problem(422, "invalid");
    creditor.upload(&format!("{UPLOADS}?mapping=nonsense"), list.to_vec()).await.problem(422, "invalid");
    world.finish().await;
}

#[actix_web::test]
async fn many_files_in_one_form_each_get_their_answer() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let ubl = |number: usize| {
        format!(
            r#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:a="urn:a" xmlns:b="urn:b">
  <b:ID>U-{number}</b:ID><b:IssueDate>2026-07-15</b:IssueDate><b:DueDate>2026-08-15</b:DueDate><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
  <a:AccountingCustomerParty><a:Party><a:PostalAddress><a:Country><b:IdentificationCode>FR</b:IdentificationCode></a:Country></a:PostalAddress>
  <a:PartyTaxScheme><b:CompanyID>FR44732829320</b:CompanyID><a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:PartyTaxScheme>
  <a:PartyLegalEntity><b:RegistrationName>Café Fils</b:RegistrationName></a:PartyLegalEntity></a:Party></a:AccountingCustomerParty>
  <a:LegalMonetaryTotal><b:PayableAmount currencyID="EUR">500.00</b:PayableAmount></a:LegalMonetaryTotal></Invoice>"#
        )
    };
    let files = (0..300).map(|number| (format!("{number}.xml"), ubl(number).into_bytes()));
    let broken = [("broken.xml".to_owned(), b"<Invoice".to_vec()), ("list.csv".to_owned(), list_of("F", 5, 1))];
    let upload = creditor.upload_form(UPLOADS, files.chain(broken)).await.expect(202);
    let id = upload["id"].as_str().unwrap();
    assert_eq!(upload["files"], 302);
    world.work().await;
    let done = shown(&creditor, id).await;
    assert_eq!((&done["status"], counts(&done)), (&json!("done"), [305, 0, 0, 0]));
    let files = creditor.get(&format!("{UPLOADS}/{id}/files?after=300")).await.expect(200);
    assert_eq!(files["data"][0]["file_name"], "broken.xml");
    assert!(files["data"][0]["failure"].as_str().is_some_and(|failure| !failure.is_empty()), "{files}");
    assert_eq!((&files["data"][1]["format"], &files["data"][1]["failure"]), (&json!("csv"), &Value::Null));
    assert!(lines(&creditor, id).await[7].starts_with("7.xml;1;accepted;U-7;"));
    rows_of(&world, "documents WHERE kind = 'invoice'", 300).await;
    rows_of(&world, "receivables WHERE document_id IS NOT NULL", 300).await;
    creditor.upload_form(UPLOADS, []).await.problem(400, "malformed-request");
    world.finish().await;
}

#[actix_web::test]
async fn an_upload_is_followed_until_it_is_finished_and_can_be_cancelled() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let id = send(&creditor, "", list_of("F", 10, 2)).await;
    let events = format!("{UPLOADS}/{id}/events");
    let (stream, ()) = tokio::join!(creditor.get(&events), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.work().await;
    });
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let names: Vec<&str> = stream.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!((names.first(), names.last()), (Some(&"progress"), Some(&"finished")));
    assert!(stream.text.contains("\"accepted\":10"), "{}", stream.text);
    creditor.delete(&format!("{UPLOADS}/{id}"), None).await.problem(409, "wrong-state");

    let stopped = send(&creditor, "", list_of("G", 10, 2)).await;
    assert_eq!(creditor.delete(&format!("{UPLOADS}/{stopped}"), None).await.expect(200)["status"], "cancelled");
    world.work().await;
    assert_eq!(counts(&shown(&creditor, &stopped).await), [0; 4]);
    let anew = send(&creditor, "", list_of("G", 10, 2)).await;
    assert_ne!(anew, stopped);
    world.work().await;
    assert_eq!(counts(&shown(&creditor, &anew).await), [10, 0, 0, 0]);
    world.finish().await;
}

#[actix_web::test]
async fn what_is_too_large_is_refused_and_nothing_of_it_stays() {
    let world = World::with(|settings| settings.files.upload_max_bytes = 3 * 1024 * 1024).await;
    let creditor = world.creditor(1).await;
    creditor.upload(UPLOADS, vec![b'x'; 4 * 1024 * 1024]).await.problem(413, "payload-too-large");
    let halves = ["a", "b"].map(|name| (name.to_owned(), vec![b'x'; 2 * 1024 * 1024]));
    creditor.upload_form(UPLOADS, halves).await.problem(413, "payload-too-large");
    let left: Vec<_> = walk(&world.app.settings.var.join("files"));
    assert!(left.is_empty(), "{left:?}");
    rows_of(&world, "uploads", 0).await;
    world.finish().await;
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[actix_web::test]
async fn nobody_else_sees_or_moves_an_upload() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, rival, agency) = (world.creditor(1).await, world.creditor(2).await, world.agency(3, &operator).await);
    let id = send(&creditor, "&preview=true", list_of("F", 3, 1)).await;
    world.work().await;
    for path in ["", "/files", "/events", "/result.csv"] {
        let path = format!("{UPLOADS}/{id}{path}");
        rival.get(&path).await.problem(404, "not-found");
        agency.get(&path).await.problem(403, "forbidden");
        world.stranger().get(&path).await.problem(401, "unauthenticated");
    }
    let path = format!("{UPLOADS}/{id}");
    let commitment = format!("{path}/commitment");
    rival.delete(&path, None).await.problem(404, "not-found");
    rival.post(&commitment, &json!({})).await.problem(404, "not-found");
    agency.delete(&path, None).await.problem(403, "forbidden");
    agency.post(&commitment, &json!({})).await.problem(403, "forbidden");
    world.stranger().delete(&path, None).await.problem(401, "unauthenticated");
    world.stranger().post(&commitment, &json!({})).await.problem(401, "unauthenticated");
    for path in [UPLOADS, "/api/v1/receivables/mapping"] {
        agency.get(path).await.problem(403, "forbidden");
        world.stranger().get(path).await.problem(401, "unauthenticated");
    }
    world.stranger().upload(UPLOADS, b"x".to_vec()).await.problem(401, "unauthenticated");
    world.stranger().put("/api/v1/receivables/mapping", None, &json!({ "columns": {} })).await.problem(401, "unauthenticated");
    agency.put("/api/v1/receivables/mapping", None, &json!({ "columns": {} })).await.problem(403, "forbidden");
    assert_eq!(rival.get(UPLOADS).await.expect(200)["data"], json!([]));
    assert_eq!(shown(&creditor, &id).await["status"], "previewed");
    world.finish().await;
}

//! Cases over HTTP: posting, reading, holds, promises, disputes, history.

use chrono::TimeDelta;
use entente::cases::audit;
use serde_json::{Value, json};

use crate::support::{Client, World, kinds_of};

fn invoice(number: &str, due_on: &str) -> Value {
    json!({
        "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example" },
        "number": number, "issued_on": "2026-07-01", "due_on": due_on, "principal": { "minor": 100_000, "currency": "EUR" },
    })
}

/// One overdue invoice of 1,000.00 EUR; answers with the receivable's id.
async fn overdue(creditor: &Client, number: &str) -> Value {
    let body = json!({ "receivables": [invoice(number, "2026-07-31")] });
    let intake = creditor.post("/api/v1/receivables", &body).await.expect(200);
    intake["rows"][0]["receivable_id"].clone()
}

async fn posted(creditor: &Client, number: &str) -> (String, Value) {
    let receivable = overdue(creditor, number).await;
    let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.expect(201);
    (format!("/api/v1/cases/{}", case["id"].as_str().unwrap()), case)
}

#[actix_web::test]
async fn a_posted_case_is_in_house_and_its_claim_can_be_recomputed() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (path, case) = posted(&creditor, "F-1").await;
    assert_eq!((case["phase"].as_str(), case["principal"]["minor"].as_i64()), (Some("in_house"), Some(100_000)));

    let claim = creditor.get(&format!("{path}/claim?on=2026-10-31")).await.expect(200);
    // 92 days (1 August to 31 October) at 10.40 %: 100000 × 1040 × 92 / (10000 × 365) = 2621.37…
    assert_eq!(claim["interest"]["minor"], 2_621);
    assert_eq!(claim["compensation"]["minor"], 4_000);
    assert_eq!(claim["total"]["minor"], 106_621);
    world.finish().await;
}

#[actix_web::test]
async fn a_repeated_posting_gets_the_same_answer_and_another_body_is_refused() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "receivable_ids": [overdue(&creditor, "F-1").await] });
    let first = creditor.post_once("/api/v1/cases", "post-1", &body).await.expect(201);
    let again = creditor.post_once("/api/v1/cases", "post-1", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), first);
    let other = json!({ "receivable_ids": [overdue(&creditor, "F-2").await] });
    creditor.post_once("/api/v1/cases", "post-1", &other).await.problem(422, "idempotency-key-reused");
    assert_eq!(creditor.get("/api/v1/cases").await.expect(200)["data"].as_array().unwrap().len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn a_receivable_is_in_one_case_only() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "receivable_ids": [overdue(&creditor, "F-1").await] });
    creditor.post("/api/v1/cases", &body).await.expect(201);
    assert!(creditor.post("/api/v1/cases", &body).await.status.is_client_error());
    world.finish().await;
}

#[actix_web::test]
async fn another_creditor_sees_nothing_of_it() {
    let world = World::new().await;
    let (creditor, stranger) = (world.creditor(1).await, world.creditor(2).await);
    let (path, _) = posted(&creditor, "F-1").await;
    for suffix in ["", "/claim", "/events", "/disputes"] {
        stranger.get(&format!("{path}{suffix}")).await.problem(404, "not-found");
    }
    stranger
        .post(&format!("{path}/closure"), &json!({ "outcome": "withdrawn", "reason": "mine now" }))
        .await
        .problem(404, "not-found");
    assert_eq!(stranger.get("/api/v1/cases").await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn a_promise_stops_contact_until_its_day_and_is_judged_then() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (path, _) = posted(&creditor, "F-1").await;
    let day = (world.now() + TimeDelta::days(3)).date_naive();
    let promise = creditor.post(&format!("{path}/promises"), &json!({ "promised_on": day })).await.expect(201);
    assert_eq!(promise["status"], "open");
    let held = creditor.get(&path).await.expect(200);
    assert_eq!(held["holds"][0]["kind"], "promise");
    world.pass(TimeDelta::days(6)).await;
    let kinds = kinds_of(&creditor, &path).await;
    assert!(kinds.contains(&"promise_broken".to_owned()), "{kinds:?}");
    assert_eq!(creditor.get(&path).await.expect(200)["holds"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn a_settled_dispute_takes_its_part_off_and_contact_resumes() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (path, _) = posted(&creditor, "F-1").await;
    let opened = creditor
        .post(&format!("{path}/disputes"), &json!({ "reason": "defective", "statement": "two of ten were broken" }))
        .await
        .expect(201);
    let dispute = opened["data"][0]["id"].as_str().unwrap().to_owned();
    let answer =
        json!({ "decision": "settle", "reduction": { "minor": 20_000, "currency": "EUR" }, "note": "two of ten are credited" });
    let case = creditor.post(&format!("/api/v1/disputes/{dispute}/resolution"), &answer).await.expect(200);
    assert_eq!(case["principal"]["minor"], 80_000);
    assert_eq!(creditor.get(&format!("{path}/claim?on=2026-11-02")).await.expect(200)["principal"]["minor"], 80_000);
    creditor.post(&format!("/api/v1/disputes/{dispute}/resolution"), &answer).await.problem(409, "wrong-state");
    world.finish().await;
}

#[actix_web::test]
async fn a_stale_version_is_refused() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (path, _) = posted(&creditor, "F-1").await;
    let held = creditor
        .post(&format!("{path}/holds"), &json!({ "kind": "hardship", "reason": "fire in the workshop" }))
        .await
        .expect(201);
    let hold = format!("{path}/holds/{}", held["holds"][0]["id"].as_str().unwrap());
    creditor.delete(&hold, None).await.problem(428, "version-required");
    creditor.delete(&hold, Some("\"v1\"")).await.problem(412, "stale-version");
    let version = format!("\"v{}\"", held["version"]);
    assert_eq!(creditor.delete(&hold, Some(&version)).await.expect(200)["holds"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn a_changed_line_of_the_timeline_is_found_and_the_runtime_role_cannot_change_one() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (path, case) = posted(&creditor, "F-1").await;
    creditor.post(&format!("{path}/notes"), &json!({ "text": "called, friendly" })).await.expect(201);
    assert!(audit::verify(&world.app).await.is_ok());
    world.as_owner("UPDATE events SET data = '{\"text\": \"called, rude\"}' WHERE kind = 'note_added'").await;
    let found = audit::verify(&world.app).await.expect_err("a break").to_string();
    assert!(found.contains(case["reference"].as_str().unwrap()) && found.contains("line 3"), "{found}");
    world.finish().await;
}

#[actix_web::test]
async fn the_case_file_says_whether_its_chain_holds_as_json_and_on_paper() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (path, case) = posted(&creditor, "F-1").await;
    let file = creditor.get(&format!("{path}/file")).await.expect(200);
    assert_eq!((file["intact"].as_bool(), file["case"]["reference"].as_str()), (Some(true), case["reference"].as_str()));
    let pdf = creditor.get(&format!("{path}/file.pdf")).await;
    assert!(pdf.bytes.starts_with(b"%PDF-"), "{}", pdf.text);
    world.as_owner("UPDATE events SET data = '{}' WHERE seq = 1").await;
    assert_eq!(creditor.get(&format!("{path}/file")).await.expect(200)["intact"], false);
    world.creditor(2).await.get(&format!("{path}/file")).await.problem(404, "not-found");
    world.finish().await;
}

#[actix_web::test]
async fn a_case_is_posted_with_its_invoices_in_one_request() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let known = overdue(&creditor, "F-1").await;
    let body = json!({ "receivables": [invoice("F-1", "2026-07-31"), invoice("F-2", "2026-08-31")] });
    let fit = creditor.post("/api/v1/cases/preview", &body).await.expect(200);
    assert_eq!((&fit["can_be_posted"], &fit["principal"]["minor"]), (&json!(true), &json!(200_000)));
    let owed = async || creditor.get("/api/v1/receivables").await.expect(200)["data"].as_array().unwrap().len();
    assert_eq!(owed().await, 1, "a preview takes nothing in");

    let case = creditor.post_once("/api/v1/cases", "inline", &body).await.expect(201);
    assert_eq!(case["principal"]["minor"], 200_000);
    assert_eq!(creditor.post_once("/api/v1/cases", "inline", &body).await.expect(201), case);
    assert_eq!(owed().await, 2);
    let first = creditor.get(&format!("/api/v1/receivables/{}", known.as_str().unwrap())).await.expect(200);
    assert_eq!(first["case_id"], case["id"], "an invoice that was known goes into the case as it is");
    world.finish().await;
}

#[actix_web::test]
async fn an_invoice_that_cannot_be_taken_leaves_no_case_and_no_invoice() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    overdue(&creditor, "F-1").await;
    let mut wrong = invoice("F-3", "2026-07-31");
    wrong["due_on"] = json!("2026-06-01");
    let mut other = invoice("F-1", "2026-07-31");
    other["principal"]["minor"] = json!(90_000);
    let body = json!({ "receivables": [invoice("F-2", "2026-07-31"), wrong, other] });
    let refused = creditor.post("/api/v1/cases", &body).await.problem(422, "invalid");
    let blamed: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(blamed, ["/receivables/1/due_on", "/receivables/2"], "{refused}");
    assert_eq!(creditor.get("/api/v1/cases").await.expect(200)["data"], json!([]));
    assert_eq!(creditor.get("/api/v1/receivables").await.expect(200)["data"].as_array().unwrap().len(), 1);
    creditor.post("/api/v1/cases", &json!({})).await.problem(422, "invalid");
    world.finish().await;
}

#[actix_web::test]
async fn a_draft_says_what_it_lacks() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut ordered = invoice("F-1", "2026-07-31");
    ordered["purchase_order"] = json!("PED-7");
    let case = creditor.post("/api/v1/cases", &json!({ "receivables": [ordered], "start": false })).await.expect(201);
    let path = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    let draft = creditor.get(&path).await.expect(200);
    let missing: Vec<&str> = draft["missing"].as_array().unwrap().iter().map(|item| item["paper"].as_str().unwrap()).collect();
    assert_eq!(missing, ["invoice", "delivery_proof", "contract", "prior_reminder", "address"], "{draft}");
    creditor.post(&format!("{path}/start"), &json!({})).await.expect(200);
    assert_eq!(creditor.get(&path).await.expect(200).get("missing"), None);
    world.finish().await;
}

#[actix_web::test]
async fn the_papers_for_the_tax_office_are_for_what_was_closed_unpaid() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let papers = format!("{}/bad-debt.zip", engaged.path);
    engaged.creditor.get(&papers).await.problem(409, "wrong-state");
    let body = json!({ "outcome": "insolvent", "reason": "the court has opened proceedings" });
    engaged.creditor.post(&format!("{}/closure", engaged.path), &body).await.expect(200);
    let zip = engaged.creditor.get(&papers).await;
    assert_eq!((zip.status.as_u16(), zip.header("content-type")), (200, "application/zip"));
    for name in ["certificate.pdf", "case-file.pdf", "draft-credit-note.pdf"] {
        assert!(zip.bytes.windows(name.len()).any(|part| part == name.as_bytes()), "{name}");
    }
    engaged.agency.get(&papers).await.problem(403, "forbidden");
    world.creditor(4).await.get(&papers).await.problem(404, "not-found");
    world.stranger().get(&papers).await.problem(401, "unauthenticated");
    world.finish().await;
}

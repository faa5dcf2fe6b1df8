//! Objections to a part of a claim: the rest goes on, both sides have a term, and silence decides.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, World, payment};

struct Posted {
    creditor: Client,
    /// `/api/v1/cases/…`
    api: String,
    /// `/d/…`
    page: String,
    invoices: Vec<Value>,
}

/// A case of two invoices, of 1,000.00 and 500.00, both due on 31 July.
async fn posted(world: &World) -> Posted {
    let creditor = world.creditor(1).await;
    let invoice = |number: &str, minor: i64| {
        json!({
            "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example" },
            "number": number, "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": minor, "currency": "EUR" },
        })
    };
    let intake = json!({ "receivables": [invoice("F-1", 100_000), invoice("F-2", 50_000)] });
    let intake = creditor.post("/api/v1/receivables", &intake).await.expect(200);
    let invoices: Vec<Value> = intake["rows"].as_array().unwrap().iter().map(|row| row["receivable_id"].clone()).collect();
    let made = creditor.post("/api/v1/cases", &json!({ "receivable_ids": invoices })).await.expect(201);
    let api = format!("/api/v1/cases/{}", made["id"].as_str().unwrap());
    let link = creditor.get(&api).await.expect(200)["debtor_page"].as_str().unwrap().to_owned();
    Posted { creditor, api, page: link[link.find("/d/").unwrap()..].to_owned(), invoices }
}

impl Posted {
    async fn dispute(&self, objection: Value) -> Value {
        let found = self.creditor.post(&format!("{}/disputes", self.api), &objection).await.expect(201);
        found["data"].as_array().unwrap().last().unwrap().clone()
    }

    /// The second invoice.
    async fn dispute_part(&self, reason: &str) -> Value {
        self.dispute(json!({ "reason": reason, "statement": "half of it is missing", "receivable_ids": [self.invoices[1]] }))
            .await
    }

    async fn disputes(&self) -> Value {
        self.creditor.get(&format!("{}/disputes", self.api)).await.expect(200)["data"].clone()
    }

    async fn case(&self) -> Value {
        self.creditor.get(&self.api).await.expect(200)
    }

    async fn claim(&self, on: &str) -> Value {
        self.creditor.get(&format!("{}/claim?on={on}", self.api)).await.expect(200)
    }

    async fn bodies(&self) -> Vec<String> {
        let found = self.creditor.get(&format!("{}/deliveries", self.api)).await.expect(200);
        found["data"].as_array().unwrap().iter().map(|one| one["body"].as_str().unwrap().replace('\u{a0}', " ")).collect()
    }

    async fn answer(&self, dispute: &Value, answer: Value) -> Value {
        let path = format!("/api/v1/disputes/{}/resolution", dispute["id"].as_str().unwrap());
        self.creditor.post(&path, &answer).await.expect(200)
    }

    /// What is asked for today, paid in full.
    async fn pay_what_is_asked(&self, on: &str) {
        let asked = self.claim(on).await["total"]["minor"].as_i64().unwrap();
        self.creditor.post(&format!("{}/payments", self.api), &payment(asked, on, "T-1")).await.expect(201);
    }
}

async fn days(world: &World, count: i32) {
    for _ in 0..count {
        world.pass(TimeDelta::days(1)).await;
    }
}

fn minor(claim: &Value, part: &str) -> i64 {
    claim[part]["minor"].as_i64().unwrap()
}

#[actix_web::test]
async fn the_undisputed_rest_is_asked_for_and_the_disputed_part_is_not() {
    let world = World::new().await;
    let case = posted(&world).await;
    let before = case.claim("2026-11-02").await;
    let dispute = case.dispute_part("defective").await;
    assert_eq!((&dispute["parts"][0]["number"], &dispute["parts"][0]["amount"]["minor"]), (&json!("F-2"), &json!(50_000)));
    assert_eq!(case.case().await["holds"], json!([]), "the rest goes on");
    let asked = case.claim("2026-11-02").await;
    assert_eq!((minor(&asked, "principal"), minor(&asked, "disputed")), (100_000, 50_000));
    // Neither interest nor the fixed sum of the disputed invoice: 1,000.00 at 10.40 % for 94 days, and 40.00.
    assert_eq!((minor(&asked, "total"), minor(&before, "compensation"), minor(&asked, "compensation")), (106_678, 8_000, 4_000));
    world.work().await;
    let mails = case.bodies().await;
    assert!(mails[0].contains("Parte discutida de la factura F-2") && mails[0].contains("1.066,78"), "{mails:?}");
    let page = world.stranger().browse(&format!("{}?lang=en", case.page)).await.page(200).replace('\u{a0}', " ");
    assert!(page.contains("you object to €500.00 of invoice F-2") && page.contains("€1,066.78"), "{page}");
    world.finish().await;
}

#[actix_web::test]
async fn what_was_prepared_before_the_objection_is_worded_anew() {
    let world = World::new().await;
    let case = posted(&world).await;
    let before = case.case().await["version"].clone();
    case.dispute(
        json!({ "reason": "wrong_amount", "statement": "agreed on less", "amount": { "minor": 30_000, "currency": "EUR" } }),
    )
    .await;
    let dispute = &case.disputes().await[0];
    let parts: Vec<i64> = dispute["parts"].as_array().unwrap().iter().map(|part| minor(part, "amount")).collect();
    assert_eq!((parts, case.case().await["version"] == before), (vec![20_000, 10_000], false), "in proportion");
    world.work().await;
    assert_eq!(case.bodies().await.len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn once_the_rest_is_paid_contact_rests_until_the_objection_is_answered() {
    for (decision, phase, outcome) in [("reject", "in_house", Value::Null), ("uphold", "closed", json!("settled"))] {
        let world = World::new().await;
        let case = posted(&world).await;
        world.work().await;
        let dispute = case.dispute_part("not_delivered").await;
        case.pay_what_is_asked("2026-11-02").await;
        world.work().await;
        let resting = case.case().await;
        assert_eq!((&resting["phase"], &resting["holds"][0]["kind"]), (&json!("in_house"), &json!("dispute")), "{decision}");
        let written = case.bodies().await.len();
        days(&world, 5).await;
        assert_eq!(case.bodies().await.len(), written, "nobody writes about nothing");
        case.answer(&dispute, json!({ "decision": decision, "note": "we looked" })).await;
        let after = case.case().await;
        assert_eq!((&after["phase"], &after["outcome"]), (&json!(phase), &outcome), "{decision}");
        if decision == "reject" {
            assert_eq!(minor(&case.claim("2026-11-07").await, "principal"), 50_000);
            days(&world, 20).await;
            assert!(case.bodies().await.len() > written, "the rest is asked for by itself");
        }
        world.finish().await;
    }
}

#[actix_web::test]
async fn a_part_may_be_taken_off_by_agreement() {
    let world = World::new().await;
    let case = posted(&world).await;
    let dispute = case.dispute_part("defective").await;
    let path = format!("/api/v1/disputes/{}/resolution", dispute["id"].as_str().unwrap());
    let settle =
        |minor: i64| json!({ "decision": "settle", "reduction": { "minor": minor, "currency": "EUR" }, "note": "a third off" });
    case.creditor.post(&path, &settle(50_000)).await.problem(422, "invalid");
    case.creditor.post(&path, &settle(20_000)).await.expect(200);
    let claim = case.claim("2026-11-02").await;
    assert_eq!((minor(&claim, "principal"), minor(&claim, "disputed")), (130_000, 0));
    case.creditor.post(&path, &settle(10_000)).await.problem(409, "wrong-state");
    world.finish().await;
}

#[actix_web::test]
async fn who_lets_its_term_pass_is_decided_against() {
    // The creditor is silent about a part: it is taken off. About the whole: nobody pursues it here.
    let world = World::new().await;
    let case = posted(&world).await;
    let part = case.dispute_part("not_delivered").await;
    assert_eq!(part["awaited"], "creditor");
    days(&world, 18).await;
    let decided = &case.disputes().await[0];
    assert_eq!((&decided["status"], &decided["by_default"]), (&json!("upheld"), &json!(true)));
    assert_eq!(minor(&case.claim("2026-11-20").await, "principal"), 100_000);
    let whole = case.dispute(json!({ "reason": "not_ordered", "statement": "never" })).await;
    assert_eq!((&whole["parts"], &case.case().await["holds"][0]["kind"]), (&json!([]), &json!("dispute")));
    days(&world, 18).await;
    assert_eq!(case.case().await["outcome"], "disputed");
    world.finish().await;

    // The debtor shows nothing: the claim stands.
    let world = World::new().await;
    let case = posted(&world).await;
    let part = case.dispute_part("already_paid").await;
    assert_eq!(part["awaited"], "debtor");
    days(&world, 18).await;
    let decided = &case.disputes().await[0];
    assert_eq!((&decided["status"], &decided["by_default"]), (&json!("rejected"), &json!(true)));
    assert_eq!(minor(&case.claim("2026-11-20").await, "principal"), 150_000);
    world.finish().await;
}

#[actix_web::test]
async fn the_debtor_objects_to_a_part_on_its_page_and_shows_why() {
    let world = World::new().await;
    let case = posted(&world).await;
    let second = case.invoices[1].as_str().unwrap();
    let form = format!("{}/objection?lang=en", case.page);
    let fields = [("reason", "already_paid"), ("statement", "in cash"), ("invoice", second), ("amount", "600")];
    let wrong = world.stranger().submit(&form, &fields).await.page(422).replace('\u{a0}', " ");
    assert!(wrong.contains("an amount of at most €500.00") && wrong.contains("value=\"600\""), "{wrong}");
    let fields = [("reason", "already_paid"), ("statement", "in cash"), ("invoice", second), ("amount", "200.50")];
    let page = world.stranger().submit(&form, &fields).await.page(200).replace('\u{a0}', " ");
    assert!(page.contains("you object to €200.50 of invoice F-2") && page.contains("with which reference you paid"), "{page}");
    let dispute = case.disputes().await[0].clone();
    let id = dispute["id"].as_str().unwrap();
    let evidence = format!("{}/evidence?lang=en", case.page);
    let nothing = [("dispute", id), ("item", "payment_proof"), ("statement", " ")];
    world.stranger().submit(&evidence, &nothing).await.page(422);
    let shown = [("dispute", id), ("item", "payment_proof"), ("statement", "on 3 October, receipt 4711")];
    world.stranger().submit(&evidence, &shown).await.page(200);
    // A second click finds the first one's.
    let page = world.stranger().submit(&evidence, &shown).await.page(200);
    assert!(page.contains("receipt 4711") && page.contains("if it does not, you are right"), "{page}");
    let now = case.disputes().await[0].clone();
    assert_eq!(
        (&now["awaited"], &now["evidence"][0]["given"][0]["statement"]),
        (&json!("creditor"), &json!("on 3 October, receipt 4711"))
    );
    assert_eq!(now["evidence"][0]["given"].as_array().unwrap().len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn what_is_not_owed_or_not_yours_cannot_be_objected_to() {
    let world = World::new().await;
    let case = posted(&world).await;
    let path = format!("{}/disputes", case.api);
    let part = |receivables: Value, minor: Option<i64>| {
        let amount = minor.map(|minor| json!({ "minor": minor, "currency": "EUR" }));
        json!({ "reason": "defective", "statement": "torn", "receivable_ids": receivables, "amount": amount })
    };
    let mine = json!([case.invoices[0]]);
    world.stranger().post(&path, &part(mine.clone(), None)).await.problem(401, "unauthenticated");
    world.creditor(2).await.post(&path, &part(mine.clone(), None)).await.problem(404, "not-found");
    let unknown = json!(["rcv_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f"]);
    let refused = case.creditor.post(&path, &part(unknown, None)).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/receivable_ids");
    let refused = case.creditor.post(&path, &part(mine.clone(), Some(100_001))).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/amount");
    case.creditor.post(&path, &part(mine.clone(), None)).await.expect(201);
    case.creditor.post(&path, &part(mine, None)).await.problem(422, "invalid");

    let dispute = case.disputes().await[0].clone();
    let evidence = format!("/api/v1/disputes/{}/evidence", dispute["id"].as_str().unwrap());
    let shown = json!({ "item": "defect_report", "statement": "torn on arrival" });
    world.stranger().post(&evidence, &shown).await.problem(401, "unauthenticated");
    world.creditor(3).await.post(&evidence, &shown).await.problem(404, "not-found");
    let other = json!({ "item": "payment_proof", "statement": "paid" });
    assert_eq!(case.creditor.post(&evidence, &other).await.problem(422, "invalid")["errors"][0]["pointer"], "/item");
    case.creditor.post(&evidence, &shown).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn a_card_says_that_a_part_is_disputed() {
    let world = World::new().await;
    let case = posted(&world).await;
    case.dispute_part("defective").await;
    let listing = case.creditor.post(&format!("{}/listing", case.api), &json!({ "award_rule": "by_hand" })).await.expect(201);
    assert_eq!(listing["card"]["disputed"], true, "{listing}");
    world.finish().await;
}

/// A form with a file, as a browser sends it.
fn with_file(fields: &[(&str, &str)], (name, content): (&str, &[u8])) -> (Vec<(&'static str, String)>, Vec<u8>) {
    let boundary = "----entente";
    let mut body = Vec::new();
    for (field, value) in fields {
        body.extend(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend_from_slice(content);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    (vec![("content-type", format!("multipart/form-data; boundary={boundary}")), ("accept", "text/html".to_owned())], body)
}

#[actix_web::test]
async fn a_debtor_shows_a_proof_as_a_file_that_its_content_names_and_only_the_parties_read_it() {
    let world = World::new().await;
    let case = world.posted().await;
    let objection = [("reason", "already_paid"), ("statement", "paid in August")];
    let shown = world.stranger().submit(&format!("{}/objection?lang=en", case.page), &objection).await.page(200);
    assert!(shown.contains("type=\"file\"") && shown.contains("enctype=\"multipart/form-data\""), "{shown}");
    let disputes = format!("{}/disputes", case.api);
    let dispute = case.creditor.get(&disputes).await.expect(200)["data"][0].clone();
    let fields = [("dispute", dispute["id"].as_str().unwrap()), ("item", "payment_proof"), ("statement", "")];
    let evidence = format!("{}/evidence?lang=en", case.page);
    let send = async |path: &str, name: &str, content: &[u8]| {
        let (headers, body) = with_file(&fields, (name, content));
        world.stranger().deliver(path, &headers, &body).await
    };
    let program = send(&evidence, "receipt.pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff").await.page(422);
    assert!(program.contains("This kind of file cannot be taken"), "{program}");
    let page = send(&evidence, "receipt.pdf", b"<html><script>alert(1)</script>").await.page(422);
    assert!(page.contains("This kind of file cannot be taken"), "{page}");
    let large = send(&evidence, "receipt.png", &vec![b'x'; 10 * 1024 * 1024 + 1]).await.page(422);
    assert!(large.contains("This file is too large"), "{large}");
    let nothing = send(&evidence, "", b"").await.page(422);
    assert!(nothing.contains("or choose a file"), "{nothing}");
    assert_eq!(send(&format!("{}x/evidence", case.page), "a.pdf", b"%PDF-1.7").await.status, 404);

    let receipt = b"%PDF-1.7 paid on 3 August";
    send(&evidence, "../justificante.exe", receipt).await.page(200);
    let given = case.creditor.get(&disputes).await.expect(200)["data"][0]["evidence"][0]["given"].clone();
    assert_eq!(given.as_array().unwrap().len(), 1, "{given}");
    assert!(given[0]["statement"].as_str().unwrap().contains("justificante"), "{given}");
    world.work().await;
    let path = format!("/api/v1/documents/{}", given[0]["document_id"].as_str().unwrap());
    let read = case.creditor.get(&path).await;
    assert_eq!((read.bytes.as_slice(), read.header("content-type")), (receipt.as_slice(), "application/pdf"));
    assert!(read.header("content-disposition").starts_with("attachment"));
    world.creditor(2).await.get(&path).await.problem(404, "not-found");
    world.stranger().get(&path).await.problem(401, "unauthenticated");
    let sealed = world
        .try_as_owner("DO $$ BEGIN IF EXISTS (SELECT FROM documents WHERE kind = 'other' AND content IS NOT NULL) THEN RAISE EXCEPTION 'open'; END IF; END $$")
        .await;
    assert_eq!(sealed, Ok(()), "it rests in the file store, sealed");
    world.finish().await;
}

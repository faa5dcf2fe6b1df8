//! Receivables over HTTP: intake in each format, debtors and their profiles, claims, and who sees what.

use std::fmt::Write;

use entente::{
    db::{Actor, ActorKind, By, Scope},
    receivables::{self, PaidParts, ReceivablesError},
    types::{CaseId, Currency, Money, OrgId, ReceivableId},
};
use serde_json::{Value, json};

use crate::support::{Client, World, cif};

const UPLOADS: &str = "/api/v1/receivables/uploads";

fn invoice(number: &str) -> Value {
    json!({
        "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "country": "ES" },
        "number": number, "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" },
    })
}

async fn take(creditor: &Client, invoices: &[Value]) -> Value {
    creditor.post("/api/v1/receivables", &json!({ "receivables": invoices })).await.expect(200)
}

fn statuses(intake: &Value) -> Vec<&str> {
    intake["rows"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect()
}

async fn count(client: &Client, path: &str) -> usize {
    client.get(path).await.expect(200)["data"].as_array().unwrap().len()
}

#[actix_web::test]
async fn every_row_answers_and_a_bad_one_costs_no_other() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut wrong_tax = invoice("F-2");
    wrong_tax["debtor"]["tax_number"] = json!("A46353537");
    let mut early = invoice("F-3");
    early["due_on"] = json!("2026-06-30");
    let mut no_number = invoice("F-4");
    no_number.as_object_mut().unwrap().remove("number");
    let mut free = invoice("F-5");
    free["principal"]["minor"] = json!(0);
    let rows = [invoice("F-1"), wrong_tax, early, no_number, free, json!("nonsense"), invoice("F-1"), invoice("F-7")];
    let intake = take(&creditor, &rows).await;
    assert_eq!(statuses(&intake), ["accepted", "refused", "refused", "refused", "refused", "refused", "known", "accepted"]);
    assert_eq!((&intake["accepted"], &intake["known"], &intake["refused"]), (&json!(2), &json!(1), &json!(5)));
    let fault = |row: usize| {
        (intake["rows"][row]["row"].as_u64(), intake["rows"][row]["column"].as_str(), intake["rows"][row]["code"].as_str())
    };
    assert_eq!(fault(1), (Some(2), Some("debtor.tax_number"), Some("check_digit")));
    assert_eq!(fault(2), (Some(3), Some("due_on"), Some("due_before_issue")));
    assert_eq!(fault(3).2, Some("wrong_shape"));
    assert!(intake["rows"][3]["reason"].as_str().unwrap().contains("number"));
    assert_eq!(fault(4), (Some(5), Some("principal"), Some("not_positive")));
    assert_eq!(intake["rows"][6]["receivable_id"], intake["rows"][0]["receivable_id"]);
    assert_eq!(count(&creditor, "/api/v1/receivables").await, 2);
    assert_eq!(count(&creditor, "/api/v1/debtors").await, 1);
    world.finish().await;
}

#[actix_web::test]
async fn an_invoice_sent_again_is_known_and_unchanged() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let first = take(&creditor, &[invoice("F-1")]).await;
    let mut dearer = invoice("F-1");
    dearer["principal"]["minor"] = json!(200_000);
    let again = take(&creditor, &[dearer, invoice("F-2")]).await;
    assert_eq!(statuses(&again), ["known", "accepted"]);
    assert_eq!(again["rows"][0]["receivable_id"], first["rows"][0]["receivable_id"]);
    assert!(again["rows"][0]["reason"].as_str().unwrap().contains("1000.00 EUR then, 2000.00 EUR now"));
    let kept =
        creditor.get(&format!("/api/v1/receivables/{}", first["rows"][0]["receivable_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(kept["principal"]["minor"], 100_000);
    // The same number of another issuer is another invoice.
    let mut assigned = invoice("F-1");
    assigned["issuer"] = json!("FR44732829320");
    assert_eq!(statuses(&take(&creditor, &[assigned]).await), ["accepted"]);
    // And so is the same number of another creditor.
    let other = world.creditor(2).await;
    assert_eq!(statuses(&take(&other, &[invoice("F-1")]).await), ["accepted"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_repeated_intake_gets_the_same_answer() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "receivables": [invoice("F-1")] });
    let first = creditor.post_once("/api/v1/receivables", "in-1", &body).await.expect(200);
    let again = creditor.post_once("/api/v1/receivables", "in-1", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(200), first);
    let other = json!({ "receivables": [invoice("F-2")] });
    creditor.post_once("/api/v1/receivables", "in-1", &other).await.problem(422, "idempotency-key-reused");
    assert_eq!(count(&creditor, "/api/v1/receivables").await, 1);
    world.finish().await;
}

#[actix_web::test]
async fn the_template_comes_back_filled_in_as_it_went_out() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let template = creditor.get("/api/v1/receivables/template.csv").await;
    assert!(template.header("content-type").starts_with("text/csv"));
    let intake = creditor.upload(&format!("{UPLOADS}?file_name=enero.csv"), template.bytes).await.expect(200);
    assert_eq!(
        (statuses(&intake), &intake["format"], &intake["file_name"]),
        (vec!["accepted"], &json!("csv"), &json!("enero.csv"))
    );
    let receivable =
        creditor.get(&format!("/api/v1/receivables/{}", intake["rows"][0]["receivable_id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&receivable["principal"]["minor"], &receivable["issuer"]), (&json!(123_456), &json!(format!("ES:{}", cif(1)))));
    world.finish().await;
}

#[actix_web::test]
async fn a_spreadsheet_in_utf_16_of_thousands_of_rows_is_taken() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut text = "\u{feff}Nº factura\tFecha\tVencimiento\tImporte\tRazón social\tTipo de cliente\tCódigo postal\n".to_owned();
    for row in 0..2_500 {
        writeln!(text, "F-{row}\t25/01/2026\t24/02/2026\t1.234,56\tCompañía {}\tempresa\t28013", row % 40).unwrap();
    }
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let intake = creditor.upload(UPLOADS, bytes.clone()).await.expect(200);
    assert_eq!((&intake["accepted"], &intake["refused"]), (&json!(2_500), &json!(0)));
    assert_eq!(count(&creditor, "/api/v1/debtors?limit=200").await, 40);
    let again = creditor.upload(UPLOADS, bytes).await.expect(200);
    assert_eq!((&again["accepted"], &again["known"]), (&json!(0), &json!(2_500)));
    world.finish().await;
}

#[actix_web::test]
async fn files_that_cannot_be_read_are_refused_as_a_whole() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let refused = [
        (b"".to_vec(), 422, "invalid"),
        (b"%PDF-1.7".to_vec(), 422, "invalid"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), 415, "unsupported-media-type"),
        (b"[{}]".to_vec(), 415, "unsupported-media-type"),
        (b"<a/>".to_vec(), 415, "unsupported-media-type"),
        (b"<!DOCTYPE a [<!ENTITY b \"bbb\">]><a>&b;</a>".to_vec(), 422, "invalid"),
        (b"<Invoice".to_vec(), 422, "invalid"),
        (b"number;issued_on;due_on;debtor_name\n1;2;3;4\n".to_vec(), 422, "invalid"),
    ];
    for (content, status, code) in refused {
        creditor.upload(UPLOADS, content).await.problem(status, code);
    }
    let missing =
        creditor.upload(UPLOADS, b"number;issued_on;due_on;debtor_name\n1;2;3;4\n".to_vec()).await.problem(422, "invalid");
    assert_eq!(missing["errors"][0]["pointer"], "/amount");
    assert!(missing["detail"].as_str().unwrap().contains("importe"));
    assert_eq!(count(&creditor, "/api/v1/receivables").await, 0);
    world.finish().await;
}

pub const UBL: &str = r#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:a="urn:a" xmlns:b="urn:b">
  <b:ID>U-1</b:ID><b:IssueDate>2026-07-15</b:IssueDate><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
  <a:AccountingCustomerParty><a:Party><a:PostalAddress><a:Country><b:IdentificationCode>FR</b:IdentificationCode></a:Country></a:PostalAddress>
  <a:PartyTaxScheme><b:CompanyID>FR44732829320</b:CompanyID><a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:PartyTaxScheme>
  <a:PartyLegalEntity><b:RegistrationName>Café Fils</b:RegistrationName></a:PartyLegalEntity></a:Party></a:AccountingCustomerParty>
  <a:LegalMonetaryTotal><b:PayableAmount currencyID="EUR">500.00</b:PayableAmount></a:LegalMonetaryTotal></Invoice>"#;

#[actix_web::test]
async fn a_ubl_invoice_is_taken_and_kept_as_it_came() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let intake = creditor.upload(&format!("{UPLOADS}?file_name=U%2D1.xml"), UBL.into()).await.expect(200);
    assert_eq!((statuses(&intake), &intake["format"]), (vec!["accepted"], &json!("ubl")));
    assert_eq!(intake["rows"][0]["due_on_assumed"], true);
    let receivable =
        creditor.get(&format!("/api/v1/receivables/{}", intake["rows"][0]["receivable_id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&receivable["due_on"], &receivable["principal"]["minor"]), (&json!("2026-08-14"), &json!(50_000)));
    let path = format!("/api/v1/documents/{}", receivable["document_id"].as_str().unwrap());
    let document = creditor.get(&path).await;
    assert_eq!(
        (document.header("content-disposition"), document.bytes.as_slice()),
        ("attachment; filename=\"U-1.xml\"", UBL.as_bytes())
    );
    rival.get(&path).await.problem(404, "not-found");
    assert_eq!(statuses(&creditor.upload(UPLOADS, UBL.into()).await.expect(200)), ["known"]);
    let credit_note = UBL.replace("Invoice", "CreditNote").replace("U-1", "U-2");
    let refused = creditor.upload(UPLOADS, credit_note.clone().into()).await.expect(200);
    assert_eq!(refused["rows"][0]["code"], "credit_of_nothing", "it names no invoice");
    // One that names its invoice lowers it; one that comes before its invoice waits for it.
    let of = |number: &str| {
        let reference = format!(
            "<a:BillingReference><a:InvoiceDocumentReference><b:ID>{number}</b:ID></a:InvoiceDocumentReference></a:BillingReference>"
        );
        credit_note.replace("<a:AccountingCustomerParty>", &format!("{reference}<a:AccountingCustomerParty>"))
    };
    let credited = creditor.upload(UPLOADS, of("U-1").into()).await.expect(200);
    assert_eq!((statuses(&credited), &credited["rows"][0]["code"]), (vec!["accepted"], &json!("credit_note")));
    assert_eq!(credited["rows"][0]["receivable_id"], receivable["id"]);
    let shown = async |number: usize| creditor.get("/api/v1/receivables").await.expect(200)["data"][number].clone();
    assert_eq!(shown(0).await["credited"]["minor"], 50_000);
    assert_eq!(statuses(&creditor.upload(UPLOADS, of("U-1").into()).await.expect(200)), ["known"]);
    let waiting = creditor.upload(UPLOADS, of("U-9").replace("U-2", "U-3").into()).await.expect(200);
    assert_eq!((statuses(&waiting), &waiting["rows"][0]["receivable_id"]), (vec!["accepted"], &Value::Null));
    creditor.upload(UPLOADS, UBL.replace("U-1", "U-9").into()).await.expect(200);
    let late = shown(0).await;
    assert_eq!((&late["number"], &late["credited"]["minor"]), (&json!("U-9"), &json!(50_000)));
    world.finish().await;
}

#[actix_web::test]
async fn lists_go_by_pages_and_filters() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut other = invoice("F-5");
    other["debtor"]["tax_number"] = json!("12345678Z");
    let intake = take(&creditor, &[invoice("F-1"), invoice("F-2"), invoice("F-3"), invoice("F-4"), other]).await;
    let first = creditor.get("/api/v1/receivables?limit=3").await.expect(200);
    let rest =
        creditor.get(&format!("/api/v1/receivables?limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!((first["data"].as_array().unwrap().len(), rest["data"].as_array().unwrap().len()), (3, 2));
    assert_eq!(rest["next_cursor"], Value::Null);
    creditor.post("/api/v1/cases", &json!({ "receivable_ids": [intake["rows"][0]["receivable_id"]] })).await.expect(201);
    assert_eq!(count(&creditor, "/api/v1/receivables?unassigned=true").await, 4);
    let debtor = intake["rows"][4]["debtor_id"].as_str().unwrap();
    assert_eq!(count(&creditor, &format!("/api/v1/receivables?debtor_id={debtor}")).await, 1);
    creditor.get("/api/v1/receivables?limit=0").await.problem(400, "malformed-request");
    creditor.get("/api/v1/receivables?cursor=x").await.problem(400, "malformed-request");
    creditor.get("/api/v1/receivables?unassigned=perhaps").await.problem(400, "malformed-request");
    world.finish().await;
}

#[actix_web::test]
async fn one_creditor_sees_and_uses_nothing_of_another() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, rival, agency) = (world.creditor(1).await, world.creditor(2).await, world.agency(3, &operator).await);
    let intake = take(&creditor, &[invoice("F-1")]).await;
    let (receivable, debtor) =
        (intake["rows"][0]["receivable_id"].as_str().unwrap(), intake["rows"][0]["debtor_id"].as_str().unwrap());
    for path in [
        format!("/api/v1/receivables/{receivable}"),
        format!("/api/v1/debtors/{debtor}"),
        format!("/api/v1/debtors/{debtor}/profile"),
    ] {
        rival.get(&path).await.problem(404, "not-found");
        world.stranger().get(&path).await.problem(401, "unauthenticated");
    }
    agency.get(&format!("/api/v1/receivables/{receivable}")).await.problem(404, "not-found");
    for path in ["/api/v1/receivables", "/api/v1/debtors"] {
        assert_eq!(count(&rival, path).await, 0);
        agency.get(path).await.problem(403, "forbidden");
        world.stranger().get(path).await.problem(401, "unauthenticated");
    }
    agency.post("/api/v1/receivables", &json!({ "receivables": [invoice("F-1")] })).await.problem(403, "forbidden");
    agency.upload(UPLOADS, UBL.into()).await.problem(403, "forbidden");
    rival.put(&format!("/api/v1/debtors/{debtor}/profile"), Some("\"v0\""), &profile()).await.problem(404, "not-found");
    rival.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.problem(422, "invalid");
    creditor.get("/api/v1/receivables/case_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f").await.problem(404, "not-found");
    world.finish().await;
}

#[actix_web::test]
async fn a_debtor_is_made_once() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "legal_name": "María Pérez", "kind": "consumer", "country": "ES", "postal_code": "28013" });
    let debtor = creditor.post("/api/v1/debtors", &body).await.expect(201);
    assert_eq!((&debtor["kind"], &debtor["language"]), (&json!("consumer"), &json!("es")));
    let same = json!({ "legal_name": "MARIA PEREZ", "kind": "consumer", "country": "ES", "postal_code": "28 013" });
    let conflict = creditor.post("/api/v1/debtors", &same).await.problem(409, "conflict");
    assert!(conflict["detail"].as_str().unwrap().contains(debtor["id"].as_str().unwrap()));
    let unsaid = json!({ "legal_name": "Somebody" });
    assert_eq!(creditor.post("/api/v1/debtors", &unsaid).await.problem(422, "invalid")["errors"][0]["pointer"], "/kind");
    // An invoice that names her reaches the same debtor, and brings the mail address that was missing.
    let mut owed = invoice("F-1");
    owed["debtor"] =
        json!({ "legal_name": "Maria  Pérez", "kind": "consumer", "postal_code": "28013", "email": "maria@example.com" });
    let intake = take(&creditor, &[owed]).await;
    assert_eq!(intake["rows"][0]["debtor_id"], debtor["id"]);
    let found = creditor.get(&format!("/api/v1/debtors/{}", debtor["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(found["email"], "maria@example.com");
    world.finish().await;
}

fn profile() -> Value {
    json!({ "tone_ceiling": "gentle", "channels": ["mail", "letter"], "do_not_contact": false, "contact_from": "10:00", "contact_until": "17:30",
            "account_owner_id": null })
}

#[actix_web::test]
async fn a_profile_has_defaults_and_changes_by_version() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let intake = take(&creditor, &[invoice("F-1")]).await;
    let path = format!("/api/v1/debtors/{}/profile", intake["rows"][0]["debtor_id"].as_str().unwrap());
    let blank = creditor.get(&path).await;
    assert_eq!(blank.header("etag"), "\"v0\"");
    assert_eq!(blank.expect(200)["do_not_contact"], false);
    creditor.put(&path, None, &profile()).await.problem(428, "version-required");
    let set = creditor.put(&path, Some("\"v0\""), &profile()).await;
    assert_eq!(set.header("etag"), "\"v1\"");
    assert_eq!(set.expect(200)["tone_ceiling"], "gentle");
    creditor.put(&path, Some("\"v0\""), &profile()).await.problem(412, "stale-version");
    creditor.put(&path, Some("\"v7\""), &profile()).await.problem(412, "stale-version");
    assert_eq!(creditor.put(&path, Some("\"v1\""), &profile()).await.expect(200)["version"], 2);

    let (own, foreign) = (creditor.get("/api/v1/me").await.expect(200), rival.get("/api/v1/me").await.expect(200));
    let owned_by = |me: &Value| {
        let mut setting = profile();
        setting["account_owner_id"] = me["member"]["id"].clone();
        setting
    };
    creditor.put(&path, Some("\"v2\""), &owned_by(&own)).await.expect(200);
    let refused = creditor.put(&path, Some("\"v3\""), &owned_by(&foreign)).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/account_owner_id");
    let mut hours = profile();
    hours["contact_until"] = json!("09:00");
    assert_eq!(
        creditor.put(&path, Some("\"v3\""), &hours).await.problem(422, "invalid")["errors"][0]["pointer"],
        "/contact_until"
    );
    world.finish().await;
}

#[actix_web::test]
async fn a_claim_is_reckoned_for_anybody_who_asks() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "country": "ES", "debtor_kind": "business", "on": "2026-08-31", "invoices": [{
        "number": "F-1", "due_on": "2026-06-30", "principal": { "minor": 100_000, "currency": "EUR" },
        "payments": [{ "received_on": "2026-07-31", "amount": { "minor": 40_000, "currency": "EUR" } }],
    }]});
    let claim = creditor.post("/api/v1/claims/calculation", &body).await.expect(200);
    let amounts: Vec<_> = claim["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["amount"]["minor"].as_i64().unwrap(), line["citation"].as_str().unwrap()))
        .collect();
    let interest = "Ley 3/2004 art. 7.2";
    assert_eq!(amounts, [(100_000, "Código Civil art. 1091"), (883, interest), (530, interest), (4_000, "Ley 3/2004 art. 8.1")]);
    assert_eq!((&claim["paid"]["minor"], &claim["total"]["minor"]), (&json!(40_000), &json!(65_413)));

    let refused = async |change: &dyn Fn(&mut Value)| {
        let mut other = body.clone();
        change(&mut other);
        creditor.post("/api/v1/claims/calculation", &other).await.problem(422, "invalid")
    };
    let late = refused(&|body| body["on"] = json!("2027-01-01")).await;
    assert!(late["detail"].as_str().unwrap().contains("2026-12-31"), "{late}");
    let too_low = refused(&|body| body["agreed_rate"] = json!(100)).await;
    assert!(too_low["detail"].as_str().unwrap().contains("Ley 3/2004 art. 9"), "{too_low}");
    let credits = json!([{ "credited_on": "2026-07-01", "amount": { "minor": 0, "currency": "EUR" } }]);
    let nothing = refused(&|body| body["invoices"][0]["credits"] = credits.clone()).await;
    assert_eq!(nothing["errors"][0]["pointer"], "/invoices/0/credits/0/amount/minor");
    let negative = refused(&|body| body["invoices"][0]["principal"]["minor"] = json!(-1)).await;
    assert_eq!(negative["errors"][0]["pointer"], "/invoices/0/principal/minor");
    refused(&|body| body["invoices"] = json!([])).await;
    world.stranger().post("/api/v1/claims/calculation", &body).await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn bodies_that_are_no_lists_of_invoices_are_refused() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    creditor.post("/api/v1/receivables", &json!({ "receivables": [] })).await.problem(422, "invalid");
    creditor.post("/api/v1/receivables", &json!([])).await.problem(422, "invalid");
    creditor.post("/api/v1/receivables", &json!({})).await.problem(422, "invalid");
    creditor.upload("/api/v1/receivables", b"{".to_vec()).await.problem(400, "malformed-request");
    creditor.upload("/api/v1/receivables", vec![b' '; 1024 * 1024 + 1]).await.problem(413, "payload-too-large");
    world.finish().await;
}

fn id<T: std::str::FromStr>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap_or_else(|_| panic!("{value}"))
}

/// What the administrator of a creditor does without HTTP.
async fn by_of(world: &World, creditor: &Client) -> By {
    let me = creditor.get("/api/v1/me").await.expect(200);
    let org: OrgId = id(&me["organisation"]["id"]);
    By { scope: Scope::Creditor(org), actor: Actor { kind: ActorKind::Member, id: None }, at: world.now() }
}

#[actix_web::test]
async fn payments_and_reductions_reach_the_receivables_of_a_case() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut small = invoice("F-2");
    small["principal"]["minor"] = json!(50_001);
    let intake = take(&creditor, &[invoice("F-1"), small]).await;
    let ids: Vec<ReceivableId> = [0, 1].map(|row| id(&intake["rows"][row]["receivable_id"])).to_vec();
    let case: CaseId = id(&creditor.post("/api/v1/cases", &json!({ "receivable_ids": ids })).await.expect(201)["id"]);
    let by = by_of(&world, &creditor).await;
    let eur = |minor| Money::new(minor, Currency::EUR);
    let nothing = eur(0);
    let open = async || {
        let held = world.app.db.transaction(by.scope, async |conn| receivables::of_case(conn, &by, case).await).await.unwrap();
        held.iter().map(|receivable| receivable.open_principal().minor).collect::<Vec<_>>()
    };

    let paid = async |minor| {
        world
            .app
            .db
            .transaction(by.scope, async |conn| {
                let parts = PaidParts { principal: eur(minor), interest: eur(5), compensation: nothing, costs: nothing };
                receivables::apply_allocation(conn, &by, ids[0], parts).await
            })
            .await
    };
    paid(40_000).await.unwrap();
    assert!(matches!(paid(60_001).await, Err(ReceivablesError::Overpaid(_))));
    assert_eq!(open().await, [60_000, 50_001]);

    let reduced = async |minor| {
        world.app.db.transaction(by.scope, async |conn| receivables::reduce_principal(conn, &by, case, eur(minor)).await).await
    };
    assert!(matches!(reduced(110_002).await, Err(ReceivablesError::Reduction(open)) if open == eur(110_001)));
    assert!(reduced(0).await.is_err());
    reduced(11_000).await.unwrap();
    assert_eq!(open().await.iter().sum::<i64>(), 99_001);
    reduced(99_001).await.unwrap();
    assert_eq!(open().await, [0, 0]);

    let locked =
        async || world.app.db.transaction(by.scope, async |conn| receivables::lock_open_receivables(conn, &by, &ids).await).await;
    assert!(matches!(locked().await, Err(ReceivablesError::InACase { case: held, .. }) if held == case));
    world.app.db.transaction(by.scope, async |conn| receivables::release_from_case(conn, &by, case).await).await.unwrap();
    assert_eq!(locked().await.unwrap().len(), 2);
    world.finish().await;
}

#[actix_web::test]
async fn an_agency_sees_the_receivables_and_invoices_of_the_cases_it_holds_and_no_others() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(3, &operator).await);
    let mut paths = Vec::new();
    for number in ["U-1", "U-2"] {
        let intake = creditor.upload(UPLOADS, UBL.replace("U-1", number).into()).await.expect(200);
        let receivable = intake["rows"][0]["receivable_id"].clone();
        let path = format!("/api/v1/receivables/{}", receivable.as_str().unwrap());
        let shown = creditor.get(&path).await.expect(200);
        paths.push((path, format!("/api/v1/documents/{}", shown["document_id"].as_str().unwrap())));
        creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.expect(201);
    }
    world
        .as_owner(
            "UPDATE cases SET phase = 'active', agency_id = (SELECT id FROM organisations WHERE kind = 'agency')
                   WHERE id = (SELECT case_id FROM receivables WHERE number = 'U-1')",
        )
        .await;
    agency.get(&paths[0].0).await.expect(200);
    assert_eq!(agency.get(&paths[0].1).await.bytes, UBL.as_bytes());
    agency.get(&paths[1].0).await.problem(404, "not-found");
    agency.get(&paths[1].1).await.problem(404, "not-found");
    world.finish().await;
}

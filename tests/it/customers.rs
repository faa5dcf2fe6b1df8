//! Customers: near matches, mergers, groups, contacts; evidence for invoices and the fit check before posting.

use serde_json::{Value, json};

use crate::support::{Client, World};

fn owed(name: &str, number: &str, minor: i64) -> Value {
    json!({ "debtor": { "legal_name": name, "kind": "business", "country": "ES", "postal_code": "28013" }, "number": number,
            "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": minor, "currency": "EUR" } })
}

async fn take(creditor: &Client, invoices: &[Value]) -> Value {
    creditor.post("/api/v1/receivables", &json!({ "receivables": invoices })).await.expect(200)
}

fn id(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_else(|| panic!("{row}")).to_owned()
}

#[actix_web::test]
async fn near_customers_are_offered_and_merged_by_a_person_alone() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let rows = take(
        &creditor,
        &[owed("Bodegas Ruiz SL", "F-1", 1_000), owed("Bodegas Ruíz, S.L.U.", "F-2", 2_000), owed("Talleres Sanz", "F-3", 1)],
    )
    .await;
    let (first, second) = (id(&rows["rows"][0], "debtor_id"), id(&rows["rows"][1], "debtor_id"));
    assert_ne!(first, second, "nothing is merged in silence");
    world.work().await;
    let offers = creditor.get("/api/v1/debtor-matches").await.expect(200);
    let offers = offers["data"].as_array().unwrap();
    assert_eq!(offers.len(), 1, "{offers:?}");
    assert!(offers[0]["score_bp"].as_i64().unwrap() >= 8_500 && offers[0]["reasons"][0] == "same_name", "{}", offers[0]);

    // One of the two said that this customer is not to be contacted: that survives.
    let silent = json!({ "tone_ceiling": "gentle", "channels": ["mail"], "do_not_contact": true, "contact_from": "10:00", "contact_until": "17:00", "account_owner_id": null });
    creditor.put(&format!("/api/v1/debtors/{second}/profile"), Some("\"v0\""), &silent).await.expect(200);
    let path = format!("/api/v1/debtor-matches/{}/decision", id(&offers[0], "id"));
    rival.post(&path, &json!({ "decision": "merge" })).await.problem(404, "not-found");
    world.stranger().post(&path, &json!({ "decision": "merge" })).await.problem(401, "unauthenticated");
    let other = id(&rows["rows"][2], "debtor_id");
    creditor.post(&path, &json!({ "decision": "merge", "keep": other })).await.problem(422, "invalid");
    assert_eq!(creditor.post(&path, &json!({ "decision": "merge", "keep": first })).await.expect(200)["status"], "merged");
    creditor.post(&path, &json!({ "decision": "merge" })).await.problem(409, "wrong-state");

    let gone = creditor.get(&format!("/api/v1/debtors/{second}")).await.expect(200);
    assert_eq!(gone["merged_into"], json!(first));
    let moved = creditor.get(&format!("/api/v1/receivables?debtor_id={first}")).await.expect(200);
    assert_eq!(moved["data"].as_array().unwrap().len(), 2);
    assert_eq!(creditor.get(&format!("/api/v1/debtors/{first}/profile")).await.expect(200)["do_not_contact"], true);
    for debtor in [&first, &second] {
        let events = creditor.get(&format!("/api/v1/debtors/{debtor}/events")).await.expect(200);
        let merged = &events["data"][0];
        assert_eq!((&merged["kind"], &merged["actor_kind"]), (&json!("merged"), &json!("member")));
        assert_eq!(merged["data"]["receivables"], json!([rows["rows"][1]["receivable_id"]]));
    }
    // The next invoice under the old name reaches the customer that stayed.
    let later = take(&creditor, &[owed("BODEGAS RUIZ S.L.U.", "F-4", 1)]).await;
    assert_eq!(later["rows"][0]["debtor_id"], json!(first));
    world.finish().await;
}

#[actix_web::test]
async fn customers_kept_apart_are_not_offered_again() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    take(&creditor, &[owed("Bodegas Ruiz SL", "F-1", 1_000), owed("Bodegas Ruis", "F-2", 2_000)]).await;
    world.work().await;
    let offer = creditor.get("/api/v1/debtor-matches").await.expect(200)["data"][0].clone();
    let path = format!("/api/v1/debtor-matches/{}/decision", id(&offer, "id"));
    assert_eq!(creditor.post(&path, &json!({ "decision": "keep_apart" })).await.expect(200)["status"], "apart");
    take(&creditor, &[owed("Bodegas Ruis", "F-3", 1)]).await;
    world.work().await;
    assert_eq!(creditor.get("/api/v1/debtor-matches").await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn a_group_sums_up_what_its_sites_owe() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let rows =
        take(&creditor, &[owed("Grupo Sol", "F-1", 1_000), owed("Hotel Playa", "F-2", 2_000), owed("Hotel Monte", "F-3", 4_000)])
            .await;
    let ids: Vec<String> = (0..3).map(|row| id(&rows["rows"][row], "debtor_id")).collect();
    let parent = |site: &str| format!("/api/v1/debtors/{site}/parent");
    for site in &ids[1..] {
        creditor.put(&parent(site), None, &json!({ "parent_id": ids[0] })).await.expect(200);
    }
    let group = creditor.get(&format!("/api/v1/debtors/{}/group", ids[0])).await.expect(200);
    assert_eq!(
        (&group["sites"], &group["sums"][0]["open"]["minor"], &group["sums"][0]["invoices"]),
        (&json!(2), &json!(7_000), &json!(3))
    );
    assert_eq!(group["sums"][0]["overdue"]["minor"], 7_000);
    // One level, and nobody above itself.
    creditor.put(&parent(&ids[0]), None, &json!({ "parent_id": ids[1] })).await.problem(422, "invalid");
    creditor.put(&parent(&ids[1]), None, &json!({ "parent_id": ids[1] })).await.problem(422, "invalid");
    rival.put(&parent(&ids[1]), None, &json!({ "parent_id": null })).await.problem(404, "not-found");
    rival.get(&format!("/api/v1/debtors/{}/group", ids[0])).await.problem(404, "not-found");
    world.stranger().get(&format!("/api/v1/debtors/{}/group", ids[0])).await.problem(401, "unauthenticated");
    world.stranger().put(&parent(&ids[1]), None, &json!({ "parent_id": null })).await.problem(401, "unauthenticated");
    let locale = format!("/api/v1/debtors/{}/locale", ids[0]);
    assert_eq!(
        creditor.put(&locale, None, &json!({ "language": "fr", "time_zone": "Atlantic/Canary" })).await.expect(200)["language"],
        "fr"
    );
    creditor.put(&locale, None, &json!({ "language": "fr", "time_zone": "Mars/Base" })).await.problem(422, "invalid");
    rival.put(&locale, None, &json!({ "language": "fr" })).await.problem(404, "not-found");
    world.finish().await;
}

#[actix_web::test]
async fn people_at_a_customer_are_kept_and_bounces_marked() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let rows = take(&creditor, &[owed("Bodegas Ruiz", "F-1", 1_000)]).await;
    let path = format!("/api/v1/debtors/{}/contacts", id(&rows["rows"][0], "debtor_id"));
    let lucia = json!({ "full_name": "Lucía Pagos", "role": "accounts_payable", "email": "lucia@ruiz.example" });
    let contact = creditor.post(&path, &lucia).await.expect(201);
    world.as_owner("UPDATE debtor_contacts SET bounced_at = now(), bounce_reason = '550 no such user'").await;
    assert_eq!(creditor.get(&path).await.expect(200)["data"][0]["bounce_reason"], "550 no such user");
    let own = format!("/api/v1/contacts/{}", id(&contact, "id"));
    let same = creditor.put(&own, None, &lucia).await.expect(200);
    assert!(!same["bounced_at"].is_null());
    let moved = json!({ "full_name": "Lucía Pagos", "role": "accounts_payable", "email": "lucia.pagos@ruiz.example" });
    assert_eq!(creditor.put(&own, None, &moved).await.expect(200)["bounced_at"], Value::Null);
    for wrong in [
        json!({ "full_name": " ", "role": "legal", "email": "a@b.example" }),
        json!({ "full_name": "Ana", "role": "legal" }),
        json!({ "full_name": "Ana", "role": "legal", "email": "nonsense" }),
    ] {
        creditor.post(&path, &wrong).await.problem(422, "invalid");
    }
    rival.get(&path).await.problem(404, "not-found");
    rival.post(&path, &lucia).await.problem(404, "not-found");
    rival.put(&own, None, &moved).await.problem(404, "not-found");
    rival.delete(&own, None).await.problem(404, "not-found");
    world.stranger().get(&path).await.problem(401, "unauthenticated");
    assert_eq!(creditor.delete(&own, None).await.status.as_u16(), 204);
    assert_eq!(creditor.get(&path).await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn evidence_rests_sealed_and_reaches_the_agency_with_the_mandate() {
    let world = World::new().await;
    let engaged = world.engaged(1_200).await;
    let creditor = &engaged.creditor;
    let receivable = id(&creditor.get("/api/v1/receivables").await.expect(200)["data"][0], "id");
    let path = format!("/api/v1/receivables/{receivable}/documents");
    let contract = b"%PDF-1.7 a contract between two".to_vec();
    let added = creditor.upload(&format!("{path}?kind=contract&file_name=contrato.pdf"), contract.clone()).await.expect(201);
    let document = &added["data"][0];
    assert_eq!(
        (&document["kind"], &document["media_type"], &document["size_bytes"]),
        (&json!("contract"), &json!("application/pdf"), &json!(31))
    );
    let download = format!("/api/v1/documents/{}", id(document, "id"));
    assert_eq!(creditor.get(&download).await.bytes, contract);
    world.work().await;
    world.as_owner("DO $$ BEGIN IF EXISTS (SELECT FROM documents WHERE content IS NOT NULL) THEN RAISE EXCEPTION 'not shelved'; END IF; END $$").await;
    assert_eq!(creditor.get(&download).await.bytes, contract, "from the file store");
    let resting = world.app.settings.var.join("files/documents").join(id(document, "id"));
    assert!(std::fs::read(resting).unwrap().windows(8).all(|window| window != b"contract"));

    // The mandate is signed by both: the agency reads it. Only awarded, it would not.
    assert_eq!(engaged.agency.get(&download).await.bytes, contract);
    world.as_owner("UPDATE cases SET phase = 'awarded'").await;
    engaged.agency.get(&download).await.problem(404, "not-found");
    assert_eq!(engaged.agency.get(&path).await.expect(200)["data"], json!([]));
    world.as_owner("UPDATE cases SET phase = 'active'").await;

    creditor
        .upload(&format!("{path}?kind=other"), b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".to_vec())
        .await
        .problem(415, "unsupported-media-type");
    creditor.upload(&format!("{path}?kind=mandate"), contract.clone()).await.problem(422, "invalid");
    let rival = world.creditor(9).await;
    rival.upload(&format!("{path}?kind=contract"), contract.clone()).await.problem(404, "not-found");
    rival.get(&path).await.problem(404, "not-found");
    engaged.agency.upload(&format!("{path}?kind=contract"), contract.clone()).await.problem(403, "forbidden");
    world.stranger().upload(&format!("{path}?kind=contract"), contract).await.problem(401, "unauthenticated");
    world.stranger().get(&path).await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn the_fit_check_says_what_a_case_would_be_and_makes_none() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let mut ordered = owed("Bodegas Ruiz", "F-1", 900_000);
    ordered["purchase_order"] = json!("PED-7");
    ordered["delivered_on"] = json!("2026-07-01");
    let mut later = owed("Bodegas Ruiz", "F-2", 1_000);
    later["due_on"] = json!("2026-12-31");
    let rows = take(&creditor, &[ordered, later, owed("Talleres Sanz", "F-3", 1)]).await;
    let ids: Vec<Value> = (0..3).map(|row| rows["rows"][row]["receivable_id"].clone()).collect();
    let fit = creditor.post("/api/v1/cases/preview", &json!({ "receivable_ids": [ids[0]] })).await.expect(200);
    assert_eq!(
        (&fit["can_be_posted"], &fit["obstacle"], &fit["principal"]["minor"]),
        (&json!(true), &Value::Null, &json!(900_000))
    );
    let papers: Vec<(&str, bool)> = fit["checklist"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["paper"].as_str().unwrap(), item["present"].as_bool().unwrap()))
        .collect();
    assert!(
        papers.contains(&("purchase_order", true))
            && papers.contains(&("delivery_proof", true))
            && papers.contains(&("invoice", false)),
        "{papers:?}"
    );
    let price = &fit["take_now"];
    let sum: i64 = price["contributions"].as_array().unwrap().iter().map(|part| part["bp"].as_i64().unwrap()).sum();
    assert_eq!(Some(sum), price["price_bp"].as_i64());
    assert_eq!(fit["expected"], json!({ "cases": 0, "recovered_bp": null }));

    let refused = async |ids: Value| {
        creditor.post("/api/v1/cases/preview", &json!({ "receivable_ids": ids })).await.expect(200)["obstacle"]["code"].clone()
    };
    assert_eq!(refused(json!([ids[1]])).await, "not_due");
    assert_eq!(refused(json!([ids[0], ids[2]])).await, "several_debtors");
    assert_eq!(refused(json!([])).await, "no_receivables");
    creditor.post("/api/v1/cases", &json!({ "receivable_ids": [ids[0]] })).await.expect(201);
    assert_eq!(refused(json!([ids[0]])).await, "in_a_case");
    assert_eq!(creditor.get("/api/v1/cases").await.expect(200)["data"].as_array().unwrap().len(), 1);
    rival.post("/api/v1/cases/preview", &json!({ "receivable_ids": [ids[2]] })).await.problem(422, "invalid");
    world.stranger().post("/api/v1/cases/preview", &json!({ "receivable_ids": [] })).await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn an_invoice_comes_with_its_parts_payments_and_reminders() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let eur = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let mut invoice = owed("Bodegas Ruiz", "F-1", 100_000);
    invoice["vat"] = eur(17_355);
    invoice["delivery_note"] = json!("ALB-3");
    invoice["instalments"] =
        json!([{ "due_on": "2026-08-31", "amount": eur(60_000) }, { "due_on": "2026-07-31", "amount": eur(40_000) }]);
    invoice["payments"] = json!([{ "received_on": "2026-08-05", "amount": eur(25_000) }]);
    invoice["reminders"] = json!([{ "sent_on": "2026-09-10", "channel": "mail" }]);
    let rows = take(&creditor, &[invoice.clone()]).await;
    let receivable = creditor.get(&format!("/api/v1/receivables/{}", id(&rows["rows"][0], "receivable_id"))).await.expect(200);
    assert_eq!(
        (&receivable["due_on"], &receivable["principal_paid"], &receivable["vat"]),
        (&json!("2026-07-31"), &eur(25_000), &eur(17_355))
    );
    assert_eq!(receivable["delivery_note"], "ALB-3");
    let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable["id"]] })).await.expect(201);
    assert_eq!(case["principal"], eur(75_000));
    invoice["number"] = json!("F-2");
    invoice["instalments"][0]["amount"] = eur(1);
    let refused = take(&creditor, &[invoice]).await;
    assert_eq!((&refused["rows"][0]["column"], &refused["rows"][0]["code"]), (&json!("instalments"), &json!("instalments_sum")));
    world.finish().await;
}

#[actix_web::test]
async fn a_formal_notice_is_kept_with_its_invoice_and_arrives_after_it_was_sent() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let noticed = |number: &str, received_on: &str| {
        let mut invoice = owed("Ana Ruiz", number, 100_000);
        invoice["debtor"]["kind"] = json!("consumer");
        invoice["reminders"] = json!([{ "sent_on": "2026-08-28", "channel": "letter", "notice_received_on": received_on }]);
        invoice
    };
    let rows = take(&creditor, &[noticed("F-1", "2026-08-31"), noticed("F-2", "2026-08-27")]).await;
    assert_eq!((&rows["rows"][0]["status"], &rows["rows"][1]["code"]), (&json!("accepted"), &json!("received_before_sent")));
    let case = creditor.post("/api/v1/cases", &json!({ "receivables": [noticed("F-1", "2026-08-31")] })).await.expect(201);
    creditor.get(&format!("/api/v1/cases/{}/claim?on=2026-10-31", case["id"].as_str().unwrap())).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn what_is_said_of_a_class_holds_for_customers_of_whom_nothing_else_is_said() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let post =
        |name: &str, number: &str, kind: &str| json!({ "legal_name": name, "tax_number": number, "kind": kind, "country": "ES" });
    let one = creditor.post("/api/v1/debtors", &post("Bodegas Ruiz SA", "A46353538", "business")).await.expect(201);
    let other = creditor.post("/api/v1/debtors", &post("Ayuntamiento", "B12345674", "public")).await.expect(201);
    let profile = |debtor: &Value| format!("/api/v1/debtors/{}/profile", debtor["id"].as_str().unwrap());
    let setting = |tone: &str| json!({ "tone_ceiling": tone, "channels": ["letter"], "do_not_contact": false, "contact_from": "10:00", "contact_until": "17:00", "account_owner_id": null });
    let class = "/api/v1/profile-defaults/business";
    world.stranger().put(class, Some("\"v0\""), &setting("gentle")).await.problem(401, "unauthenticated");
    let nowhere = json!({ "tone_ceiling": "gentle", "channels": [], "do_not_contact": false, "contact_from": "10:00", "contact_until": "17:00", "account_owner_id": null });
    creditor.put(class, Some("\"v0\""), &nowhere).await.problem(422, "invalid");
    creditor.put(class, Some("\"v0\""), &setting("gentle")).await.expect(200);
    creditor.put(class, Some("\"v0\""), &setting("firm")).await.problem(412, "stale-version");
    let shown = creditor.get(&profile(&one)).await.expect(200);
    assert_eq!(
        (&shown["tone_ceiling"], &shown["channels"], &shown["version"]),
        (&json!("gentle"), &json!(["letter"]), &json!(0))
    );
    assert_eq!(creditor.get(&profile(&other)).await.expect(200)["tone_ceiling"], "firm", "another class");
    creditor.put(&profile(&one), Some("\"v0\""), &setting("neutral")).await.expect(200);
    assert_eq!(creditor.get(&profile(&one)).await.expect(200)["tone_ceiling"], "neutral", "its own goes before");
    let rival = world.creditor(2).await;
    assert_eq!(rival.get("/api/v1/profile-defaults").await.expect(200)["data"], json!([]));
    world.finish().await;
}

//! Batches of payouts over HTTP: four eyes, the bank's file, and the bank's word that it paid.

use serde_json::{Value, json};

use crate::support::{Client, Engaged, PASSWORD, World};

/// 1,000.00 in the agency's account, confirmed: it owes the creditor 854.80 and the platform 29.04.
async fn owing(world: &World) -> Engaged {
    let engaged = world.engaged(1200).await;
    let declared = engaged.declare(&engaged.agency, 100_000, "2026-11-06", "TR-1").await;
    let path = format!("/api/v1/payments/{}/confirmation", declared["id"].as_str().unwrap());
    engaged.creditor.post(&path, &json!({})).await.expect(200);
    engaged
}

/// A second person of the agency.
async fn colleague(world: &World, agency: &Client) -> Client {
    let address = "supervisor@colleagues.example";
    let body = json!({ "full_name": "Bea Soler", "email": address, "role": "supervisor", "password": PASSWORD });
    agency.post("/api/v1/members", &body).await.expect(201);
    world.log_in(address).await
}

async fn prepared(client: &Client) -> Value {
    client.post("/api/v1/payout-batches", &json!({ "currency": "EUR", "execution_on": "2026-11-09" })).await.expect(201)
}

fn path_of(batch: &Value) -> String {
    format!("/api/v1/payout-batches/{}", batch["id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_batch_takes_two_people_and_the_bank_says_what_became_of_it() {
    let world = World::new().await;
    let engaged = owing(&world).await;
    let second = colleague(&world, &engaged.agency).await;
    let batch = prepared(&engaged.agency).await;
    assert_eq!((&batch["total"]["minor"], batch["orders"].as_array().unwrap().len()), (&json!(88_384), 2));
    let path = path_of(&batch);
    engaged.agency.get(&format!("{path}/pain.001")).await.problem(409, "wrong-state");
    engaged.agency.post(&format!("{path}/approval"), &json!({})).await.problem(403, "forbidden");
    let key = engaged.agency.post("/api/v1/api-keys", &json!({ "name": "ERP", "scopes": ["money"] })).await.expect(201);
    let machine = world.stranger().with_token(key["secret"].as_str().unwrap());
    machine.post(&format!("{path}/approval"), &json!({})).await.problem(403, "forbidden");
    assert_eq!(second.post(&format!("{path}/approval"), &json!({})).await.expect(200)["status"], "approved");
    second.post(&format!("{path}/approval"), &json!({})).await.problem(409, "wrong-state");
    engaged
        .agency
        .post("/api/v1/payout-batches", &json!({ "currency": "EUR", "execution_on": "2026-11-09" }))
        .await
        .problem(409, "wrong-state");

    let order = batch["orders"].as_array().unwrap().iter().find(|order| order["amount"]["minor"] == 85_480).unwrap();
    let end_to_end = order["payout_id"].as_str().unwrap().strip_prefix("pyo_").unwrap();
    for version in ["03", "09"] {
        let file = engaged.agency.get(&format!("{path}/pain.001?version={version}")).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/xml"));
        assert!(file.text.contains(&format!("pain.001.001.{version}")) && file.text.contains("<CtrlSum>883.84</CtrlSum>"));
        assert!(file.text.contains(&format!("<EndToEndId>{end_to_end}</EndToEndId>")), "{}", file.text);
    }

    let statement = format!(
        ":20:X\n:25:ES9121000418450200051332\n:28C:1\n:60F:C261101EUR1000,00\n:61:2611061106D854,80NTRFNONREF//B-1\n\
         :86:177?00TRANSFER?20EREF+{end_to_end}?21SVWZ+payout\n:62F:C261106EUR145,20\n"
    );
    engaged.agency.upload("/api/v1/bank-statements", statement.into_bytes()).await.expect(201);
    world.work().await;
    let paid = engaged.creditor.get("/api/v1/payouts?status=paid").await.expect(200);
    assert_eq!((&paid["data"][0]["id"], paid["data"][0]["bank_reference"].as_str()), (&order["payout_id"], Some("B-1")));
    let shown = engaged.agency.get(&path).await.expect(200);
    assert_eq!(shown["orders"].as_array().unwrap().iter().filter(|order| order["paid"] == true).count(), 1);
    engaged.agency.post(&format!("{path}/cancellation"), &json!({})).await.problem(409, "wrong-state");
    let closing = engaged.creditor.get("/api/v1/statement").await.expect(200);
    assert_eq!(closing["accounts"][0]["closing"]["minor"], 0, "the books follow the bank");
    world.finish().await;
}

#[actix_web::test]
async fn what_is_disputed_stays_and_a_cancelled_batch_sets_its_payouts_free() {
    let world = World::new().await;
    let engaged = owing(&world).await;
    let second = colleague(&world, &engaged.agency).await;
    let batch = prepared(&engaged.agency).await;
    let objection = json!({ "reason": "defective", "statement": "broken" });
    engaged.creditor.post(&format!("{}/disputes", engaged.path), &objection).await.expect(201);
    let refused = second.post(&format!("{}/approval", path_of(&batch)), &json!({})).await.problem(409, "wrong-state");
    assert!(refused["detail"].as_str().unwrap().contains("disputed by now"), "{refused}");
    let cancelled = engaged.agency.post(&format!("{}/cancellation", path_of(&batch)), &json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    let body = json!({ "currency": "EUR", "execution_on": "2026-11-09" });
    let refused = engaged.agency.post("/api/v1/payout-batches", &body).await.problem(409, "wrong-state");
    assert!(refused["detail"].as_str().unwrap().contains("2 payouts stay out"), "{refused}");
    world.finish().await;
}

#[actix_web::test]
async fn a_day_that_has_passed_and_too_little_are_refused_and_strangers_see_nothing() {
    let world = World::new().await;
    let engaged = owing(&world).await;
    let batches = "/api/v1/payout-batches";
    let late = json!({ "currency": "EUR", "execution_on": "2026-11-01" });
    engaged.agency.post(batches, &late).await.problem(422, "invalid");
    let little = json!({ "currency": "EUR", "execution_on": "2026-11-09", "minimum_minor": 5_000 });
    let batch = engaged.agency.post(batches, &little).await.expect(201);
    assert_eq!(batch["left_out"][0]["reason"], "below_minimum");
    let other = world.agency(3, &engaged.operator).await;
    for stranger in [&other, &engaged.creditor] {
        assert_eq!(stranger.get(batches).await.expect(200)["data"], json!([]));
        stranger.get(&path_of(&batch)).await.problem(404, "not-found");
        stranger.get(&format!("{}/pain.001", path_of(&batch))).await.problem(404, "not-found");
        stranger.post(&format!("{}/approval", path_of(&batch)), &json!({})).await.problem(404, "not-found");
        stranger.post(&format!("{}/cancellation", path_of(&batch)), &json!({})).await.problem(404, "not-found");
    }
    world.stranger().get(batches).await.problem(401, "unauthenticated");
    world.finish().await;
}

/// A batch of both payouts, approved, and the end-to-end id of the creditor's.
async fn approved(world: &World, engaged: &Engaged) -> (Value, String) {
    let second = colleague(world, &engaged.agency).await;
    let batch = prepared(&engaged.agency).await;
    let batch = second.post(&format!("{}/approval", path_of(&batch)), &json!({})).await.expect(200);
    let order = batch["orders"].as_array().unwrap().iter().find(|order| order["amount"]["minor"] == 85_480).unwrap();
    let end_to_end = order["payout_id"].as_str().unwrap().strip_prefix("pyo_").unwrap().to_owned();
    (batch, end_to_end)
}

/// What the bank says of a batch: one order rejected, the other one accepted.
fn pain002(batch: &Value, rejected: &str) -> Vec<u8> {
    let message = batch["id"].as_str().unwrap().strip_prefix("pbt_").unwrap();
    format!(
        "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>BANK-1</MsgId></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>\
         <OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}</OrgnlPmtInfId><PmtInfSts>ACSP</PmtInfSts><TxInfAndSts>\
         <OrgnlEndToEndId>{rejected}</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>\
         </TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
    .into_bytes()
}

#[actix_web::test]
async fn what_the_bank_rejects_is_free_again_but_not_for_the_account_it_rejected() {
    let world = World::new().await;
    let engaged = owing(&world).await;
    let (batch, end_to_end) = approved(&world, &engaged).await;
    let reports = "/api/v1/payout-status-reports";
    for _ in 0..2 {
        let told = engaged.agency.upload(reports, pain002(&batch, &end_to_end)).await.expect(200);
        let said: Vec<_> = told["orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| (order["amount"]["minor"].as_i64().unwrap(), order["bank_status"].as_str().unwrap().to_owned()))
            .collect();
        assert!(said.contains(&(85_480, "rejected".to_owned())) && said.contains(&(2_904, "accepted".to_owned())), "{said:?}");
    }
    let body = json!({ "currency": "EUR", "execution_on": "2026-11-09" });
    let refused = engaged.agency.post("/api/v1/payout-batches", &body).await.problem(409, "wrong-state");
    assert!(refused["detail"].as_str().unwrap().contains("1 payouts stay out"), "{refused}");
    let other = world.agency(3, &engaged.operator).await;
    other.upload(reports, pain002(&batch, &end_to_end)).await.problem(404, "not-found");
    engaged.agency.upload(reports, b"<a>1</a>".to_vec()).await.problem(415, "unsupported-media-type");
    world.stranger().upload(reports, pain002(&batch, &end_to_end)).await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn a_payout_that_comes_back_is_owed_again_and_the_books_follow_each_step() {
    let world = World::new().await;
    let engaged = owing(&world).await;
    let (_, end_to_end) = approved(&world, &engaged).await;
    let statement = format!(
        ":20:X\n:25:ES9121000418450200051332\n:28C:1\n:60F:C261101EUR1000,00\n:61:2611061106D854,80NTRFNONREF//B-1\n\
         :86:177?00TRANSFER?20EREF+{end_to_end}?21SVWZ+payout\n:61:2611061106C854,80NTRFNONREF//B-2\n\
         :86:159?00RETURN?20EREF+{end_to_end}?21SVWZ+AC04 closed account\n:62F:C261106EUR1000,00\n"
    );
    engaged.agency.upload("/api/v1/bank-statements", statement.into_bytes()).await.expect(201);
    world.work().await;
    let payouts = engaged.creditor.get("/api/v1/payouts").await.expect(200)["data"].as_array().unwrap().clone();
    let mut statuses: Vec<_> = payouts.iter().map(|one| one["status"].as_str().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["due", "returned"]);
    let closing = engaged.creditor.get("/api/v1/statement").await.expect(200);
    assert_eq!(closing["accounts"][0]["closing"]["minor"], -85_480, "it is owed again");
    let kinds: Vec<_> =
        engaged.events(&engaged.creditor).await.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    assert!(kinds.contains(&"payout_returned".to_owned()), "{kinds:?}");

    // By hand, too, and only what went.
    let again = payouts.iter().find(|one| one["status"] == "due").unwrap()["id"].as_str().unwrap().to_owned();
    let back = json!({ "returned_on": "2026-11-06", "reason": "AC04" });
    let path = format!("/api/v1/payouts/{again}");
    engaged.agency.post(&format!("{path}/return"), &back).await.problem(409, "wrong-state");
    let remittance = json!({ "paid_on": "2026-11-06", "bank_reference": "B-3" });
    engaged.agency.post(&format!("{path}/remittance"), &remittance).await.expect(200);
    engaged.creditor.post(&format!("{path}/return"), &back).await.problem(403, "forbidden");
    engaged
        .agency
        .post(&format!("{path}/return"), &json!({ "returned_on": "2026-11-05", "reason": "x" }))
        .await
        .problem(422, "invalid");
    engaged
        .agency
        .post(&format!("{path}/return"), &json!({ "returned_on": "2026-11-06", "reason": " " }))
        .await
        .problem(422, "invalid");
    let third = engaged.agency.post(&format!("{path}/return"), &back).await.expect(200);
    assert_eq!((third["status"].as_str(), &third["amount"]["minor"]), (Some("due"), &json!(85_480)));
    let rest = engaged.agency.get("/api/v1/payouts?status=due").await.expect(200)["data"].as_array().unwrap().clone();
    for payout in rest {
        let path = format!("/api/v1/payouts/{}/remittance", payout["id"].as_str().unwrap());
        engaged.agency.post(&path, &remittance).await.expect(200);
    }
    for client in [&engaged.creditor, &engaged.agency, &engaged.operator] {
        let statement = client.get("/api/v1/statement").await.expect(200);
        let closing: Vec<_> =
            statement["accounts"].as_array().unwrap().iter().map(|one| one["closing"]["minor"].as_i64().unwrap()).collect();
        assert!(closing.iter().all(|minor| *minor == 0), "{statement}");
    }
    assert!(entente::ledger::verify(&world.app).await.is_ok());
    world.finish().await;
}

#[actix_web::test]
async fn a_payee_says_when_it_wants_its_money() {
    let world = World::new().await;
    let engaged = owing(&world).await;
    let path = "/api/v1/payout-preference";
    let shown = engaged.creditor.get(path).await.expect(200);
    assert_eq!((shown["schedule"].as_str(), &shown["version"]), (Some("at_once"), &json!(0)));
    let fridays = json!({ "schedule": "weekly", "day": 5, "minimum": { "minor": 0, "currency": "EUR" } });
    engaged.creditor.put(path, Some("\"v1\""), &fridays).await.problem(412, "stale-version");
    let bad = json!({ "schedule": "weekly", "day": 8, "minimum": { "minor": 0, "currency": "EUR" } });
    engaged.creditor.put(path, Some("\"v0\""), &bad).await.problem(422, "invalid");
    assert_eq!(engaged.creditor.put(path, Some("\"v0\""), &fridays).await.expect(200)["version"], 1);
    // 9 November 2026 is a Monday, the 13th a Friday.
    let monday = prepared(&engaged.agency).await;
    assert_eq!(monday["left_out"][0]["reason"], "not_its_day");
    let friday = json!({ "currency": "EUR", "execution_on": "2026-11-13" });
    let batch = engaged.agency.post("/api/v1/payout-batches", &friday).await.expect(201);
    assert_eq!((&batch["total"]["minor"], batch["left_out"].as_array().unwrap().len()), (&json!(85_480), 0));
    let rival = world.agency(3, &engaged.operator).await;
    assert_eq!(rival.get(path).await.expect(200)["version"], 0, "everybody sees its own");
    world.stranger().get(path).await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn a_new_account_takes_the_code_from_the_mail_and_some_days_without_payouts() {
    let world = World::new().await;
    let engaged = owing(&world).await;
    let creditor = &engaged.creditor;
    let (change, confirmation) = ("/api/v1/account-change", "/api/v1/account-change/confirmation");
    creditor.get(change).await.problem(404, "not-found");
    let old = creditor.get("/api/v1/me").await.expect(200)["organisation"]["iban"].clone();
    creditor.post(change, &json!({ "iban": old })).await.problem(422, "invalid");
    let asked = creditor.post(change, &json!({ "iban": "ES7921000813610123456789" })).await.expect(201);
    assert_eq!(asked["status"], "asked");
    world.work().await;
    let code = world.app.keys.account_code(asked["id"].as_str().unwrap().parse().unwrap());
    let outbox = std::fs::read_dir(world.app.settings.var.join("outbox")).unwrap();
    let mailed =
        outbox.flatten().filter_map(|file| std::fs::read_to_string(file.path()).ok()).filter(|mail| mail.contains(&code));
    assert_eq!(mailed.count(), 1, "the code goes by mail alone");
    assert!(!asked.to_string().contains(&code));

    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    let refused = creditor.post(confirmation, &json!({ "code": wrong })).await.problem(422, "invalid");
    assert!(refused["detail"].as_str().unwrap().contains("4 tries"), "{refused}");
    let key = creditor.post("/api/v1/api-keys", &json!({ "name": "ERP", "scopes": ["money"] })).await.expect(201);
    world
        .stranger()
        .with_token(key["secret"].as_str().unwrap())
        .post(confirmation, &json!({ "code": code }))
        .await
        .problem(403, "forbidden");
    engaged.agency.post(confirmation, &json!({ "code": code })).await.problem(404, "not-found");
    assert_eq!(creditor.post(confirmation, &json!({ "code": code })).await.expect(200)["status"], "confirmed");
    creditor.post(confirmation, &json!({ "code": code })).await.problem(404, "not-found");

    let waiting = prepared(&engaged.agency).await;
    assert_eq!(waiting["left_out"][0]["reason"], "account_changing");
    engaged.agency.post(&format!("{}/cancellation", path_of(&waiting)), &json!({})).await.expect(200);
    for _ in 0..3 {
        world.pass(chrono::TimeDelta::days(1)).await;
    }
    world.work().await;
    assert_eq!(creditor.get(change).await.expect(200)["status"], "in_force");
    let body = json!({ "currency": "EUR", "execution_on": "2026-11-12" });
    let batch = engaged.agency.post("/api/v1/payout-batches", &body).await.expect(201);
    let orders = batch["orders"].as_array().unwrap();
    assert!(orders.iter().any(|order| order["payee_iban"] == "ES7921000813610123456789"), "{batch}");
    world.finish().await;
}

#[actix_web::test]
async fn a_code_cannot_be_tried_out_and_a_change_can_be_taken_back() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (change, confirmation) = ("/api/v1/account-change", "/api/v1/account-change/confirmation");
    let ask = async || creditor.post(change, &json!({ "iban": "ES7921000813610123456789" })).await.expect(201);
    let asked = ask().await;
    let code = world.app.keys.account_code(asked["id"].as_str().unwrap().parse().unwrap());
    for _ in 0..5 {
        creditor.post(confirmation, &json!({ "code": "0" })).await.problem(422, "invalid");
    }
    creditor.post(confirmation, &json!({ "code": code })).await.problem(404, "not-found");
    assert_eq!(creditor.get(change).await.expect(200)["status"], "void");
    ask().await;
    assert_eq!(creditor.post(&format!("{change}/cancellation"), &json!({})).await.expect(200)["status"], "cancelled");
    creditor.post(&format!("{change}/cancellation"), &json!({})).await.problem(404, "not-found");
    let late = ask().await;
    let code = world.app.keys.account_code(late["id"].as_str().unwrap().parse().unwrap());
    for _ in 0..3 {
        world.pass(chrono::TimeDelta::days(1)).await;
    }
    creditor.post(confirmation, &json!({ "code": code })).await.problem(404, "not-found");
    world.stranger().post(change, &json!({ "iban": "ES7921000813610123456789" })).await.problem(401, "unauthenticated");
    world.finish().await;
}

//! Statements, batches, accounts and complaints in front of a browser.

use serde_json::json;

use super::journeys::Desks;
use crate::support::{PASSWORD, parties::email};

const HEAD: &str = "Date;Amount;Name;IBAN;Description\n";

#[actix_web::test]
async fn what_a_statement_leaves_open_a_person_decides_and_two_people_pay_out() {
    let desks = Desks::open().await;
    let path = desks.engage().await;
    let api = desks.world.log_in(&email("creditor", 1)).await;
    let case = api.get(&format!("/api/v1/cases/{}", path.rsplit('/').next().unwrap())).await.expect(200);
    let reference = case["reference"].as_str().unwrap();
    let day = desks.world.now().date_naive();
    let file = format!(
        "{HEAD}{day};200,00;Somebody;ES7921000813610123456789;thanks\n\
         {day};77,00;A lodger;ES7921000813610123456789;rent\n\
         {day};1.000,00;Bodegas Ruiz;ES7921000813610123456789;our order\n"
    );
    let bank = desks.creditor.open("/portal/bank").await.expect(200).shows(&["No movements"]);
    desks.creditor.send_file(&bank, "/portal/bank", &[], ("broken.xml", "<Document>")).await.expect(415);
    desks.creditor.send_file(&bank, "/portal/bank", &[], ("november.csv", &file)).await.expect(200).shows(&["november.csv"]);
    desks.world.work().await;
    let bank =
        desks.creditor.open("/portal/bank").await.expect(200).shows(&["Probably ours", "our order", "Unexplained", "rent"]);
    let entry = |page: &super::browser::Page, text: &str| {
        let before = page.html.split(text).next().unwrap();
        let id = before.rsplit("class=\"panel\" id=\"").next().unwrap();
        id.split('"').next().unwrap().to_owned()
    };

    let thanks = format!("/portal/bank-entries/{}", entry(&bank, "thanks"));
    let wrong = desks.creditor.send(&bank, &thanks, &[("reference", "RF00NOBODY")]).await.expect(422);
    let wrong = wrong.shows(&["no case of yours has the reference RF00NOBODY"]);
    desks.creditor.send(&wrong, &thanks, &[("reference", reference)]).await.expect(200).shows(&["Posted as a payment."]);
    let rent = format!("/portal/bank-entries/{}/dismissal", entry(&bank, "A lodger"));
    desks.creditor.send(&bank, &rent, &[("reason", "Rent")]).await.expect(200).shows(&["It is on no case."]);
    let order = format!("/portal/bank-entries/{}", entry(&bank, "our order"));
    let left = desks.creditor.send(&bank, &order, &[("proposal", "0")]).await.expect(200);
    left.shows(&["Posted as a payment."]).hides(&["Probably ours", "Unexplained"]);
    let closed = desks.creditor.open("/portal/bank?status=matched").await.expect(200);
    closed.shows(&["thanks", "our order"]).hides(&["A lodger"]);
    desks.agency.open("/portal/bank").await.expect(200).hides(&["thanks", "rent"]);

    let batches = desks.creditor.open("/portal/payout-batches").await.expect(200).shows(&["Due to others:", "No batches yet"]);
    let typed = [("execution_on", day.to_string())];
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let prepared = desks.creditor.send(&batches, "/portal/payout-batches", &typed).await.expect(200);
    let prepared = prepared.shows(&["waits for approval", "somebody else of your organisation approves it", "AGENCY 2 SL"]);
    assert!(!prepared.html.contains("/approval\""), "whoever prepared it has no button");
    let second = json!({ "full_name": "Bea Soler", "email": "bea@creditor.example", "role": "admin", "password": PASSWORD });
    api.post("/api/v1/members", &second).await.expect(201);
    desks.world.as_owner("UPDATE members SET language = 'en'").await;
    let second = desks.world.logged_in("bea@creditor.example").await;
    let page = second.open("/portal/payout-batches").await.expect(200);
    let approval = page.action("/portal/payout-batches/", "/approval");
    desks.world.as_owner("UPDATE portal_sessions SET proven_at = proven_at - interval '1 hour'").await;
    let asked = second.send(&page, &approval, &[]).await.expect(200).shows(&["Show again who you are"]);
    let back = second.send(&asked, "/portal/proof", &[("password", PASSWORD)]).await.expect(200);
    let approved = second.send(&back, &approval, &[]).await.expect(200).shows(&["Approved.", "approved by Bea Soler"]);
    let (content, kind) = second.download(&approved.link("/portal/payout-batches/pbt_")).await;
    let content = String::from_utf8(content).unwrap();
    assert!(kind.contains("xml") && content.contains("pain.001.001.09"), "{kind} {content}");
    let cancel = approved.action("/portal/payout-batches/", "/cancellation");
    second.send(&approved, &cancel, &[]).await.expect(200).shows(&["Cancelled.", "cancelled"]);

    desks.world.work().await;
    let invoices = desks.creditor.open("/portal/fee-invoices").await.expect(200).shows(&["ENT-", "AGENCY 2 SL", "received"]);
    let (pdf, _) = desks.creditor.download(&invoices.link("/portal/fee-invoices/finv_")).await;
    assert!(pdf.starts_with(b"%PDF"));
    desks.agency.open("/portal/fee-invoices").await.expect(200).shows(&["issued"]);
    let none = desks.operator.open("/portal/reconciliation").await.expect(200);
    let run = desks.operator.send(&none, "/portal/reconciliations", &[]).await.expect(200).shows(&["Reconciled."]);
    run.shows(&["No differences."]);
    desks.world.finish().await;
}

#[actix_web::test]
async fn an_account_is_changed_with_the_code_from_the_mail() {
    let desks = Desks::open().await;
    let page = desks.creditor.open("/portal/payout-account").await.expect(200).hides(&["Card payments"]);
    let wrong = desks.creditor.send(&page, "/portal/account-change", &[("iban", "ES00")]).await.expect(422);
    let asked = desks.creditor.send(&wrong, "/portal/account-change", &[("iban", "ES7921000813610123456789")]).await.expect(200);
    let asked = asked.shows(&["The code is on its way", "To be changed to", "Waits for the code"]);
    let api = desks.world.log_in(&email("creditor", 1)).await;
    let change = api.get("/api/v1/account-change").await.expect(200);
    let code = desks.world.app.keys.account_code(change["id"].as_str().unwrap().parse().unwrap());
    let other = if code == "00000000" { "00000001" } else { "00000000" };
    let confirmation = "/portal/account-change/confirmation";
    let again = desks.creditor.send(&asked, confirmation, &[("code", other)]).await.expect(422);
    desks.creditor.send(&again, confirmation, &[("code", &code)]).await.expect(200).shows(&["Confirmed.", "in force from"]);

    let typed = [("schedule", "weekly"), ("day", "9"), ("minimum", "50,00")];
    let wrong = desks.creditor.send(&page, "/portal/payout-preference", &typed).await.expect(422);
    let typed = [("schedule", "weekly"), ("day", "5"), ("minimum", "50,00")];
    desks.creditor.send(&wrong, "/portal/payout-preference", &typed).await.expect(200).shows(&["Saved."]);
    let wished = api.get("/api/v1/payout-preference").await.expect(200);
    assert_eq!((&wished["schedule"], &wished["minimum"]["minor"]), (&json!("weekly"), &json!(5_000)));
    desks.world.finish().await;
}

#[actix_web::test]
async fn a_complaint_is_filed_answered_and_decided_in_the_portals() {
    let desks = Desks::open().await;
    let path = desks.engage().await;
    let api = desks.world.log_in(&email("creditor", 1)).await;
    let case = api.get(&format!("/api/v1/cases/{}", path.rsplit('/').next().unwrap())).await.expect(200);
    let reference = case["reference"].as_str().unwrap().to_owned();
    let page = desks.creditor.open("/portal/complaints").await.expect(200).shows(&["No complaints"]);
    let mut typed = [("reference", "RF-NONE"), ("ground", "treatment"), ("statement", "They shouted <b>at her</b>.")];
    let wrong = desks.creditor.send(&page, "/portal/complaints", &typed).await.expect(422);
    assert!(wrong.html.contains("They shouted"), "what was typed stays");
    typed[0].1 = &reference;
    desks
        .creditor
        .send(&wrong, "/portal/complaints", &typed)
        .await
        .expect(200)
        .shows(&["The complaint is with the agency.", "<b>at her</b>"]);
    let page = desks.agency.open("/portal/complaints").await.expect(200).shows(&["Rude, threatening or shaming"]);
    let answer = page.action("/portal/complaints/", "/answer");
    desks.agency.send(&page, &answer, &[("answer", "We are sorry.")]).await.expect(200).shows(&["We are sorry."]);
    let page = desks.operator.open("/portal/complaints").await.expect(200).shows(&["We are sorry."]);
    let decision = page.action("/portal/complaints/", "/decision");
    let typed = [("severity", "serious"), ("note", "The recording bears it out.")];
    desks.operator.send(&page, &decision, &typed).await.expect(200).shows(&["upheld", "The recording bears it out."]);
    desks.creditor.open("/portal/complaints").await.expect(200).shows(&["upheld", "Decision: serious"]).hides(&["Withdraw it"]);
    desks.world.finish().await;
}

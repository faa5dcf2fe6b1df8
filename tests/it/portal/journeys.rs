//! The main job through the portals alone: from a file of invoices to the statement of account, by three browsers.

use chrono::TimeDelta;

use super::browser::{Browser, Page};
use crate::support::{World, parties::email};

/// Everybody in front of their portal.
pub struct Desks {
    pub world: World,
    pub creditor: Browser,
    pub agency: Browser,
    pub operator: Browser,
}

pub const FILE: &str = "number;issued_on;due_on;amount;currency;debtor_name;tax_number;country;email\n\
    F-100;2026-07-01;2026-07-31;1.000,00;EUR;Bodegas Ruiz SA;A46353538;ES;pagos@ruiz.example\n\
    F-101;2026-07-05;2026-08-04;500,00;EUR;Bodegas Ruiz SA;A46353538;ES;pagos@ruiz.example\n\
    F-102;2026-07-05;never;500,00;EUR;Bodegas Ruiz SA;A46353538;ES;pagos@ruiz.example\n";

impl Desks {
    pub async fn open() -> Self {
        let world = World::new().await;
        let operator = world.operator().await;
        world.creditor(1).await;
        world.agency(2, &operator).await;
        // The operator's company is Spanish, and so would its pages be.
        world.as_owner("UPDATE members SET language = 'en'").await;
        let creditor = world.logged_in(&email("creditor", 1)).await;
        let agency = world.logged_in(&email("agency", 2)).await;
        let operator = world.logged_in("operator@entente.example").await;
        Self { world, creditor, agency, operator }
    }

    /// Brings two invoices in by file; the third row is wrong.
    pub async fn upload(&self) {
        let page = self.creditor.open("/portal/uploads").await.expect(200);
        let typed = [("debtor_kind", "business"), ("cases", "none"), ("with_interest", "yes")];
        let sent = self.creditor.send_file(&page, "/portal/uploads", &typed, ("enero.csv", FILE)).await.expect(200);
        let sent = sent.shows(&["The files are here.", "The rows are being read."]);
        assert!(sent.html.contains("http-equiv=\"refresh\""), "a page that waits looks again by itself");
        self.world.work().await;
        let preview = self.creditor.open(&sent.path).await.expect(200);
        let preview = preview.shows(&["Nothing is stored yet.", "F-100", "F-101", "Refused"]);
        assert!(!preview.html.contains("http-equiv=\"refresh\""));
        self.creditor.open("/portal/invoices").await.expect(200).shows(&["No invoices wait"]);
        self.creditor.send(&preview, &preview.action("/portal/uploads/", "/commitment"), &[]).await.expect(200);
        self.world.work().await;
        self.creditor.open(&sent.path).await.expect(200).shows(&["stored", "Choose what to pursue"]);
    }

    /// Brings in a file of which no row can be taken; answers with its preview.
    pub async fn upload_in_vain(&self) -> Page {
        let page = self.creditor.open("/portal/uploads").await.expect(200);
        let file = format!(
            "{}\nF-1;2026-07-05;never;500,00;EUR;Bodegas Ruiz SA;A46353538;ES;pagos@ruiz.example\n",
            FILE.lines().next().unwrap()
        );
        let typed = [("debtor_kind", "business"), ("cases", "none"), ("with_interest", "yes")];
        let sent = self.creditor.send_file(&page, "/portal/uploads", &typed, ("enero.csv", &file)).await.expect(200);
        self.world.work().await;
        self.creditor.open(&sent.path).await.expect(200)
    }

    /// Posts a case over both invoices and lists it; answers with its page.
    pub async fn list(&self) -> Page {
        let invoices =
            self.creditor.open("/portal/invoices").await.expect(200).shows(&["F-100", "F-101", "overdue", "€1,000.00"]);
        let ids: Vec<&str> =
            invoices.html.split("name=\"receivable_id\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let query = ids.iter().map(|id| format!("receivable_id={id}")).collect::<Vec<_>>().join("&");
        let preview = self.creditor.open(&format!("/portal/posting?{query}")).await.expect(200);
        let preview = preview.shows(&["Bodegas Ruiz SA", "€1,500.00", "The take-now price, explained", "Código Civil"]);
        let typed = [("with_interest", "yes"), ("way", "market")];
        let listing = self.creditor.send(&preview, "/portal/posting", &typed).await.expect(200);
        let listing = listing
            .shows(&["The case is open.", "What agencies see", "500 to 2,000 EUR", "Model take-now"])
            .hides(&["No invoices"]);
        let action = listing.action("/portal/cases/", "/listing");
        let typed = [("award_rule", "by_hand"), ("audience", "open")];
        let case = self.creditor.send(&listing, &action, &typed).await.expect(200);
        case.shows(&["The case is on the market.", "Until then every offer is sealed", "Offers so far: 0."])
    }

    /// An agency offers; after the deadline the creditor awards, and both sign. Answers with the case's path.
    pub async fn engage(&self) -> String {
        self.upload().await;
        let case = self.list().await;
        let path = case.path.split('#').next().unwrap().to_owned();
        let market = self.agency.open("/portal/market").await.expect(200);
        let market = market.shows(&["Business", "500 to 2,000 EUR"]).hides(&["Bodegas", "1,500", "F-100"]);
        let listing = self.agency.open(&market.link("/portal/market/lst_")).await.expect(200);
        let action = listing.action("/portal/market/", "/offers");
        let mut typed = vec![
            ("model", "success"),
            ("rate", "twelve"),
            ("first_contact_hours", "24"),
            ("update_every_days", "14"),
            ("tone", "neutral"),
            ("languages", "es"),
        ];
        let again = self.agency.send(&listing, &action, &typed).await.expect(422).shows(&["write a percentage"]);
        assert!(again.html.contains("value=\"twelve\"") && again.html.contains("value=\"es\" checked"), "{}", again.html);
        typed[1].1 = "12,5";
        self.agency
            .send(&again, &action, &typed)
            .await
            .expect(200)
            .shows(&["Your offer is under seal.", "12.5% of every amount recovered"]);
        self.agency.open("/portal/offers").await.expect(200).shows(&["sealed", "12.5%"]);
        self.creditor.open(&path).await.expect(200).shows(&["Offers so far: 1."]).hides(&["12.5%", "AGENCY 2 SL"]);

        self.world.pass(TimeDelta::days(4)).await;
        self.creditor.open("/portal").await.expect(200).shows(&["Offers to compare: 1", "Bodegas Ruiz SA"]);
        let compared = self.creditor.open(&path).await.expect(200);
        let compared = compared.shows(&[
            "AGENCY 2 SL",
            "No. 1",
            "12.5% of every amount recovered",
            "Expected recovery",
            "Score",
            "Award to AGENCY 2 SL",
        ]);
        let award = compared.action(&format!("{path}/offers/"), "/award");
        self.creditor
            .send(&compared, &award, &[])
            .await
            .expect(200)
            .shows(&["Awarded.", "The mandate is to be signed by both sides"]);
        for signer in [&self.creditor, &self.agency] {
            let desk = signer.open("/portal").await.expect(200).shows(&["To be signed"]);
            let mandate = signer.open(&desk.link("/portal/mandates/")).await.expect(200);
            let sign = mandate.action("/portal/mandates/", "/signature");
            signer.send(&mandate, &sign, &[("full_name", "")]).await.expect(422);
            signer.send(&mandate, &sign, &[("full_name", "Ana Firmante")]).await.expect(200).shows(&["Signed.", "Ana Firmante"]);
        }
        self.world.work().await;
        path
    }
}

#[actix_web::test]
async fn from_a_file_of_invoices_to_a_statement_of_account_without_the_api() {
    let desks = Desks::open().await;
    let path = desks.engage().await;
    let case = desks.agency.open(&path).await.expect(200);
    let case = case.shows(&[
        "Bodegas Ruiz SA",
        "pagos@ruiz.example",
        "Ley 3/2004",
        "F-100",
        "Money came in",
        "Give the case back",
        "Agency engaged",
    ]);
    desks
        .agency
        .send(&case, &format!("{path}/notes"), &[("text", "Rang the office: back on Monday.")])
        .await
        .expect(200)
        .shows(&["Rang the office"]);

    let today = desks.world.now().date_naive().to_string();
    let typed = [("amount", "1.000,00"), ("received_on", today.as_str()), ("bank_reference", "T-1"), ("route", "agency_account")];
    desks.agency.send(&case, &format!("{path}/payments"), &typed).await.expect(200).shows(&["Reported.", "€1,000.00"]);
    desks.agency.send(&case, &format!("{path}/payments"), &typed).await.expect(200);
    let to_answer = desks.creditor.open("/portal/payments").await.expect(200).shows(&["Did €1,000.00 come in?", "T-1"]);
    assert_eq!(to_answer.html.matches("T-1").count(), 2, "the form sent twice reported once: in the question and in the list");
    let answer = to_answer.action("/portal/payments/pay_", "");
    desks
        .creditor
        .send(&to_answer, &answer, &[("answer", "confirm")])
        .await
        .expect(200)
        .shows(&["Confirmed. The money is spent", "confirmed"]);

    let remit = desks.agency.open("/portal/payments").await.expect(200).shows(&["To be passed on", "to CREDITOR 1 SL"]);
    let payout = remit.action("/portal/payouts/", "");
    desks.agency.send(&remit, &payout, &[("paid_on", "1999-01-01"), ("bank_reference", "R-1")]).await.expect(422);
    // The creditor's part, and the platform's.
    for _ in 0..2 {
        let remit = desks.agency.open("/portal/payments").await.expect(200);
        let payout = remit.action("/portal/payouts/", "");
        let paid = desks.agency.send(&remit, &payout, &[("paid_on", &today), ("bank_reference", "R-1")]).await;
        paid.expect(200).shows(&["Written down. The payee is told."]);
    }
    desks.agency.open("/portal/payments").await.expect(200).hides(&["To be passed on"]);
    desks.creditor.open("/portal/statement").await.expect(200).shows(&[
        "Payment confirmed",
        "Paid out",
        "Closing balance",
        "€0.00",
    ]);
    desks.agency.open("/portal/statement").await.expect(200).shows(&["Earned", "Closing balance"]);
    desks.operator.open("/portal/statement").await.expect(200).shows(&["Commission"]);
    desks.creditor.open("/portal").await.expect(200).shows(&["Your cases in EUR", "With agencies", "Recovered €1,000.00"]);
    desks.creditor.open("/portal/cases?q=ruiz&sort=largest").await.expect(200).shows(&[
        "Bodegas Ruiz SA",
        "with the agency",
        "AGENCY 2 SL",
    ]);
    desks.creditor.open("/portal/cases?phase=closed").await.expect(200).shows(&["No case matches"]);
    desks.world.finish().await;
}

#[actix_web::test]
async fn an_objection_a_hold_a_promise_and_a_recall_are_a_form_each() {
    let desks = Desks::open().await;
    let path = desks.engage().await;
    let case = desks.agency.open(&path).await.expect(200);
    let soon = (desks.world.now() + TimeDelta::days(10)).date_naive().to_string();
    desks
        .agency
        .send(&case, &format!("{path}/promises"), &[("promised_on", "soon"), ("amount", "")])
        .await
        .expect(422)
        .shows(&["this is not a day"]);
    desks
        .agency
        .send(&case, &format!("{path}/promises"), &[("promised_on", &soon), ("amount", "")])
        .await
        .expect(200)
        .shows(&["The promise is written down.", "Promise"]);
    let typed = [("reason", "defective"), ("statement", "Two of the barrels leak.")];
    desks.agency.send(&case, &format!("{path}/disputes"), &typed).await.expect(200).shows(&["The objection is written down."]);

    desks.creditor.open("/portal").await.expect(200).shows(&["Objection", "Defective or incomplete"]);
    let case = desks.creditor.open(&path).await.expect(200).shows(&["Two of the barrels leak.", "Your decision"]);
    let resolve = case.action(&format!("{path}/disputes/"), "");
    let typed = [("decision", "settle"), ("reduction", "99.999,00"), ("note", "Half price for both.")];
    let again = desks.creditor.send(&case, &resolve, &typed).await;
    assert!([409, 422].contains(&again.status), "{}", again.text());
    assert!(again.html.contains("Half price for both.</textarea>"), "what was typed stays: {}", again.html);
    let typed = [("decision", "settle"), ("reduction", "250,00"), ("note", "Half price for both.")];
    desks.creditor.send(&case, &resolve, &typed).await.expect(200).shows(&[
        "The objection is answered.",
        "settled",
        "Half price for both.",
    ]);

    let typed = [("kind", "creditor_request"), ("reason", "We are talking."), ("until", soon.as_str())];
    let held = desks
        .creditor
        .send(&case, &format!("{path}/holds"), &typed)
        .await
        .expect(200)
        .shows(&["Contact is stopped.", "We are talking."]);
    let release = held.action(&format!("{path}/holds/"), "/release");
    desks.creditor.send(&held, &release, &[]).await.expect(200).shows(&["The hold is lifted."]);
    let typed = [("ground", "agreement_with_customer"), ("note", "They will pay us.")];
    desks
        .creditor
        .send(&held, &format!("{path}/recall"), &typed)
        .await
        .expect(200)
        .shows(&["The case is with you again.", "Agreement with the customer"]);
    desks.agency.open(&path).await.expect(404).shows(&["There is nothing here that you can see"]);
    let case = desks.creditor.open(&path).await.expect(200);
    let typed = [("outcome", "withdrawn"), ("reason", "Settled between us.")];
    desks.creditor.send(&case, &format!("{path}/close"), &typed).await.expect(200).shows(&["The case is closed.", "withdrawn"]);
    desks.world.finish().await;
}

#[actix_web::test]
async fn the_operator_vets_suspends_and_recomputes_the_books() {
    let desks = Desks::open().await;
    let papers = desks.agency.open("/portal/papers").await.expect(200).shows(&["vetted", "Registro"]);
    let typed = [
        ("kind", "certificate"),
        ("country", "ES"),
        ("issuer", "AENOR"),
        ("reference", "C-1"),
        ("valid_from", "2026-01-01"),
        ("valid_until", "2025-01-01"),
    ];
    desks.agency.send(&papers, "/portal/papers", &typed).await.expect(422).shows(&["must not end before it begins"]);
    let mut typed = typed;
    typed[5].1 = "2027-01-01";
    desks.agency.send(&papers, "/portal/papers", &typed).await.expect(200).shows(&["Submitted.", "being vetted", "AENOR"]);
    let waiting = desks.operator.open("/portal").await.expect(200).shows(&["AGENCY 2 SL", "AENOR", "C-1"]);
    let decide = waiting.action("/portal/papers/", "/decision");
    desks
        .operator
        .send(&waiting, &decide, &[("decision", "rejected"), ("note", "")])
        .await
        .expect(422)
        .shows(&["a rejection needs a note"]);
    desks
        .operator
        .send(&waiting, &decide, &[("decision", "vetted"), ("note", "seen")])
        .await
        .expect(200)
        .shows(&["Decided.", "Nothing waits"]);

    let all = desks.operator.open("/portal/organisations").await.expect(200).shows(&["CREDITOR 1 SL", "AGENCY 2 SL", "Operator"]);
    let agency =
        all.html.split("AGENCY 2 SL").nth(1).unwrap().split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    desks.operator.send(&all, &agency, &[("suspended", "yes")]).await.expect(200).shows(&["Suspended."]);
    assert!(desks.agency.open("/portal").await.path.starts_with("/portal/log-in"), "its sessions end at once");
    let all = desks.operator.open("/portal/organisations").await.expect(200);
    desks.operator.send(&all, &agency, &[("suspended", "no")]).await.expect(200).shows(&["Let in again."]);
    assert_eq!(desks.agency.open("/portal/offers").await.path, "/portal/offers");

    let health = desks.operator.open("/portal/health").await.expect(200).shows(&["None. Every job was done."]);
    desks.operator.send(&health, "/portal/health/books", &[]).await.expect(200).shows(&["Every balance is right:"]);
    desks.world.as_owner("INSERT INTO jobs (id, kind, payload, run_at, attempts, dead_at, last_error)
        VALUES (gen_random_uuid(), 'notices.events', '{\"case_id\":\"case_00000000000000000000000000000000\",\"from_seq\":1,\"to_seq\":0}', now(), 16, now(), '<b>no such host</b>')").await;
    let dead = desks.operator.open("/portal/health").await.expect(200).shows(&["notices.events", "<b>no such host</b>"]);
    let revive = dead.action("/portal/jobs/", "/revival");
    desks.operator.send(&dead, &revive, &[]).await.expect(200).shows(&["It is tried again.", "None. Every job was done."]);
    desks.world.as_owner("DELETE FROM jobs WHERE kind = 'notices.events'").await;
    desks.world.finish().await;
}

#[actix_web::test]
async fn what_nobody_can_store_is_not_offered_to_be_stored() {
    let desks = Desks::open().await;
    let preview = desks.upload_in_vain().await.shows(&["Refused", "Drop them"]).hides(&["Store them"]);
    assert!(!preview.html.contains("/commitment\""), "{}", preview.html);
    desks.upload().await;
    desks.world.finish().await;
}

#[actix_web::test]
async fn what_no_offer_promises_is_not_compared() {
    use serde_json::json;
    let desks = Desks::open().await;
    let (creditor, agency) = (desks.world.log_in(&email("creditor", 1)).await, desks.world.log_in(&email("agency", 2)).await);
    let case = desks.world.overdue_case(&creditor, "F-1").await;
    let path = format!("cases/{}", case["id"].as_str().unwrap());
    let listing = creditor.post(&format!("/api/v1/{path}/listing"), &json!({ "award_rule": "by_hand" })).await.expect(201);
    let offer = json!({ "fee_bp": 900, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" });
    agency.post(&format!("/api/v1/listings/{}/offers", listing["id"].as_str().unwrap()), &offer).await.expect(201);
    desks.world.pass(TimeDelta::days(4)).await;
    desks.creditor.open(&format!("/portal/{path}")).await.expect(200).shows(&["AGENCY 2 SL", "No. 1"]).hides(&["Languages –"]);
    desks.world.finish().await;
}

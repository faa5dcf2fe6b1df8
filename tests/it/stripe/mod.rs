//! The Stripe route, end to end, against a stand-in that behaves as the public API reference says.

mod debits;
mod faults;
mod money_back;
mod objects;
mod shapes;
mod stand_in;
mod webhooks;

use entente::{
    db::{DbError, Scope},
    ledger::{self, AccountKind},
    types::{Currency, OrgId},
};
use serde_json::{Value, json};

use crate::support::{Client, Engaged, Posted, World};
use stand_in::StandIn;

/// An engaged case on whose page the debtor may pay by card; both parties are known to Stripe.
struct Scene {
    stripe: StandIn,
    world: World,
    engaged: Engaged,
    /// `/d/…`
    page: String,
}

impl Scene {
    async fn new() -> Self {
        let stripe = StandIn::start();
        let world = stripe.world().await;
        let engaged = world.engaged(1200).await;
        for client in [&engaged.creditor, &engaged.agency] {
            onboard(&stripe, client).await;
        }
        stripe.deliver(&world).await;
        let link = engaged.creditor.get(&engaged.path).await.expect(200)["debtor_page"].as_str().unwrap().to_owned();
        let page = link[link.find("/d/").unwrap()..].to_owned();
        Self { stripe, world, engaged, page }
    }

    /// The debtor goes to Stripe's page for this amount (empty: all); answers with the page's id.
    async fn check_out(&self, amount: &str) -> String {
        check_out(&self.stripe, &self.world, &self.page, amount).await
    }

    /// Pays 1,000.00 by card, of which everything follows; answers with the payment at Stripe.
    async fn paid_by_card(&self, amount: &str) -> String {
        let session = self.check_out(amount).await;
        let intent = self.stripe.pay_by_card(&session);
        self.stripe.deliver(&self.world).await;
        intent
    }

    async fn payments(&self) -> Vec<Value> {
        payments(&self.engaged.creditor).await
    }

    async fn payouts(&self) -> Vec<(String, i64, bool)> {
        let listed = self.engaged.operator.get("/api/v1/payouts").await.expect(200);
        let mut shown: Vec<_> = listed["data"].as_array().unwrap().iter().map(shown).collect();
        shown.sort();
        shown
    }

    /// Zero, or what differs.
    async fn differences(&self) -> Value {
        let none = json!({});
        self.engaged.operator.post("/api/v1/operator/reconciliation", &none).await.expect(200)["differences"].clone()
    }

    async fn balance(&self, client: &Client, kind: AccountKind) -> i64 {
        balance(&self.world, client, kind).await
    }

    /// What Stripe has and the books do not, or the other way round: nothing.
    async fn finish(self) {
        // What no webhook brings: the lines of the balance.
        self.world.pass(chrono::TimeDelta::minutes(11)).await;
        assert_eq!(self.differences().await, json!([]));
        let held = self.balance(&self.engaged.operator, AccountKind::Stripe).await;
        assert_eq!(held, self.stripe.balance(), "the ledger has what Stripe has");
        ledger::verify(&self.world.app).await.expect("the books are right");
        self.world.finish().await;
    }
}

fn shown(payout: &Value) -> (String, i64, bool) {
    let status = payout["status"].as_str().unwrap().to_owned();
    (status, payout["amount"]["minor"].as_i64().unwrap(), payout["is_return"].as_bool().unwrap())
}

async fn onboard(stripe: &StandIn, client: &Client) -> String {
    let begun = client.post("/api/v1/connected-account/onboarding", &json!({})).await.expect(201);
    assert!(begun["url"].as_str().unwrap().starts_with("https://connect.stripe.com/"), "{begun}");
    let account = client.get("/api/v1/connected-account").await.expect(200);
    assert_eq!(account["is_ready"], false, "{account}");
    let id = account["account_id"].as_str().unwrap().to_owned();
    stripe.finish_onboarding(&id);
    id
}

async fn check_out(stripe: &StandIn, world: &World, page: &str, amount: &str) -> String {
    let shown = world.stranger().submit(&format!("{page}/checkout?lang=en"), &[("amount", amount)]).await.page(200);
    assert_eq!(shown, "Stripe's page");
    stripe.session()
}

/// Where Stripe sends a debtor who has paid.
fn way_back(stripe: &StandIn, world: &World, session: &str) -> String {
    stripe.get(session)["success_url"].as_str().unwrap().trim_start_matches(world.base()).to_owned()
}

async fn payments(client: &Client) -> Vec<Value> {
    client.get("/api/v1/payments").await.expect(200)["data"].as_array().unwrap().clone()
}

async fn balance(world: &World, client: &Client, kind: AccountKind) -> i64 {
    let id = client.get("/api/v1/me").await.expect(200)["organisation"]["id"].as_str().unwrap().to_owned();
    let account = ledger::Account { owner: id.parse::<OrgId>().unwrap(), kind, currency: Currency::EUR };
    let now = world.now();
    let read =
        world.app.db.transaction(Scope::System, async |conn| Ok::<_, DbError>(ledger::balance(conn, &account, now).await?));
    read.await.unwrap().minor
}

/// DESIGN: 1,000.00 by card = creditor 854.80 + agency 116.16 + commission 24.00 + VAT 5.04.
#[actix_web::test]
async fn a_card_payment_is_split_as_in_the_worked_example_and_transferred_to_both() {
    let scene = Scene::new().await;
    let open = scene.world.stranger().browse(&format!("{}?lang=en", scene.page)).await.page(200);
    assert!(open.contains("/checkout?") && open.contains("IBAN"), "{open}");
    let session = scene.check_out("1000").await;
    scene.stripe.pay_by_card(&session);
    // The debtor is back before any webhook.
    let back = scene.world.stranger().browse(&way_back(&scene.stripe, &scene.world, &session)).await.page(200);
    assert!(back.contains("€1,000.00 on 6\u{a0}November 2026"), "{back}");
    scene.stripe.deliver(&scene.world).await;
    let payments = scene.payments().await;
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!((&payments[0]["route"], &payments[0]["declared_by"]), (&json!("stripe"), &json!("provider")));
    assert_eq!((&payments[0]["status"], &payments[0]["amount"]["minor"]), (&json!("confirmed"), &json!(100_000)));
    let paid = |minor| ("paid".to_owned(), minor, false);
    assert_eq!(scene.payouts().await, [paid(11_616), paid(85_480)]);
    let transfers = scene.stripe.all("transfer");
    assert_eq!(transfers.len(), 2);
    assert!(transfers.iter().all(|one| one["source_transaction"].as_str().unwrap().starts_with("ch_")), "{transfers:?}");
    let engaged = &scene.engaged;
    assert_eq!(scene.balance(&engaged.operator, AccountKind::Own).await, -2_904, "24.00 + 5.04, drawn and still at Stripe");
    assert_eq!(scene.balance(&engaged.creditor, AccountKind::Payable).await, 0);
    // Stripe's charge, 1.5 % + 0.25, comes with the lines of the balance; then the platform takes what is its own.
    scene.world.pass(chrono::TimeDelta::minutes(11)).await;
    assert_eq!(scene.balance(&engaged.operator, AccountKind::Own).await, -2_904 + 1_525);
    scene.stripe.withdraw(1_379);
    scene.world.pass(chrono::TimeDelta::minutes(11)).await;
    assert_eq!(scene.balance(&engaged.operator, AccountKind::Own).await, 0);
    let id = payments[0]["id"].as_str().unwrap();
    let payout = engaged.operator.get("/api/v1/payouts").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let sent = json!({ "paid_on": "2026-11-06", "bank_reference": "X" });
    engaged.operator.post(&format!("/api/v1/payouts/{payout}/remittance"), &sent).await.problem(409, "wrong-state");
    let taken = json!({ "reversed_on": "2026-11-06", "reason": "X" });
    engaged.creditor.post(&format!("/api/v1/payments/{id}/reversal"), &taken).await.problem(409, "wrong-state");
    scene.finish().await;
}

#[actix_web::test]
async fn in_house_all_of_it_is_the_creditors_and_waits_until_stripe_knows_who_that_is() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    let operator = world.operator().await;
    let posted: Posted = world.posted().await;
    let session = check_out(&stripe, &world, &posted.page, "").await;
    stripe.pay_by_card(&session);
    stripe.deliver(&world).await;
    assert_eq!(posted.case().await["outcome"], "paid");
    assert_eq!(stripe.all("transfer").len(), 0);
    let due = operator.get("/api/v1/payouts").await.expect(200)["data"][0].clone();
    assert_eq!(due["status"], "due", "{due}");
    onboard(&stripe, &posted.creditor).await;
    stripe.deliver(&world).await;
    assert_eq!(stripe.all("transfer")[0]["amount"], due["amount"]["minor"]);
    assert_eq!(operator.get("/api/v1/payouts").await.expect(200)["data"][0]["status"], "paid");
    assert_eq!(balance(&world, &posted.creditor, AccountKind::Payable).await, 0);
    world.finish().await;
}

#[actix_web::test]
async fn one_page_is_open_at_a_time_and_another_amount_closes_it() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    world.operator().await;
    let posted = world.posted().await;
    let first = check_out(&stripe, &world, &posted.page, "300").await;
    assert_eq!(check_out(&stripe, &world, &posted.page, "300").await, first, "the same page");
    let second = check_out(&stripe, &world, &posted.page, "400").await;
    assert_eq!(stripe.get(&first)["status"], "expired");
    assert_ne!(first, second);
    // Paid meanwhile, in another window: the next wish finds out.
    stripe.pay_by_card(&second);
    let shown = world.stranger().submit(&format!("{}/checkout?lang=en", posted.page), &[("amount", "100")]).await.page(200);
    assert_eq!(shown, "Stripe's page");
    assert_eq!(payments(&posted.creditor).await.len(), 1);
    let refused = world.stranger().submit(&format!("{}/checkout?lang=en", posted.page), &[("amount", "9999")]).await.page(422);
    assert!(refused.contains("value=\"9999\"") && refused.contains("Write an amount from €0.50"), "{refused}");
    stripe.deliver(&world).await;
    world.finish().await;
}

#[actix_web::test]
async fn without_a_key_the_page_shows_the_bank_transfer_alone() {
    let world = World::new().await;
    let posted = world.posted().await;
    let page = world.stranger().browse(&format!("{}?lang=en", posted.page)).await.page(200);
    assert!(!page.contains("/checkout") && page.contains("IBAN"), "{page}");
    let shown = world.stranger().submit(&format!("{}/checkout?lang=en", posted.page), &[("amount", "")]).await.page(200);
    assert!(shown.contains("IBAN"), "{shown}");
    posted.creditor.post("/api/v1/connected-account/onboarding", &json!({})).await.problem(409, "wrong-state");
    world.stranger().deliver("/webhooks/stripe", &[], b"{}").await.problem(403, "forbidden");
    world.finish().await;
}

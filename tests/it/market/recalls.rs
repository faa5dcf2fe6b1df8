//! Recall: what the agency keeps of its fee, on what, and until when.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Scene, text};

impl Scene {
    /// Engaged at the posted price, and `days` later recalled on a ground; answers with what the recall came to.
    async fn recalled_after(&self, days: i64, ground: &str) -> Value {
        self.list("by_hand").await;
        self.engaged(&self.agency).await;
        self.world.as_owner("UPDATE engagements SET first_contact_kept = true").await;
        self.world.as_owner(&format!("UPDATE engagements SET started_at = started_at - interval '{days} days'")).await;
        self.recall(ground).await.expect(200)
    }

    async fn recall(&self, ground: &str) -> crate::support::Answer {
        self.creditor.post(&self.at("/recall"), &json!({ "ground": ground, "note": "as agreed" })).await
    }

    /// Paid to the creditor, confirmed by the agency where it is asked; answers with the fees that the agency charges.
    async fn paid(&self, minor: i64, reference: &str) -> Vec<Value> {
        let received_on = self.world.now().date_naive().to_string();
        let body =
            json!({ "amount": { "minor": minor, "currency": "EUR" }, "received_on": received_on, "bank_reference": reference });
        let payment = self.creditor.post(&self.at("/payments"), &body).await.expect(201);
        if payment["status"] == "declared" {
            let path = format!("/api/v1/payments/{}/confirmation", text(&payment["id"]));
            self.agency.post(&path, &json!({})).await.expect(200);
        }
        let fees = self.agency.get("/api/v1/fees").await.expect(200)["data"].as_array().unwrap().clone();
        fees.into_iter().filter(|fee| fee["kind"] == "success_fee").collect()
    }

    async fn agreed_bp(&self) -> i64 {
        self.creditor.get(&self.at("/engagements")).await.expect(200)["data"][0]["fee_bp"].as_i64().unwrap()
    }
}

#[actix_web::test]
async fn what_comes_in_after_a_recall_bears_the_fee_pro_rata() {
    let scene = Scene::new().await;
    let recalled = scene.recalled_after(30, "agreement_with_customer").await;
    assert_eq!((&recalled["phase"], &recalled["fee_part_bp"]), (&json!("in_house"), &json!(5_000)));
    let agreed = scene.agreed_bp().await;
    let fees = scene.paid(50_000, "R-1").await;
    assert_eq!(
        (fees.len(), &fees[0]["rate_bp"], &fees[0]["net"]["minor"]),
        (1, &json!(agreed / 2), &json!(50_000 * (agreed / 2) / 10_000))
    );
    // The agency sees the payment that pays it, and of the case no more than that.
    scene.agency.get(&scene.at("")).await.problem(404, "not-found");
    scene.finish().await;
}

#[actix_web::test]
async fn after_its_last_day_nothing_more_is_owed() {
    let scene = Scene::new().await;
    let recalled = scene.recalled_after(90, "other").await;
    assert_eq!(recalled["fee_part_bp"], 10_000);
    assert_eq!(recalled["fee_until"], (scene.world.now().date_naive() + TimeDelta::days(60)).to_string());
    scene.world.as_owner("UPDATE engagements SET recall_fee_until = recall_fee_until - 61").await;
    assert_eq!(scene.paid(50_000, "R-1").await, Vec::<Value>::new());
    scene.finish().await;
}

#[actix_web::test]
async fn the_ground_decides_and_a_breach_must_be_on_record() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    let refused = scene.recall("agency_breach").await.problem(409, "conflict");
    assert_eq!(refused["errors"][0]["pointer"], "/ground");
    let rehearsed = scene.creditor.post(&scene.at("/recall?dry_run=true"), &json!({ "ground": "new_order" })).await.expect(200);
    assert_eq!(rehearsed["fee_part_bp"], 0);
    scene.world.as_owner("UPDATE engagements SET updates_missed = 1, started_at = started_at - interval '60 days'").await;
    let rehearsed = scene.creditor.post(&scene.at("/recall?dry_run=true"), &json!({ "ground": "new_order" })).await.expect(200);
    assert_eq!(rehearsed["fee_part_bp"], 5_000);
    assert_eq!(scene.recall("agency_breach").await.expect(200)["fee_part_bp"], 0);
    assert_eq!(scene.paid(50_000, "R-1").await, Vec::<Value>::new());
    let engagements = scene.creditor.get(&scene.at("/engagements")).await.expect(200);
    assert_eq!(
        (&engagements["data"][0]["end_reason"], &engagements["data"][0]["recall_fee_bp"]),
        (&json!("recalled"), &json!(0))
    );
    scene.finish().await;
}

#[actix_web::test]
async fn before_the_engagement_began_a_recall_costs_nothing() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.taken_by(&scene.agency).await;
    let recalled = scene.recall("new_order").await.expect(200);
    assert_eq!((&recalled["phase"], &recalled["fee_part_bp"]), (&json!("in_house"), &Value::Null));
    scene.finish().await;
}

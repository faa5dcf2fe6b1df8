//! A case in an agency's hands, brought there over HTTP.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Client, World};

/// A case and the three who have to do with it.
pub struct Engaged {
    pub creditor: Client,
    pub agency: Client,
    pub operator: Client,
    /// `/api/v1/cases/case_…`
    pub path: String,
    pub reference: String,
}

impl World {
    /// A case over one invoice of 1,000.00 EUR that fell due on 31 July 2026, posted and in-house.
    pub async fn overdue_case(&self, creditor: &Client, number: &str) -> Value {
        let body = json!({ "receivables": [{
            "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example" },
            "number": number, "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" },
        }]});
        let intake = creditor.post("/api/v1/receivables", &body).await.expect(200);
        let receivable = &intake["rows"][0]["receivable_id"];
        creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.expect(201)
    }

    /// Such a case with an agency engaged on it for `fee_bp`. The clock has moved four days on by then.
    pub async fn engaged(&self, fee_bp: i32) -> Engaged {
        let operator = self.operator().await;
        let (creditor, agency) = (self.creditor(1).await, self.agency(2, &operator).await);
        let case = self.overdue_case(&creditor, "F-1").await;
        let path = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
        let listing = creditor.post(&format!("{path}/listing"), &json!({ "award_rule": "best_ranked" })).await.expect(201);
        let offer = json!({ "fee_bp": fee_bp, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" });
        let offers = format!("/api/v1/listings/{}/offers", listing["id"].as_str().unwrap());
        agency.post(&offers, &offer).await.expect(201);
        self.pass(TimeDelta::days(4)).await;
        for signer in [&creditor, &agency] {
            let mandate = signer.get("/api/v1/mandates").await.expect(200)["data"][0].clone();
            let signature = json!({ "full_name": "Ana Firmante", "document_sha256": mandate["document_sha256"] });
            let path = format!("/api/v1/mandates/{}/signature", mandate["id"].as_str().unwrap());
            signer.post(&path, &signature).await.expect(201);
        }
        let reference = case["reference"].as_str().unwrap().to_owned();
        Engaged { creditor, agency, operator, path, reference }
    }
}

impl Engaged {
    /// Declares a payment; answers with it.
    pub async fn declare(&self, by: &Client, minor: i64, on: &str, reference: &str) -> Value {
        by.post(&format!("{}/payments", self.path), &payment(minor, on, reference)).await.expect(201)
    }

    pub async fn phase(&self) -> String {
        self.creditor.get(&self.path).await.expect(200)["phase"].as_str().unwrap().to_owned()
    }

    /// What is owed on a day, in minor units.
    pub async fn owed(&self, on: &str) -> i64 {
        self.creditor.get(&format!("{}/claim?on={on}", self.path)).await.expect(200)["total"]["minor"].as_i64().unwrap()
    }

    pub async fn events(&self, client: &Client) -> Vec<Value> {
        client.get(&format!("{}/events", self.path)).await.expect(200)["data"].as_array().unwrap().clone()
    }
}

/// The body that declares a payment.
pub fn payment(minor: i64, on: &str, reference: &str) -> Value {
    json!({ "amount": { "minor": minor, "currency": "EUR" }, "received_on": on, "bank_reference": reference })
}

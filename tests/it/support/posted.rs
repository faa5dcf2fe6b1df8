//! A case that its creditor pursues itself, and the page its debtor sees.

use serde_json::{Value, json};

use super::{Client, World, payment};

pub struct Posted {
    pub creditor: Client,
    /// `/api/v1/cases/…`
    pub api: String,
    /// `/d/…`
    pub page: String,
}

impl World {
    /// [`World::overdue_case`] of a creditor of its own.
    pub async fn posted(&self) -> Posted {
        let creditor = self.creditor(1).await;
        let case = self.overdue_case(&creditor, "F-1").await;
        let api = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
        let link = creditor.get(&api).await.expect(200)["debtor_page"].as_str().unwrap().to_owned();
        Posted { creditor, api, page: link[link.find("/d/").unwrap()..].to_owned() }
    }
}

impl Posted {
    pub async fn pay(&self, minor: i64, on: &str, reference: &str) {
        self.creditor.post(&format!("{}/payments", self.api), &payment(minor, on, reference)).await.expect(201);
    }

    /// The bank takes the payment with this reference back.
    pub async fn take_back(&self, reference: &str, on: &str) {
        let listed = self.creditor.get("/api/v1/payments").await.expect(200);
        let is_it = |one: &&Value| one["bank_reference"] == reference;
        let id = listed["data"].as_array().unwrap().iter().find(is_it).unwrap()["id"].as_str().unwrap().to_owned();
        let said = json!({ "reversed_on": on, "reason": "MD06" });
        self.creditor.post(&format!("/api/v1/payments/{id}/reversal"), &said).await.expect(200);
    }

    pub async fn case(&self) -> Value {
        self.creditor.get(&self.api).await.expect(200)
    }

    pub async fn kinds(&self) -> Vec<String> {
        kinds_of(&self.creditor, &self.api).await
    }
}

/// The kinds of a case's events, oldest first.
pub async fn kinds_of(client: &Client, path: &str) -> Vec<String> {
    let events = client.get(&format!("{path}/events")).await.expect(200);
    events["data"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

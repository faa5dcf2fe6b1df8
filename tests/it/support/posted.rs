//! A case that its creditor pursues itself, and the page its debtor sees.

use serde_json::Value;

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

    pub async fn case(&self) -> Value {
        self.creditor.get(&self.api).await.expect(200)
    }
}

//! The market over HTTP: what nobody may see, who wins a race, and what becomes of a case.

mod assignments;
mod awards;
mod complaints;
mod engagements;
mod frameworks;
mod leaks;
mod listings;
mod lots;
mod mandates;
mod offers;
mod pools;
mod qualification;
mod questions;
mod recalls;
mod scores;
mod seal;

use chrono::TimeDelta;
use entente::types::{CaseId, OrgId};
use serde_json::{Value, json};

use crate::support::{Client, World};

/// What tells who owes or who is owed: none of it may reach an agency before its award.
const MARKERS: [&str; 11] = [
    "Marcador",
    "A46353538",
    "marcador.example",
    "600112233",
    "Callejon Secreto",
    "46017",
    "Villasecreta",
    "FACT-SECRETA",
    "PEDIDO-SECRETO",
    "CREDITOR 1",
    "creditor1",
];

/// A creditor, two agencies and the operator, with one overdue invoice of 1,000.00 EUR posted as a case.
struct Scene {
    world: World,
    creditor: Client,
    operator: Client,
    agency: Client,
    rival: Client,
    case: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (creditor, operator) = (world.creditor(1).await, world.operator().await);
        let (agency, rival) = (world.agency(11, &operator).await, world.agency(12, &operator).await);
        let case = post_case(&creditor, "FACT-SECRETA-1").await;
        Self { world, creditor, operator, agency, rival, case }
    }

    /// `/api/v1/cases/case_…` and what follows.
    fn at(&self, suffix: &str) -> String {
        format!("/api/v1/cases/{}{suffix}", self.case)
    }

    /// On the market; answers with the listing as its creditor sees it.
    async fn list(&self, award_rule: &str) -> Value {
        self.creditor.post(&self.at("/listing"), &json!({ "award_rule": award_rule })).await.expect(201)
    }

    /// What the listing is called, for agencies.
    async fn listed(&self, award_rule: &str) -> String {
        format!("/api/v1/listings/{}", text(&self.list(award_rule).await["id"]))
    }

    /// To the instant of the deadline, with what is due then.
    async fn reach_deadline(&self, listing: &str) {
        let listing = self.creditor.get(listing).await.expect(200);
        self.reach(&listing["offers_until"]).await;
    }

    async fn reach(&self, instant: &Value) {
        let at: chrono::DateTime<chrono::Utc> = text(instant).parse().unwrap();
        self.world.pass(at - self.world.now() + TimeDelta::seconds(1)).await;
    }

    async fn phase(&self) -> String {
        text(&self.creditor.get(&self.at("")).await.expect(200)["phase"])
    }

    /// Kinds of the timeline as `reader` sees it.
    async fn kinds(&self, reader: &Client) -> Vec<String> {
        let events = reader.get(&self.at("/events")).await.expect(200);
        events["data"].as_array().unwrap().iter().map(|event| text(&event["kind"])).collect()
    }

    /// Taken at the posted price by `agency`; answers with the mandate's path.
    async fn taken_by(&self, agency: &Client) -> String {
        let listing = self.creditor.get(&self.at("")).await.expect(200);
        let taken =
            agency.post(&format!("/api/v1/listings/{}/take-now", text(&listing["listing_id"])), &json!({})).await.expect(201);
        format!("/api/v1/mandates/{}", text(&taken["id"]))
    }

    /// Taken and signed by both: active in the hands of `agency`.
    async fn engaged(&self, agency: &Client) -> String {
        let mandate = self.taken_by(agency).await;
        sign(&self.creditor, &mandate).await.expect(201);
        assert_eq!(sign(agency, &mandate).await.expect(201)["status"], "signed");
        assert_eq!(self.phase().await, "active");
        mandate
    }

    async fn finish(self) {
        self.world.finish().await;
    }
}

async fn post_case(creditor: &Client, number: &str) -> String {
    let debtor = json!({ "legal_name": "Marcador Hermanos SA", "tax_number": "A46353538", "kind": "business", "country": "ES",
                         "sector": "Marcador y Cia", "email": "pagos@marcador.example", "phone": "+34600112233",
                         "street": "Callejon Secreto 99", "postal_code": "46017", "city": "Villasecreta" });
    case_of(creditor, debtor, number).await
}

/// A case of one invoice over 1,000.00 EUR.
async fn case_of(creditor: &Client, debtor: Value, number: &str) -> String {
    let body = json!({ "receivables": [{
        "debtor": debtor, "number": number, "purchase_order": "PEDIDO-SECRETO-7", "issued_on": "2026-07-01", "due_on": "2026-07-31",
        "principal": { "minor": 100_000, "currency": "EUR" },
    }]});
    let intake = creditor.post("/api/v1/receivables", &body).await.expect(200);
    let receivable = intake["rows"][0]["receivable_id"].clone();
    let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.expect(201);
    text(&case["id"])
}

fn promises(fee_bp: i32) -> Value {
    json!({ "fee_bp": fee_bp, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" })
}

async fn offer(agency: &Client, listing: &str, fee_bp: i32) -> Value {
    agency.post(&format!("{listing}/offers"), &promises(fee_bp)).await.expect(201)
}

/// Signs what stands there to be signed.
async fn sign(party: &Client, mandate: &str) -> crate::support::Answer {
    let shown = party.get(mandate).await.expect(200);
    let signature = json!({ "full_name": "Ana Firmante", "document_sha256": shown["document_sha256"] });
    party.post(&format!("{mandate}/signature"), &signature).await
}

async fn org_of(client: &Client) -> OrgId {
    text(&client.get("/api/v1/me").await.expect(200)["organisation"]["id"]).parse().unwrap()
}

fn case_id(scene: &Scene) -> CaseId {
    scene.case.parse().unwrap()
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

//! Organisations whose mail addresses nobody else has, in whatever world: failed log-ins are counted per address.

use entente::types::fresh_uuid;
use serde_json::{Value, json};

use crate::support::{self, Answer, Client, PASSWORD, World};

/// An organisation and its administrator, logged in.
pub struct Party {
    pub client: Client,
    /// `org_…`
    pub id: String,
    pub email: String,
}

pub fn fresh_email() -> String {
    format!("p{}@example.com", fresh_uuid().simple())
}

/// The body of a sign-up that passes and leaves the language to the country.
pub fn sign_up(kind: &str, seed: u32) -> Value {
    let mut body = support::sign_up(kind, seed);
    body["admin"]["email"] = json!(fresh_email());
    body.as_object_mut().unwrap().remove("language");
    body
}

pub async fn creditor(world: &World, seed: u32) -> Party {
    signed_up(world, "creditor", seed).await
}

/// Nothing submitted, nothing vetted.
pub async fn agency(world: &World, seed: u32) -> Party {
    signed_up(world, "agency", seed).await
}

async fn signed_up(world: &World, kind: &str, seed: u32) -> Party {
    let body = sign_up(kind, seed);
    let answer = world.stranger().post("/api/v1/sign-up", &body).await.expect(201);
    let email = body["admin"]["email"].as_str().unwrap().to_owned();
    Party { client: world.log_in(&email).await, id: answer["organisation"]["id"].as_str().unwrap().to_owned(), email }
}

pub async fn log_in(world: &World, email: &str, password: &str) -> Answer {
    world.stranger().post("/api/v1/sessions", &json!({ "email": email, "password": password })).await
}

/// Tokens of a new session.
pub async fn tokens(world: &World, party: &Party) -> Value {
    log_in(world, &party.email, PASSWORD).await.expect(201)
}

/// A colleague of `party`, logged in.
pub async fn colleague(world: &World, party: &Party, role: &str) -> Client {
    let email = fresh_email();
    let body = json!({ "full_name": "Bea Soler", "email": email, "role": role, "password": PASSWORD });
    party.client.post("/api/v1/members", &body).await.expect(201);
    world.log_in(&email).await
}

impl Party {
    /// An agency submits a licence or an insurance that has begun; returns its id.
    pub async fn submit(&self, kind: &str, country: &str, valid_until: &str) -> String {
        let paper = json!({
            "kind": kind, "country": country, "issuer": "Registro", "reference": "R-1", "valid_from": "2026-01-01", "valid_until": valid_until
        });
        self.client.post("/api/v1/agency/credentials", &paper).await.expect(201)["id"].as_str().unwrap().to_owned()
    }
}

/// The operator decides on a credential.
pub async fn decide(operator: &Client, credential: &str, decision: &str) -> Value {
    let body = json!({ "decision": decision, "note": "looked at" });
    operator.post(&format!("/api/v1/operator/credentials/{credential}/decision"), &body).await.expect(200)
}

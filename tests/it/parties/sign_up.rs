//! Who gets in, and what is refused at the door.

use serde_json::{Value, json};

use super::people::{agency, creditor, fresh_email, sign_up};
use crate::support::{World, cif};

fn changed(pointer: &str, value: Value) -> Value {
    let mut body = sign_up("creditor", 1);
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

#[actix_web::test]
async fn a_creditor_signs_up_and_its_administrator_sees_who_they_are() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let me = creditor.client.get("/api/v1/me").await.expect(200);
    assert_eq!(me["organisation"]["id"], creditor.id.as_str());
    assert_eq!(me["organisation"]["kind"], "creditor");
    assert_eq!(me["organisation"]["country"], "ES");
    assert_eq!(me["organisation"]["language"], "es");
    assert_eq!(me["member"]["role"], "admin");
    assert_eq!(me["permissions"], json!(["read", "post_cases", "manage_market", "money", "administer"]));
    assert!(!me.to_string().contains("password"), "{me}");
    world.finish().await;
}

#[actix_web::test]
async fn wrong_values_are_pointed_at() {
    let world = World::new().await;
    let wrong = [
        ("/company_number", json!("A46353537")),
        ("/company_number", json!("ES\u{0}")),
        ("/iban", json!("ES9121000418450200051333")),
        ("/kind", json!("operator")),
        ("/legal_name", json!("")),
        ("/legal_name", json!("two\nlines")),
        ("/address/city", json!("nul\u{0}")),
        ("/address/street", json!(null)),
        ("/email", json!("nobody")),
        ("/admin/email", json!("ana@acme.example\r\nBcc: x@acme.example")),
        ("/admin/password", json!("password1")),
        ("/admin/password", json!("x".repeat(257))),
    ];
    for (pointer, value) in wrong {
        let problem = world.stranger().post("/api/v1/sign-up", &changed(pointer, value)).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let mut of_france = sign_up("creditor", 1);
    of_france["country"] = json!("FR");
    let problem = world.stranger().post("/api/v1/sign-up", &of_france).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/country");
    let mut with_more = sign_up("creditor", 1);
    with_more["role"] = json!("admin");
    world.stranger().post("/api/v1/sign-up", &with_more).await.problem(422, "invalid");
    world.stranger().upload("/api/v1/sign-up", b"{".to_vec()).await.problem(400, "malformed-request");
    world.finish().await;
}

#[actix_web::test]
async fn an_enterprise_signs_up_once_as_each_kind_under_whichever_number() {
    let world = World::new().await;
    creditor(&world, 1).await;
    let mut again = sign_up("creditor", 1);
    again["company_number"] = json!(format!("ES-{}", cif(1)));
    let problem = world.stranger().post("/api/v1/sign-up", &again).await.problem(409, "conflict");
    assert_eq!(problem["errors"][0]["pointer"], "/company_number");
    agency(&world, 1).await;
    world.finish().await;
}

#[actix_web::test]
async fn a_mail_address_belongs_to_one_person_in_whatever_case() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let mut other = sign_up("agency", 2);
    other["admin"]["email"] = json!(creditor.email.to_uppercase().replace("EXAMPLE.COM", "example.com"));
    let problem = world.stranger().post("/api/v1/sign-up", &other).await.problem(409, "conflict");
    assert_eq!(problem["errors"][0]["pointer"], "/admin/email");
    other["admin"]["email"] = json!(fresh_email());
    world.stranger().post("/api/v1/sign-up", &other).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn a_password_is_kept_as_argon2id_alone() {
    let world = World::new().await;
    creditor(&world, 1).await;
    world
        .as_owner(
            "DO $$ BEGIN ASSERT (SELECT bool_and(password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%') AND count(*) = 1 FROM members); END $$",
        )
        .await;
    world.finish().await;
}

//! An agency may bid with a licence and an insurance that the operator has vetted, and not a day longer.

use chrono::NaiveDate;
use entente::{
    db::{By, Scope},
    parties::{
        self, NewMember, PartiesError, Role, credentials,
        vetting::{self, CredentialKind},
    },
    types::{Country, OrgId},
};
use serde_json::json;

use super::people::{Party, agency, creditor, decide, fresh_email};
use crate::support::World;

/// What lacks an agency, as far as `scope` sees its papers.
async fn may_bid(world: &World, scope: Scope, agency: &Party, country: Country, on: &str) -> Result<(), String> {
    let (by, on): (By, NaiveDate) = (By { scope, ..By::engine(world.now()) }, on.parse().unwrap());
    let agency: OrgId = agency.id.parse().unwrap();
    let papers = world.app.db.transaction(scope, async |conn| credentials::papers(conn, &by, agency).await).await;
    let papers = papers.map_err(|error: PartiesError| error.to_string())?;
    [CredentialKind::Licence, CredentialKind::Insurance]
        .into_iter()
        .try_for_each(|kind| vetting::serves(&papers, kind, country, on))
        .map_err(|lack| lack.to_string())
}

fn own(agency: &Party) -> Scope {
    Scope::Agency(agency.id.parse().unwrap())
}

#[actix_web::test]
async fn an_agency_bids_once_both_papers_are_vetted_and_while_both_are_valid() {
    let world = World::new().await;
    let (agency, operator) = (agency(&world, 1).await, world.operator().await);
    let ask = async |on: &str| may_bid(&world, own(&agency), &agency, Country::Spain, on).await;
    assert_eq!(ask("2026-11-02").await, Err("the agency has no licence on record for ES".to_owned()));
    let licence = agency.submit("licence", "ES", "2027-06-30").await;
    assert_eq!(ask("2026-11-02").await, Err("the agency's licence for ES awaits the operator's decision".to_owned()));
    decide(&operator, &licence, "vetted").await;
    assert_eq!(ask("2026-11-02").await, Err("the agency has no insurance on record".to_owned()));
    let insurance = agency.submit("insurance", "ES", "2026-12-31").await;
    decide(&operator, &insurance, "vetted").await;
    assert_eq!(ask("2026-12-31").await, Ok(()));
    assert_eq!(ask("2027-01-01").await, Err("the agency's insurance expired on 2026-12-31".to_owned()));
    decide(&operator, &insurance, "rejected").await;
    assert_eq!(ask("2026-12-31").await, Err("the agency's insurance was rejected by the operator".to_owned()));
    world.finish().await;
}

#[actix_web::test]
async fn a_creditor_sees_vetted_papers_and_a_rival_agency_none() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (rival, creditor, agency) = (agency(&world, 2).await, creditor(&world, 3).await, agency(&world, 1).await);
    for kind in ["licence", "insurance"] {
        decide(&operator, &agency.submit(kind, "ES", "2030-12-31").await, "vetted").await;
    }
    let as_creditor = Scope::Creditor(creditor.id.parse().unwrap());
    assert_eq!(may_bid(&world, as_creditor, &agency, Country::Spain, "2026-11-02").await, Ok(()));
    assert!(may_bid(&world, own(&rival), &agency, Country::Spain, "2026-11-02").await.is_err());
    assert_eq!(rival.client.get("/api/v1/agency/credentials").await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn the_operator_works_through_what_was_submitted() {
    let world = World::new().await;
    let (one, other, operator) = (agency(&world, 1).await, agency(&world, 2).await, world.operator().await);
    let papers = [one.submit("licence", "ES", "2030-12-31").await, other.submit("licence", "ES", "2030-12-31").await];
    let path = "/api/v1/operator/credentials?status=submitted&limit=1";
    let first = operator.get(path).await.expect(200);
    assert_eq!((&first["data"][0]["id"], &first["data"][0]["agency_name"]), (&json!(papers[1]), &json!("AGENCY 2 SL")));
    let second = operator.get(&format!("{path}&cursor={}", first["next_cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!((&second["data"][0]["id"], &second["next_cursor"]), (&json!(papers[0]), &json!(null)));
    decide(&operator, &papers[0], "vetted").await;
    let left = operator.get("/api/v1/operator/credentials?status=submitted").await.expect(200);
    assert_eq!(left["data"].as_array().unwrap().len(), 1);
    assert_eq!(operator.get("/api/v1/operator/credentials").await.expect(200)["data"].as_array().unwrap().len(), 2);
    operator.get("/api/v1/operator/credentials?status=lost").await.problem(400, "malformed-request");
    world.finish().await;
}

#[actix_web::test]
async fn decisions_are_told_to_the_agency_and_a_rejection_is_final() {
    let world = World::new().await;
    let (agency, operator) = (agency(&world, 1).await, world.operator().await);
    let id = agency.submit("licence", "ES", "2030-12-31").await;
    let path = format!("/api/v1/operator/credentials/{id}/decision");
    let problem = operator.post(&path, &json!({ "decision": "rejected" })).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/note");
    operator.post(&path, &json!({ "decision": "maybe" })).await.problem(422, "invalid");
    agency.client.post(&path, &json!({ "decision": "vetted" })).await.problem(403, "forbidden");
    let rejection = json!({ "decision": "rejected", "note": "The register does not know it." });
    operator.post(&path, &rejection).await.expect(200);
    let same = operator.post(&path, &rejection).await.expect(200);
    assert_eq!(same["status"], "rejected");
    operator.post(&path, &json!({ "decision": "vetted" })).await.problem(409, "wrong-state");
    let seen = agency.client.get("/api/v1/agency/credentials").await.expect(200);
    assert_eq!(seen["data"][0]["decision_note"], "The register does not know it.");
    world.finish().await;
}

#[actix_web::test]
async fn papers_that_cannot_count_are_refused() {
    let world = World::new().await;
    let agency = agency(&world, 1).await;
    let paper = |from: &str, until: &str| json!({ "kind": "licence", "country": "ES", "issuer": "Registro", "reference": "R-1", "valid_from": from, "valid_until": until });
    for (from, until) in [("2027-01-01", "2026-12-31"), ("2026-01-01", "2026-11-01")] {
        let problem = agency.client.post("/api/v1/agency/credentials", &paper(from, until)).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/valid_until");
    }
    agency.client.post("/api/v1/agency/credentials", &paper("2026-01-01", "2026-11-02")).await.expect(201);
    agency.client.post("/api/v1/agency/credentials", &paper("+262143-01-01", "+262143-01-01")).await.problem(422, "invalid");
    world.finish().await;
}

#[actix_web::test]
async fn what_is_not_there_cannot_be_decided_on() {
    let world = World::new().await;
    let operator = world.operator().await;
    for id in ["crd_00000000000000000000000000000000", "org_00000000000000000000000000000000", "nonsense"] {
        let path = format!("/api/v1/operator/credentials/{id}/decision");
        operator.post(&path, &json!({ "decision": "vetted" })).await.problem(404, "not-found");
    }
    world.finish().await;
}

/// Another administrator of the platform, as the command line makes one.
async fn another_operator(world: &World) -> Result<OrgId, PartiesError> {
    let by = By::engine(world.now());
    let (email, full_name) = (fresh_email().parse().unwrap(), "Otto Prieto".parse().unwrap());
    let admin = NewMember {
        email: &email,
        full_name: &full_name,
        role: Role::Admin,
        language: None,
        password_hash: "none",
        email_pointer: "/email",
    };
    let made =
        world.app.db.transaction(Scope::System, async |conn| parties::create_operator(conn, &by, None, &admin).await).await;
    made.map(|(organisation, _)| organisation.id)
}

#[actix_web::test]
async fn there_is_one_operator_with_as_many_administrators_as_it_likes() {
    let world = World::new().await;
    assert!(matches!(another_operator(&world).await, Err(PartiesError::NoOperator)), "the first brings its company");
    world.operator().await;
    let organisation = another_operator(&world).await.unwrap();
    let platform = world.app.db.transaction(Scope::System, async |conn| parties::operator(conn).await).await;
    assert_eq!(platform.unwrap().id, organisation);
    world.finish().await;
}

//! Complaints about an agency: who may say what, by when, and who decides.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Scene, text};
use crate::support::{Answer, Client};

fn rude(evidence: &Value) -> Value {
    json!({ "ground": "treatment", "statement": "They shouted at our customer.", "evidence": evidence })
}

impl Scene {
    async fn complain(&self, body: &Value) -> Answer {
        self.creditor.post(&self.at("/complaints"), body).await
    }

    /// Filed by the creditor of an engaged case; answers with its path.
    async fn complaint(&self) -> String {
        self.list("by_hand").await;
        self.engaged(&self.agency).await;
        format!("/api/v1/complaints/{}", text(&self.complain(&rude(&json!({}))).await.expect(201)["id"]))
    }

    async fn decide(&self, complaint: &str, severity: Option<&str>) -> Answer {
        let path = complaint.replace("/v1/", "/v1/operator/") + "/decision";
        self.operator.post(&path, &json!({ "severity": severity, "note": "The call is on record." })).await
    }
}

async fn told(client: &Client, kind: &str) -> bool {
    let told = client.get("/api/v1/notifications").await.expect(200);
    told["data"].as_array().unwrap().iter().any(|one| one["kind"] == kind)
}

#[actix_web::test]
async fn a_complaint_is_answered_then_decided_and_both_read_why() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    let filed = scene.complain(&rude(&json!({ "events": [1] }))).await.expect(201);
    assert_eq!((&filed["status"], &filed["evidence"]["events"]), (&json!("to_answer"), &json!([1])));
    scene.complain(&rude(&json!({}))).await.problem(409, "conflict");
    let path = format!("/api/v1/complaints/{}", text(&filed["id"]));
    scene.decide(&path, Some("serious")).await.problem(409, "wrong-state");
    let answer = json!({ "answer": "We did not." });
    scene.rival.post(&format!("{path}/answer"), &answer).await.problem(404, "not-found");
    let answered = scene.agency.post(&format!("{path}/answer"), &answer).await.expect(200);
    assert_eq!((&answered["status"], &answered["answer"]), (&json!("to_decide"), &json!("We did not.")));
    scene.agency.post(&format!("{path}/answer"), &answer).await.problem(409, "wrong-state");
    let decided = scene.decide(&path, Some("serious")).await.expect(200);
    assert_eq!((&decided["status"], &decided["severity"]), (&json!("upheld"), &json!("serious")));
    scene.decide(&path, None).await.problem(409, "wrong-state");
    scene.creditor.post(&format!("{path}/withdrawal"), &json!({})).await.problem(409, "wrong-state");
    scene.world.work().await;
    for party in [&scene.creditor, &scene.agency] {
        assert_eq!(party.get(&path).await.expect(200)["decision_note"], "The call is on record.");
        assert!(told(party, "complaint_decided").await);
    }
    assert!(told(&scene.agency, "complaint_filed").await && told(&scene.operator, "complaint_to_decide").await);
    scene.rival.get(&path).await.problem(404, "not-found");
    assert_eq!(scene.rival.get("/api/v1/complaints").await.expect(200)["data"], json!([]));
    let kinds = scene.kinds(&scene.creditor).await;
    assert!(!kinds.iter().any(|kind| kind.contains("complaint")), "{kinds:?}");
    scene.finish().await;
}

#[actix_web::test]
async fn who_does_not_answer_in_time_is_judged_without() {
    let scene = Scene::new().await;
    let path = scene.complaint().await;
    let answer_by = scene.creditor.get(&path).await.expect(200)["answer_by"].clone();
    // Ten working days from Monday 2 November, one of them the holiday of 9 November in Madrid's calendar or none.
    assert!(text(&answer_by).starts_with("2026-11-1"), "{answer_by}");
    scene.reach(&answer_by).await;
    assert_eq!(scene.creditor.get(&path).await.expect(200)["status"], "to_decide");
    scene.agency.post(&format!("{path}/answer"), &json!({ "answer": "late" })).await.problem(409, "wrong-state");
    let decide_by = scene.creditor.get(&path).await.expect(200)["decide_by"].clone();
    scene.reach(&decide_by).await;
    assert!(told(&scene.operator, "complaint_overdue").await);
    assert_eq!(scene.decide(&path, None).await.expect(200)["status"], "dismissed");
    scene.finish().await;
}

#[actix_web::test]
async fn a_complaint_may_be_withdrawn_and_filed_again() {
    let scene = Scene::new().await;
    let path = scene.complaint().await;
    scene.world.creditor(3).await.post(&format!("{path}/withdrawal"), &json!({})).await.problem(404, "not-found");
    assert_eq!(scene.creditor.post(&format!("{path}/withdrawal"), &json!({})).await.expect(200)["status"], "withdrawn");
    scene.decide(&path, Some("minor")).await.problem(409, "wrong-state");
    scene.complain(&rude(&json!({}))).await.expect(201);
    let open = scene.operator.get("/api/v1/complaints?status=to_answer").await.expect(200);
    assert_eq!(open["data"].as_array().unwrap().len(), 1);
    scene.finish().await;
}

#[actix_web::test]
async fn evidence_is_what_its_writer_can_read() {
    let scene = Scene::new().await;
    scene.complain(&rude(&json!({}))).await.problem(404, "not-found");
    let path = scene.complaint().await;
    let other = json!({ "ground": "other", "statement": "and this", "evidence": { "events": [999] } });
    assert_eq!(scene.complain(&other).await.problem(422, "invalid")["errors"][0]["pointer"], "/evidence/events");
    let foreign = json!({ "ground": "other", "statement": "and this",
                          "evidence": { "documents": ["doc_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f"] } });
    assert_eq!(scene.complain(&foreign).await.problem(422, "invalid")["errors"][0]["pointer"], "/evidence/documents");
    // The first lines were written before the agency had to do with the case.
    let cited = json!({ "answer": "see line 1", "evidence": { "events": [1] } });
    scene.agency.post(&format!("{path}/answer"), &cited).await.problem(422, "invalid");
    scene.complain(&json!({ "ground": "other", "statement": " " })).await.problem(422, "invalid");
    scene.finish().await;
}

#[actix_web::test]
async fn after_a_year_an_engagement_is_left_in_peace() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    scene.creditor.post(&scene.at("/recall"), &json!({ "ground": "new_order" })).await.expect(200);
    let end = (scene.world.now() - TimeDelta::days(366)).to_rfc3339();
    scene.world.as_owner(&format!("UPDATE engagements SET ended_at = '{end}'")).await;
    scene.complain(&rude(&json!({}))).await.problem(409, "wrong-state");
    scene.finish().await;
}

#[actix_web::test]
async fn a_debtor_complains_on_the_page_behind_its_link() {
    let scene = Scene::new().await;
    let link = text(&scene.creditor.get(&scene.at("")).await.expect(200)["debtor_page"]);
    let page = format!("{}/complaint", &link[link.find("/d/").unwrap()..]);
    let browser = scene.world.stranger();
    browser.browse(&page).await.page(404);
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    browser.browse("/d/nonsense/complaint").await.page(404);
    let form = browser.browse(&format!("{page}?lang=en")).await.page(200);
    assert!(
        form.contains("Rude, threatening or shaming")
            && form.contains("Complain about AGENCY 11 SL")
            && form.contains("value=\"treatment\""),
        "{form}"
    );
    let kept =
        browser.submit(&format!("{page}?lang=en"), &[("ground", ""), ("statement", "They <b>shouted</b>")]).await.page(422);
    assert!(kept.contains("They &#60;b&#62;shouted") && kept.contains("Something is missing"), "{kept}");
    for _ in 0..2 {
        let fields = [("ground", "treatment"), ("statement", "They shouted at me.")];
        assert!(browser.submit(&page, &fields).await.page(200).contains("Tenemos su reclamación"));
    }
    let found = scene.creditor.get("/api/v1/complaints").await.expect(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&found["data"][0]["complainant"], &found["data"][0]["statement"]),
        (&json!("debtor"), &json!("They shouted at me."))
    );
    let path = format!("/api/v1/complaints/{}", text(&found["data"][0]["id"]));
    scene.creditor.post(&format!("{path}/withdrawal"), &json!({})).await.problem(404, "not-found");
    scene.agency.post(&format!("{path}/answer"), &json!({ "answer": "We spoke softly." })).await.expect(200);
    assert_eq!(scene.decide(&path, Some("minor")).await.expect(200)["status"], "upheld");
    scene.finish().await;
}

//! How debtors are contacted, as people see and steer it in the portals.

use serde_json::json;

use super::journeys::Desks;
use crate::support::parties::email;

#[actix_web::test]
async fn a_channel_that_the_debtor_refuses_is_noted_on_the_case_and_offered_no_more() {
    let desks = Desks::open().await;
    let case = desks.world.overdue_case(&desks.world.log_in(&email("creditor", 1)).await, "F-1").await;
    let path = format!("/portal/cases/{}", case["id"].as_str().unwrap());
    let page = desks.creditor.open(&path).await.expect(200).shows(&["Refused channel", "Write it down"]);
    let action = page.action("/portal/cases/", "/opt-outs");
    let noted = desks.creditor.send(&page, &action, &[("channel", "mail")]).await.expect(200);
    let noted =
        noted.shows(&["Written down. It holds from now on.", "Refuses Mail", "Channel refused by the debtor a person · Mail"]);
    noted.hides(&["The debtor no longer wants to be reached this way"]);
    desks.creditor.send(&page, &action, &[("channel", "letter")]).await.expect(422);
    assert_eq!(desks.agency.open(&path).await.status, 404);
    desks.world.finish().await;
}

#[actix_web::test]
async fn a_message_is_read_word_by_word_and_refused_with_a_reason_or_sent() {
    let desks = Desks::open().await;
    desks.creditor.open("/portal/approvals").await.expect(200).shows(&["Nothing waits"]);
    let client = desks.world.log_in(&email("creditor", 1)).await;
    let case = desks.world.overdue_case(&client, "F-1").await;
    let profile = format!("/api/v1/debtors/{}/profile", case["debtor_id"].as_str().unwrap());
    let careful = json!({ "tone_ceiling": "firm", "channels": ["mail", "letter"], "do_not_contact": false, "contact_from": "09:00",
                          "contact_until": "19:00", "account_owner_id": null, "approves_texts": true });
    client.put(&profile, Some("\"v0\""), &careful).await.expect(200);
    desks.world.work().await;
    let page = desks.creditor.open("/portal/approvals").await.expect(200);
    let page = page.shows(&["Bodegas Ruiz SA", "first reminder", "written by CREDITOR 1 SL", "F-1", "Send it", "Why not"]);
    let action = page.action("/portal/approvals/", "");
    assert_eq!(desks.creditor.open(&format!("{action}/letter.pdf")).await.status, 409, "it is a mail");
    let silent = desks.creditor.send(&page, &action, &[("result", "declined")]).await.expect(422);
    silent.shows(&["say why not"]);
    let other = desks.agency.open("/portal/approvals").await.expect(200).shows(&["Nothing waits"]);
    assert!(!other.html.contains(&action));
    let refused = desks.creditor.send(&page, &action, &[("result", "declined"), ("note", "I call them first")]).await.expect(200);
    refused.shows(&["It is not sent.", "Nothing waits"]);
    desks.world.work().await;
    let path = format!("/portal/cases/{}", case["id"].as_str().unwrap());
    desks.creditor.open(&path).await.expect(200).shows(&["I call them first", "a person said no"]);
    desks.world.finish().await;
}

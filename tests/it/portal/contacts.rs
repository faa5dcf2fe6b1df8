//! How debtors are contacted, as people see and steer it in the portals.

use super::journeys::Desks;

#[actix_web::test]
async fn a_channel_that_the_debtor_refuses_is_noted_on_the_case_and_offered_no_more() {
    let desks = Desks::open().await;
    let case = desks.world.overdue_case(&desks.world.log_in(&crate::support::parties::email("creditor", 1)).await, "F-1").await;
    let path = format!("/portal/cases/{}", case["id"].as_str().unwrap());
    let page = desks.creditor.open(&path).await.expect(200).shows(&["Refused channel", "Write it down"]);
    let action = page.action("/portal/cases/", "/opt-outs");
    let noted = desks.creditor.send(&page, &action, &[("channel", "mail")]).await.expect(200);
    let noted = noted.shows(&["Written down. It holds from now on.", "Refuses Mail", "Channel refused by the debtor a person · Mail"]);
    noted.hides(&["The debtor no longer wants to be reached this way"]);
    desks.creditor.send(&page, &action, &[("channel", "letter")]).await.expect(422);
    assert_eq!(desks.agency.open(&path).await.status, 404);
    desks.world.finish().await;
}

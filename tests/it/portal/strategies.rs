//! Strategies as people read, change, try and assign them.

use super::journeys::Desks;
use crate::support::parties::email;

/// Where the newest version of a name stands.
fn version_of(html: &str, name: &str) -> String {
    let row = html.split_once(&format!("<dt>{name}</dt>")).unwrap_or_else(|| panic!("no {name} on {html}")).1;
    row.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_shipped_strategy_becomes_ones_own_version_is_tried_published_and_assigned() {
    let desks = Desks::open().await;
    let list = desks.creditor.open("/portal/strategies").await.expect(200);
    let list = list.shows(&["By past-due period", "ships with Entente", "Nothing is assigned: Entente chooses."]);
    let shipped = desks.creditor.open(&version_of(&list.html, "Default")).await.expect(200);
    let shipped = shipped.shows(&["7 days after the start", "Mail : second reminder, neutral", "It is not yours"]);
    let steps = shipped.html.matches("name=\"remove-").count();
    assert_eq!(steps, 5);
    let removed: Vec<String> = (1..steps).map(|position| format!("remove-{position}")).collect();
    let mut typed = vec![("name", "mine"), ("template-0", "reminder"), ("tone-0", "gentle"), ("approval-0", "yes")];
    typed.extend([("template-new", "letter"), ("days-new", "10"), ("tone-new", "neutral")]);
    typed.extend(removed.iter().map(|name| (name.as_str(), "yes")));
    let action = shipped.action("/portal/strategies/", "/versions");
    let wrong = [typed.clone(), vec![("days-0", "soon")]].concat();
    let again = desks.creditor.send(&shipped, &action, &wrong).await.expect(422);
    assert!(again.html.contains("value=\"soon\"") && again.text().contains("write a number of days"), "{}", again.html);
    let right = [typed, vec![("days-0", "3")]].concat();
    let draft = desks.creditor.send(&shipped, &action, &right).await.expect(200);
    let draft = draft.shows(&[
        "Kept as a draft.",
        "mine v1",
        "1. 3 days after the start",
        "only after a yes",
        "2. 10 days after the step before",
        "Letter : formal letter, neutral",
    ]);
    assert_eq!(desks.agency.open(draft.path.split('?').next().unwrap()).await.status, 404);

    let client = desks.world.log_in(&email("creditor", 1)).await;
    desks.world.overdue_case(&client, "F-1").await;
    let tried = desks.creditor.open(&draft.link("/portal/strategies/str_")).await.expect(200);
    tried.shows(&["What it would do", "Your open cases over 90 days", "Contacts by day", "No closed case of yours yet."]);
    let published = desks.creditor.send(&draft, &draft.action("/portal/strategies/", "/publication"), &[]).await.expect(200);
    published.shows(&["Published."]).hides(&["Publish this version"]);

    let list = desks.creditor.open("/portal/strategies").await.expect(200);
    let nothing = [("strategy", "nothing"), ("cases", "all")];
    desks.creditor.send(&list, "/portal/strategy-assignments", &nothing).await.expect(422);
    let narrow = [("strategy", "mine"), ("cases", "amount"), ("from", "500,00"), ("below", "100,00"), ("currency", "EUR")];
    desks.creditor.send(&list, "/portal/strategy-assignments", &narrow).await.expect(422);
    let range = [("strategy", "mine"), ("cases", "amount"), ("from", "500,00"), ("below", ""), ("currency", "EUR")];
    let given = desks.creditor.send(&list, "/portal/strategy-assignments", &range).await.expect(200);
    given.shows(&["Assigned.", "from €500.00"]);
    let case = desks.world.overdue_case(&client, "F-2").await;
    desks.world.work().await;
    let path = format!("/portal/cases/{}", case["id"].as_str().unwrap());
    desks.creditor.open(&path).await.expect(200).shows(&["mine v1", "assigned to this range of amounts", "Next: step 1 of 2"]);
    let list = desks.creditor.open("/portal/strategies").await.expect(200);
    let withdrawal = list.action("/portal/strategy-assignments/", "/withdrawal");
    desks.creditor.send(&list, &withdrawal, &[]).await.expect(200).shows(&["Withdrawn."]);
    desks.world.finish().await;
}

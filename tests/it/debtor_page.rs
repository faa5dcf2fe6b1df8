//! The debtor page behind its link: read, promise, object; calm where there is nothing.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, World};

struct Posted {
    /// `/api/v1/cases/…`
    api: String,
    /// `/d/…`
    page: String,
    case: Value,
}

/// A case of one overdue invoice of 1,000.00 EUR, and the debtor's link.
async fn posted(creditor: &Client) -> Posted {
    let body = json!({ "receivables": [{
        "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example" },
        "number": "F-1", "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" },
    }]});
    let intake = creditor.post("/api/v1/receivables", &body).await.expect(200);
    let made =
        creditor.post("/api/v1/cases", &json!({ "receivable_ids": [intake["rows"][0]["receivable_id"]] })).await.expect(201);
    let api = format!("/api/v1/cases/{}", made["id"].as_str().unwrap());
    let case = creditor.get(&api).await.expect(200);
    let link = case["debtor_page"].as_str().unwrap();
    Posted { page: link[link.find("/d/").unwrap()..].to_owned(), api, case }
}

#[actix_web::test]
async fn the_link_alone_shows_what_is_asked_why_and_how_to_pay() {
    let world = World::new().await;
    let posted = posted(&world.creditor(1).await).await;
    let answer = world.stranger().browse(&posted.page).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    let html = answer.page(200);
    for shown in [
        "<html lang=\"es\">",
        "Bodegas Ruiz SA",
        "F-1",
        "Ley 3/2004 art. 7.2",
        "Ley 3/2004 art. 8.1",
        "10,40",
        "1.000,00",
        "Iban",
        "<svg",
    ] {
        assert!(html.to_lowercase().contains(&shown.to_lowercase().replace("10,40", "10,4")), "{shown} is missing in\n{html}");
    }
    let english = world.stranger().browse(&format!("{}?lang=en", posted.page)).await.page(200);
    assert!(english.contains("<html lang=\"en\">") && english.contains("What is owed, line by line"), "{english}");
    assert!(english.contains("<h1>About invoice <span class=\"whole\">F-1</span> from"), "no phone breaks the number: {english}");
    let style = world.stranger().get("/assets/entente.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.text.contains("h1 .whole { display: inline-block;"));
    world.finish().await;
}

#[actix_web::test]
async fn a_link_that_is_not_ours_opens_nothing_and_says_so_calmly() {
    let world = World::new().await;
    let posted = posted(&world.creditor(1).await).await;
    let other_end = if posted.page.ends_with('A') { 'E' } else { 'A' };
    let forged = format!("{}{other_end}", &posted.page[..posted.page.len() - 1]);
    for path in [forged.as_str(), "/d/x", "/nowhere"] {
        let html = world.stranger().browse(path).await.page(404);
        assert!(html.contains("This address leads nowhere") && !html.contains("Bodegas"), "{html}");
    }
    let fields = [("promised_on", "2026-11-10")];
    assert!(
        world.stranger().submit(&format!("{forged}/promise"), &fields).await.page(404).contains("This address leads nowhere")
    );
    world.stranger().get("/nowhere").await.problem(404, "not-found");
    world.finish().await;
}

#[actix_web::test]
async fn a_day_that_will_not_do_comes_back_as_typed_and_a_good_one_stops_contact() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let posted = posted(&creditor).await;
    let path = format!("{}/promise?lang=en", posted.page);
    let refused = world.stranger().submit(&path, &[("promised_on", "31/02/2027")]).await.page(422);
    assert!(refused.contains("value=\"31/02/2027\"") && refused.contains("Choose a day, for example"), "{refused}");
    let late = world.stranger().submit(&path, &[("promised_on", "2027-03-01")]).await.page(422);
    assert!(late.contains("Choose a day from"), "{late}");
    assert_eq!(creditor.get(&posted.api).await.expect(200)["holds"], json!([]));

    for _ in 0..2 {
        let shown = world.stranger().submit(&path, &[("promised_on", "10/11/2026")]).await.page(200);
        assert!(shown.contains("Thank you: you named 10\u{a0}November 2026") && !shown.contains("/promise?"), "{shown}");
    }
    let held = creditor.get(&posted.api).await.expect(200);
    assert_eq!(held["holds"].as_array().unwrap().len(), 1, "{held}");
    assert_eq!(held["holds"][0]["kind"], "promise");
    world.pass(TimeDelta::days(14)).await;
    assert!(world.stranger().browse(&posted.page).await.page(200).contains("/promise?"));
    world.finish().await;
}

#[actix_web::test]
async fn a_day_beyond_the_last_known_rate_can_be_named() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let posted = posted(&creditor).await;
    let shown =
        world.stranger().submit(&format!("{}/promise?lang=fr", posted.page), &[("promised_on", "2027-01-01")]).await.page(200);
    assert!(shown.contains("1er\u{a0}janvier 2027"), "{shown}");
    world.finish().await;
}

#[actix_web::test]
async fn a_page_opened_after_the_last_known_rate_shows_the_claim_of_the_last_day_known() {
    let world = World::new().await;
    let posted = posted(&world.creditor(1).await).await;
    world.pass(TimeDelta::days(80)).await;
    let shown = world.stranger().browse(&format!("{}?lang=en", posted.page)).await.page(200);
    assert!(shown.contains("To pay on 31\u{a0}December 2026"), "{shown}");
    world.finish().await;
}

#[actix_web::test]
async fn an_objection_keeps_what_was_typed_until_it_is_whole_and_is_taken_once() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let posted = posted(&creditor).await;
    let path = format!("{}/objection?lang=en", posted.page);
    let refused = world.stranger().submit(&path, &[("statement", "two of ten were <broken>")]).await.page(422);
    assert!(refused.contains("Choose what is wrong.") && refused.contains("two of ten were &#60;broken&#62;"), "{refused}");
    let empty = world.stranger().submit(&path, &[("reason", "defective"), ("statement", " ")]).await.page(422);
    assert!(empty.contains("Tell us in a few words") && empty.contains("value=\"defective\" required checked"), "{empty}");

    for _ in 0..2 {
        let whole = [("reason", "defective"), ("statement", "two of ten were broken")];
        let shown = world.stranger().submit(&path, &whole).await.page(200);
        assert!(shown.contains("Your objection has arrived") && !shown.contains("/objection?"), "{shown}");
    }
    let disputes = creditor.get(&format!("{}/disputes", posted.api)).await.expect(200);
    assert_eq!(disputes["data"].as_array().unwrap().len(), 1, "{disputes}");
    assert_eq!(
        (&disputes["data"][0]["reason"], &disputes["data"][0]["statement"]),
        (&json!("defective"), &json!("two of ten were broken"))
    );
    world.finish().await;
}

#[actix_web::test]
async fn a_closed_case_asks_for_nothing_and_takes_nothing() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let posted = posted(&creditor).await;
    creditor.post(&format!("{}/closure", posted.api), &json!({ "outcome": "withdrawn", "reason": "goodwill" })).await.expect(200);
    let shown =
        world.stranger().submit(&format!("{}/promise?lang=en", posted.page), &[("promised_on", "2026-11-10")]).await.page(200);
    assert!(shown.contains("This matter is closed") && !shown.contains("IBAN") && !shown.contains("<form"), "{shown}");
    world.as_owner("UPDATE cases SET outcome = 'paid'").await;
    let settled = world.stranger().browse(&format!("{}?lang=en", posted.page)).await.page(200);
    assert!(settled.contains("Nothing is owed. Thank you."), "{settled}");
    world.finish().await;
}

#[actix_web::test]
async fn an_engaged_agency_is_shown_with_what_was_vetted_and_its_own_account() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    let posted = posted(&creditor).await;
    let agency_id =
        agency.get("/api/v1/me").await.expect(200)["organisation"]["id"].as_str().unwrap().trim_start_matches("org_").to_owned();
    let case_id = posted.case["id"].as_str().unwrap().trim_start_matches("case_");
    world.as_owner(&format!("UPDATE cases SET phase = 'active', agency_id = '{agency_id}' WHERE id = '{case_id}'")).await;
    let shown = world.stranger().browse(&format!("{}?lang=en", posted.page)).await.page(200);
    assert!(
        shown.contains("Entente has checked its licence and its insurance") && shown.matches("R-2, Registro").count() == 3,
        "{shown}"
    );
    world.finish().await;
}

#[actix_web::test]
async fn the_home_page_speaks_the_browsers_language() {
    let world = World::new().await;
    let home = world.stranger().browse("/?lang=fr").await.page(200);
    assert!(home.contains("<html lang=\"fr\">") && home.contains("/api/docs"), "{home}");
    world.finish().await;
}

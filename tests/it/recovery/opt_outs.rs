//! Whoever has an address refuses mails, text messages or calls there: by a button, on a page, to a person; over all creditors.

use serde_json::{Value, json};

use super::{Posted, days, evaluate_only, nothing_is_forgotten, outbox, posted};
use crate::support::{Client, World};

/// A case of this creditor against the debtor that several have, its mails at one address.
async fn of_shared_debtor(world: &World, creditor: u32) -> Posted {
    posted(&world.creditor(creditor).await, creditor, 11).await
}

/// `/d/…` of a case.
async fn page(case: &Posted) -> String {
    let link = case.case().await["debtor_page"].as_str().unwrap().to_owned();
    link[link.find("/d/").unwrap()..].to_owned()
}

async fn opt_outs(case: &Posted) -> Value {
    case.creditor.get(&format!("{}/opt-outs", case.path)).await.expect(200)["data"].clone()
}

async fn refusals(case: &Posted) -> Vec<String> {
    case.events("contact_refused").await.iter().map(|told| told["rule"].as_str().unwrap().to_owned()).collect()
}

/// Where the button of a mail program leads.
fn one_click(mail: &str) -> String {
    let unfolded = mail.replace("\r\n ", " ");
    let header = unfolded.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: ")).expect("the header");
    assert!(unfolded.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{unfolded}");
    let link = header.trim().trim_matches(['<', '>']);
    link[link.find("/d/").unwrap()..].to_owned()
}

#[actix_web::test]
async fn one_click_in_a_mail_program_ends_mails_of_every_creditor_and_no_letter() {
    let world = World::new().await;
    let (one, other) = (of_shared_debtor(&world, 1).await, of_shared_debtor(&world, 2).await);
    world.work().await;
    let mails = outbox(&world.app);
    assert_eq!(mails.len(), 2);
    let button = mails.iter().map(|mail| one_click(mail)).next().unwrap();
    world.stranger().browse(&button).await.page(200);
    assert_eq!((opt_outs(&one).await, opt_outs(&other).await), (json!([]), json!([])), "looking refuses nothing");
    for body in ["List-Unsubscribe=One-Click", ""] {
        let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
        assert_eq!(world.stranger().deliver(&button, &headers, body.as_bytes()).await.status, 200);
    }
    let refused = json!([{ "channel": "mail", "address": "pagos@bodegas11.example" }]);
    assert_eq!((opt_outs(&one).await, opt_outs(&other).await), (refused.clone(), refused));
    days(&world, 21).await;
    assert_eq!(outbox(&world.app).len(), 2);
    for case in [&one, &other] {
        assert_eq!(refusals(case).await, ["debtor.opted_out"]);
        let done = case.done().await;
        assert!(done.contains(&"second_reminder: refused".to_owned()) && done.contains(&"letter: done".to_owned()), "{done:?}");
    }
    let said = [one.events("opted_out").await, other.events("opted_out").await].concat();
    assert_eq!(said, [json!({ "channel": "mail", "way": "mail_program" })], "one of them was told, and nobody where else");
    world.finish().await;
}

#[actix_web::test]
async fn a_message_that_waits_does_not_leave_once_its_address_refuses() {
    let world = World::new().await;
    let case = of_shared_debtor(&world, 1).await;
    evaluate_only(&world).await;
    assert_eq!(case.deliveries().await[0]["status"], "queued");
    case.creditor.post(&format!("{}/opt-outs", case.path), &json!({ "channel": "mail" })).await.expect(201);
    world.work().await;
    assert_eq!((outbox(&world.app).len(), &case.deliveries().await[0]["status"]), (0, &json!("stopped")));
    assert_eq!(case.events("contact_stopped").await[0]["rule"], "debtor.opted_out");
    assert_eq!(refusals(&case).await, ["debtor.opted_out"], "its step was evaluated again, and left out");
    nothing_is_forgotten(&world).await;
    world.finish().await;
}

#[actix_web::test]
async fn the_page_shows_no_address_whole_refuses_by_a_button_and_allows_again() {
    let world = World::new().await;
    let case = of_shared_debtor(&world, 1).await;
    let path = format!("{}/channels", page(&case).await);
    let shown = world.stranger().browse(&format!("{path}?lang=en")).await.page(200);
    assert!(shown.contains("p…@bodegas11.example") && shown.contains("…000"), "{shown}");
    assert!(!shown.contains("pagos@") && !shown.contains("600 000"), "{shown}");
    for _ in 0..2 {
        let fields = [("channel", "mail"), ("wish", "refuse")];
        let refused = world.stranger().submit(&format!("{path}?lang=en"), &fields).await.page(200);
        assert!(refused.contains("is no longer used"), "{refused}");
    }
    world.work().await;
    assert_eq!((outbox(&world.app).len(), refusals(&case).await), (0, vec!["debtor.opted_out".to_owned()]));
    // A new address is another one.
    world.as_owner("UPDATE debtors SET email = 'cobros@bodegas11.example'").await;
    assert_eq!(opt_outs(&case).await, json!([]));
    world.as_owner("UPDATE debtors SET email = 'Pagos@Bodegas11.example'").await;
    assert_eq!(opt_outs(&case).await[0]["channel"], "mail");
    let allowed = world.stranger().submit(&format!("{path}?lang=fr"), &[("channel", "mail"), ("wish", "allow")]).await.page(200);
    assert!(allowed.contains("Comment vous êtes joint") && !allowed.contains("n’est plus utilisé"), "{allowed}");
    assert_eq!(case.events("opted_in").await, [json!({ "channel": "mail", "way": "page" })]);
    for channel in ["letter", "", "pigeon"] {
        world.stranger().submit(&path, &[("channel", channel)]).await.page(200);
    }
    assert_eq!(opt_outs(&case).await, json!([]));
    let forged = format!("{}x/channels", path.trim_end_matches("/channels"));
    world.stranger().browse(&forged).await.page(404);
    world.stranger().submit(&forged, &[("channel", "mail")]).await.page(404);
    let foreign = path.replace("/channels", "/unsubscribe/dlv_00000000000000000000000000000000");
    assert_eq!(world.stranger().deliver(&foreign, &[], b"").await.status, 404);
    world.finish().await;
}

/// Every case begins with a call.
async fn assign_calls(creditor: &Client) {
    let step = |key: &str, days: i64, channel: &str, template: &str| json!({ "key": key, "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "neutral" });
    let steps = [step("call", 0, "call", "call_script"), step("letter", 4, "letter", "letter")];
    let draft = creditor.post("/api/v1/strategies", &json!({ "name": "calls", "steps": steps })).await.expect(201);
    assert_eq!(draft["faults"], json!([]));
    creditor.post(&format!("/api/v1/strategies/{}/publication", draft["id"].as_str().unwrap()), &json!({})).await.expect(200);
    let assignment = json!({ "strategy": "calls", "applies_to": { "kind": "all" } });
    creditor.post("/api/v1/strategy-assignments", &assignment).await.expect(201);
}

#[actix_web::test]
async fn calls_that_were_asked_for_are_taken_back_from_everybody_when_calls_are_refused() {
    let world = World::new().await;
    let (first, second) = (world.creditor(1).await, world.creditor(2).await);
    for creditor in [&first, &second] {
        assign_calls(creditor).await;
    }
    let (one, other) = (posted(&first, 1, 11).await, posted(&second, 2, 11).await);
    let elsewhere = posted(&second, 3, 12).await;
    world.as_owner("UPDATE debtors SET phone = '+34 911 111 111' WHERE legal_name = 'Bodegas 12 SA'").await;
    world.work().await;
    let noted = format!("{}/opt-outs", one.path);
    first.post(&noted, &json!({ "channel": "letter" })).await.problem(422, "invalid");
    second.post(&noted, &json!({ "channel": "call" })).await.problem(404, "not-found");
    assert_eq!(first.post(&noted, &json!({ "channel": "call" })).await.expect(201)["channel"], "call");
    first.post(&noted, &json!({ "channel": "call" })).await.expect(201);
    world.work().await;
    for case in [&one, &other] {
        assert_eq!(
            (case.done().await, refusals(case).await),
            (vec!["call_script: stopped".into(), "call_script: refused".into()], vec!["debtor.opted_out".to_owned()])
        );
    }
    assert_eq!(elsewhere.done().await, ["call_script: prepared"], "that is another number");
    assert_eq!(one.events("opted_out").await, [json!({ "channel": "call", "way": "person" })]);
    days(&world, 5).await;
    assert_eq!(one.done().await.last().unwrap(), "letter: done");
    world.finish().await;
}

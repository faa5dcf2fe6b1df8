//! Questions about a listing: for all, from nobody, and no way to try out names.

use serde_json::{Value, json};

use super::{MARKERS, Scene, offer, org_of, text};
use crate::support::{Answer, Client};

async fn ask(agency: &Client, listing: &str, question: &str) -> Answer {
    agency.post(&format!("{listing}/questions"), &json!({ "question": question })).await
}

async fn reply(creditor: &Client, question: &Value, answer: &str) -> Answer {
    creditor.post(&format!("/api/v1/questions/{}/answer", text(&question["id"])), &json!({ "answer": answer })).await
}

async fn read(client: &Client, listing: &str) -> Vec<Value> {
    client.get(&format!("{listing}/questions")).await.expect(200)["data"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_question_and_its_answer_are_for_every_bidder_and_from_nobody() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.rival, &listing, 1_100).await;
    let asked = ask(&scene.agency, &listing, "Is there a signed delivery note?").await.expect(201);
    assert_eq!(asked["question"], "Is there a signed delivery note?");
    assert_eq!(asked.get("removed"), None);
    assert_eq!(read(&scene.agency, &listing).await.len(), 1);
    assert_eq!(read(&scene.rival, &listing).await, Vec::<Value>::new());
    scene.world.work().await;
    let told = scene.creditor.get("/api/v1/notifications").await.expect(200);
    assert_eq!((&told["data"][0]["kind"], &told["data"][0]["data"]["question_id"]), (&json!("question_asked"), &asked["id"]));
    reply(&scene.creditor, &asked, "Yes, for every delivery.").await.expect(201);
    reply(&scene.creditor, &asked, "No, after all.").await.problem(409, "conflict");
    scene.world.work().await;
    let author = text(&scene.agency.get("/api/v1/me").await.expect(200)["organisation"]["id"]);
    for client in [&scene.agency, &scene.rival, &scene.creditor] {
        let page = client.get(&format!("{listing}/questions")).await;
        assert!(!page.text.contains(&author) && !page.text.contains("AGENCY 11"), "{}", page.text);
        assert_eq!(page.expect(200)["data"][0]["answer"], "Yes, for every delivery.");
    }
    for bidder in [&scene.agency, &scene.rival] {
        let told = bidder.get("/api/v1/notifications").await.expect(200);
        assert_eq!(told["data"][0]["kind"], "question_answered");
    }
    scene.finish().await;
}

#[actix_web::test]
async fn what_names_somebody_is_taken_out_and_the_writer_is_told() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let question = "Do they answer at info@algo.example or 961 23 45 67, or only in Calle Mayor 3?";
    let asked = ask(&scene.agency, &listing, question).await.expect(201);
    assert_eq!(asked["question"], "Do they answer at […] or […], or only in […]?");
    let removed = json!([{ "what": "mail_address", "times": 1 }, { "what": "number", "times": 1 }, { "what": "street_address", "times": 1 }]);
    assert_eq!(asked["removed"], removed);
    let answer = "marcador hermanos pays from villasecreta, see fact-secreta 1; creditor knows pagos@marcador.example, 600 112 233 and callejon secreto 99";
    let answered = reply(&scene.creditor, &asked, answer).await.expect(201);
    assert!(answered["removed"].as_array().unwrap().iter().any(|removal| removal["what"] == "of_the_case"), "{answered}");
    let seen = text(&read(&scene.rival, &listing).await[0]["answer"]).to_lowercase();
    for marker in MARKERS {
        assert!(!seen.contains(&marker.to_lowercase()), "{marker} in {seen}");
    }
    let names_only = ask(&scene.agency, &listing, "600 112 233?").await.problem(422, "invalid");
    assert_eq!(names_only["errors"][0]["pointer"], "/question");
    ask(&scene.agency, &listing, &"é".repeat(501)).await.problem(422, "invalid");
    scene.finish().await;
}

/// Whether a guess is right must not show in how its question is treated.
#[actix_web::test]
async fn a_right_guess_is_treated_as_a_wrong_one() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let right = ask(&scene.agency, &listing, "is it marcador in villasecreta?").await.expect(201);
    let wrong = ask(&scene.agency, &listing, "is it recordad in villacierta?").await.expect(201);
    assert_eq!(right["question"], "is it marcador in villasecreta?");
    assert_eq!((right.get("removed"), wrong.get("removed")), (None, None));
    let own = read(&scene.agency, &listing).await;
    let shape = |one: &Value| one.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&own[0]), shape(&own[1]));
    let shown = read(&scene.creditor, &listing).await;
    assert_eq!((&shown[0]["unanswerable"], shown[1].get("unanswerable")), (&json!(true), None));
    reply(&scene.creditor, &right, "no comment").await.problem(409, "conflict");
    reply(&scene.creditor, &wrong, "no comment").await.expect(201);
    assert_eq!(read(&scene.rival, &listing).await.len(), 1);
    scene.finish().await;
}

#[actix_web::test]
async fn questions_end_with_the_deadline_and_have_their_limits() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_200).await;
    let mut asked = Value::Null;
    for _ in 0..5 {
        asked = ask(&scene.agency, &listing, "is there a contract?").await.expect(201);
    }
    ask(&scene.agency, &listing, "and a sixth?").await.problem(409, "conflict");
    scene.creditor.post(&format!("{listing}/questions"), &json!({ "question": "why?" })).await.problem(403, "forbidden");
    let other = scene.world.creditor(3).await;
    reply(&other, &asked, "mine").await.problem(404, "not-found");
    assert_eq!(read(&scene.operator, &listing).await.len(), 5);
    scene.reach_deadline(&listing).await;
    reply(&scene.creditor, &asked, "too late").await.problem(409, "wrong-state");
    ask(&scene.agency, &listing, "too late?").await.problem(409, "wrong-state");
    scene.finish().await;
}

#[actix_web::test]
async fn who_is_not_in_the_circle_reads_and_asks_nothing() {
    let scene = Scene::new().await;
    let invited = format!("/api/v1/agency-list/{}", org_of(&scene.agency).await);
    scene.creditor.put(&invited, None, &json!({ "standing": "invited" })).await.expect(200);
    let body = json!({ "award_rule": "by_hand", "audience": "circle" });
    let listing = scene.creditor.post(&scene.at("/listing"), &body).await.expect(201);
    let listing = format!("/api/v1/listings/{}", text(&listing["id"]));
    let asked = ask(&scene.agency, &listing, "is there a contract?").await.expect(201);
    reply(&scene.creditor, &asked, "there is").await.expect(201);
    ask(&scene.rival, &listing, "is there a contract?").await.problem(404, "not-found");
    scene.rival.get(&format!("{listing}/questions")).await.problem(404, "not-found");
    scene.finish().await;
}

//! Work of people: lists, handlers, moves, deputies, tasks by hand, notes of one's own.

use serde_json::{Value, json};

use super::{Posted, at, days, engage, posted};
use crate::support::{Client, PASSWORD, World};

/// Somebody of an organisation, with their id.
async fn colleague(world: &World, admin: &Client, name: &str, role: &str) -> (Client, String) {
    let address = format!("{}@colleagues.example", name.to_lowercase());
    let body = json!({ "full_name": name, "email": address, "role": role, "password": PASSWORD });
    let made = admin.post("/api/v1/members", &body).await.expect(201);
    (world.log_in(&address).await, made["id"].as_str().unwrap().to_owned())
}

async fn list(client: &Client, list: &str, member: &str) -> Vec<String> {
    let path = format!("/api/v1/work?list={list}{}", if member.is_empty() { String::new() } else { format!("&member={member}") });
    let found = client.get(&path).await.expect(200);
    found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| format!("{}: {}", item["debtor"].as_str().unwrap(), item["why"].as_str().unwrap()))
        .collect()
}

async fn give(client: &Client, case: &Posted, member: &str) -> crate::support::Answer {
    client.put(&format!("{}/handler", case.path), None, &json!({ "member_id": member })).await
}

#[actix_web::test]
async fn work_stands_in_the_lists_of_whoever_handles_it() {
    let world = World::new().await;
    let admin = world.creditor(1).await;
    let (ana, ana_id) = colleague(&world, &admin, "Ana", "sales").await;
    let (bea, bea_id) = colleague(&world, &admin, "Bea", "accountant").await;
    let (one, two) = (posted(&admin, 1, 11).await, posted(&admin, 2, 12).await);
    // Ana takes what is nobody's; Bea may not take it from her; a rival's person is nobody here.
    give(&ana, &one, &ana_id).await.expect(200);
    give(&bea, &one, &bea_id).await.problem(403, "forbidden");
    give(&bea, &two, &ana_id).await.problem(403, "forbidden");
    let rival = world.creditor(2).await;
    give(&rival, &one, &ana_id).await.problem(404, "not-found");
    let (_, stranger) = colleague(&world, &rival, "Eva", "sales").await;
    give(&admin, &one, &stranger).await.problem(422, "invalid");
    give(&admin, &two, &bea_id).await.expect(200);

    days(&world, 21).await;
    assert_eq!(list(&ana, "due", "").await, ["Bodegas 11 SA: call_due"], "what the engine asks goes to the handler");
    assert_eq!(list(&bea, "due", "").await, ["Bodegas 12 SA: call_due"]);
    assert_eq!(list(&admin, "due", "all").await.len(), 2);
    assert_eq!(list(&admin, "due", "nobody").await, Vec::<String>::new());
    let promise = json!({ "promised_on": "2026-11-27" });
    ana.post(&format!("{}/promises", one.path), &promise).await.expect(201);
    assert_eq!(list(&ana, "promised", "").await, ["Bodegas 11 SA: promise"]);
    assert_eq!(list(&ana, "due", "").await, Vec::<String>::new(), "the call is not to be made now");
    at(&world, "2026-12-02T09:00:00Z").await;
    assert_eq!(list(&ana, "promised", "").await, Vec::<String>::new());
    assert!(list(&ana, "at_risk", "").await.contains(&"Bodegas 11 SA: promise_broken".to_owned()));
    admin.get("/api/v1/work?list=late").await.problem(400, "malformed-request");
    admin.get("/api/v1/work?list=due&member=ana").await.problem(400, "malformed-request");
    world.finish().await;
}

#[actix_web::test]
async fn a_lead_sees_loads_moves_work_and_covers_absence() {
    let world = World::new().await;
    let admin = world.creditor(1).await;
    let (ana, ana_id) = colleague(&world, &admin, "Ana", "sales").await;
    let (bea, bea_id) = colleague(&world, &admin, "Bea", "sales").await;
    let (one, two) = (posted(&admin, 1, 11).await, posted(&admin, 2, 12).await);
    for case in [&one, &two] {
        give(&admin, case, &ana_id).await.expect(200);
    }
    days(&world, 21).await;
    let task = admin.get("/api/v1/tasks?status=open").await.expect(200)["data"][0].clone();
    assert_eq!(task["assignee_id"], json!(ana_id));
    ana.post(&format!("/api/v1/tasks/{}/completion", task["id"].as_str().unwrap()), &json!({ "result": "reached" }))
        .await
        .expect(200);
    let load = async |who: &str| -> Value {
        let all = admin.get("/api/v1/workload").await.expect(200);
        all["data"].as_array().unwrap().iter().find(|one| one["full_name"] == who).cloned().unwrap()
    };
    let anas = load("Ana").await;
    assert_eq!(
        (&anas["cases"], &anas["open_tasks"], &anas["tasks_done"], &anas["conversations"]),
        (&json!(2), &json!(1), &json!(1), &json!(1))
    );
    ana.get("/api/v1/workload").await.problem(403, "forbidden");

    // Ana is away: Bea's list has her work, and Ana's has not.
    let away = json!({ "member_id": ana_id, "deputy_id": bea_id, "from_on": "2026-11-23", "until_on": "2026-11-27" });
    bea.post("/api/v1/absences", &away).await.problem(403, "forbidden");
    let absence = ana.post("/api/v1/absences", &away).await.expect(201);
    assert_eq!((list(&bea, "due", "").await.len(), list(&ana, "due", "").await.len()), (1, 0));
    assert_eq!(load("Ana").await["deputy_id"], json!(bea_id));
    for (wrong, pointer) in [
        (json!({ "member_id": bea_id, "deputy_id": ana_id, "from_on": "2026-11-27", "until_on": "2026-11-28" }), "/deputy_id"),
        (json!({ "member_id": bea_id, "deputy_id": bea_id, "from_on": "2026-12-01", "until_on": "2026-12-01" }), "/deputy_id"),
        (json!({ "member_id": ana_id, "deputy_id": bea_id, "from_on": "2026-11-26", "until_on": "2026-12-01" }), "/from_on"),
        (json!({ "member_id": ana_id, "deputy_id": bea_id, "from_on": "2026-12-02", "until_on": "2026-12-01" }), "/until_on"),
    ] {
        let refused = admin.post("/api/v1/absences", &wrong).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    at(&world, "2026-11-30T09:00:00Z").await;
    assert_eq!((list(&bea, "due", "").await.len(), list(&ana, "due", "").await.len()), (0, 1), "she is back");
    assert_eq!(admin.get("/api/v1/absences").await.expect(200)["data"], json!([]));
    let path = format!("/api/v1/absences/{}", absence["id"].as_str().unwrap());
    bea.delete(&path, None).await.problem(403, "forbidden");
    ana.delete(&path, None).await.expect(204);

    admin.post("/api/v1/work-moves", &json!({ "to_member_id": bea_id })).await.problem(422, "invalid");
    ana.post("/api/v1/work-moves", &json!({ "from_member_id": ana_id, "to_member_id": bea_id })).await.problem(403, "forbidden");
    let moved = admin.post("/api/v1/work-moves", &json!({ "from_member_id": ana_id, "to_member_id": bea_id })).await.expect(200);
    assert_eq!((&moved["cases"], &moved["tasks"]), (&json!(2), &json!(1)));
    let other = posted(&world.creditor(2).await, 1, 13).await;
    let foreign = json!({ "case_ids": [one.path.rsplit('/').next(), other.path.rsplit('/').next()], "to_member_id": ana_id });
    admin.post("/api/v1/work-moves", &foreign).await.problem(422, "invalid");
    assert_eq!((list(&bea, "due", "").await.len(), list(&ana, "due", "").await.len()), (1, 0));
    world.finish().await;
}

#[actix_web::test]
async fn a_task_given_by_a_person_has_a_deadline_and_an_end() {
    let world = World::new().await;
    let admin = world.creditor(1).await;
    let (ana, ana_id) = colleague(&world, &admin, "Ana", "sales").await;
    let case = posted(&admin, 1, 11).await;
    let path = format!("{}/tasks", case.path);
    let wanted =
        json!({ "title": "Ask the carrier for the delivery note", "due_at": "2026-11-05T16:00:00Z", "assignee_id": ana_id });
    for (wrong, pointer) in [("title", "/title"), ("due_at", "/due_at")] {
        let mut bent = wanted.clone();
        bent[wrong] = if wrong == "title" { json!(" ") } else { json!("2026-10-01T16:00:00Z") };
        assert_eq!(admin.post(&path, &bent).await.problem(422, "invalid")["errors"][0]["pointer"], pointer);
    }
    world.creditor(2).await.post(&path, &wanted).await.problem(404, "not-found");
    let task = admin.post_once(&path, "t-1", &wanted).await.expect(201);
    assert_eq!((&task["reason"], &task["assignee_id"], &task["kind"]), (&json!("by_hand"), &json!(ana_id), &json!("review")));
    assert_eq!(list(&ana, "due", "").await, Vec::<String>::new(), "not before its day");
    at(&world, "2026-11-05T09:00:00Z").await;
    assert_eq!(list(&ana, "due", "").await, ["Bodegas 11 SA: by_hand"]);
    let done = json!({ "result": "reviewed", "note": "the note is in the file" });
    let completed = ana.post(&format!("/api/v1/tasks/{}/completion", task["id"].as_str().unwrap()), &done).await.expect(200);
    assert_eq!(completed["done_by"], json!(ana_id));
    assert_eq!(list(&ana, "due", "").await, Vec::<String>::new());
    world.finish().await;
}

#[actix_web::test]
async fn a_private_note_is_read_by_its_own_organisation_alone_and_a_shared_one_tells_the_other_side() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency, rival) = (world.creditor(1).await, world.agency(2, &operator).await, world.agency(4, &operator).await);
    let case = posted(&creditor, 1, 11).await;
    let path = format!("{}/private-notes", case.path);
    creditor.post(&path, &json!({ "text": "OUR-OWN" })).await.expect(201);
    engage(&world, case.id, &agency).await;
    agency.post(&path, &json!({ "text": "THEIR-OWN" })).await.expect(201);
    agency.post(&path, &json!({ "text": "" })).await.problem(422, "invalid");
    rival.post(&path, &json!({ "text": "mine" })).await.problem(404, "not-found");
    rival.get(&path).await.problem(404, "not-found");
    for (reader, own, others) in [(&creditor, "OUR-OWN", "THEIR-OWN"), (&agency, "THEIR-OWN", "OUR-OWN")] {
        for page in [path.clone(), format!("{}/events", case.path), format!("{}/file", case.path)] {
            let text = reader.get(&page).await.text;
            assert!(!text.contains(others), "{page}");
            assert_eq!(text.contains(own), page == path, "{page}");
        }
    }
    // The next agency reads neither.
    agency.post(&format!("{}/return", case.path), &json!({ "reason": "no_capacity" })).await;
    assert_eq!(operator.get(&path).await.expect(200)["data"], json!([]));

    let world_two = World::new().await;
    let operator = world_two.operator().await;
    let (creditor, agency) = (world_two.creditor(1).await, world_two.agency(2, &operator).await);
    let case = posted(&creditor, 1, 11).await;
    engage(&world_two, case.id, &agency).await;
    agency.post(&format!("{}/notes", case.path), &json!({ "text": "They pay on Friday." })).await.expect(201);
    world_two.work().await;
    let told = async |client: &Client| -> usize {
        let all = client.get("/api/v1/notifications").await.expect(200);
        all["data"].as_array().unwrap().iter().filter(|one| one["kind"] == "note_added").count()
    };
    assert_eq!((told(&creditor).await, told(&agency).await), (1, 0), "the other side is told");
    creditor.post(&format!("{}/notes", case.path), &json!({ "text": "Good." })).await.expect(201);
    world_two.work().await;
    assert_eq!((told(&creditor).await, told(&agency).await), (1, 1));
    world.finish().await;
    world_two.finish().await;
}

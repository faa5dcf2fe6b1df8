//! What an agency could learn before the award from anything that the platform says: answers, refusals, notices, mails, logs.

use std::{
    io::Write,
    sync::{Mutex, Once, PoisonError},
};

use serde_json::json;
use tracing_subscriber::{
    EnvFilter,
    fmt::{MakeWriter, format::FmtSpan},
};

use super::{MARKERS, Scene, offer, promises, text};
use crate::{access::operations, support::Client};

/// Whatever this process logs, as a server would at its usual level, and every request with all that is known of it.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTENING: Once = Once::new();

struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        Self
    }
}

fn listen() {
    LISTENING.call_once(|| {
        let filter = EnvFilter::new("info,entente=debug");
        let listener = tracing_subscriber::fmt().with_env_filter(filter).with_span_events(FmtSpan::CLOSE).with_ansi(false);
        listener.with_writer(Log).try_init().expect("no other listener");
    });
}

fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

#[track_caller]
fn names_nobody(what: &str, said: &str) {
    for marker in MARKERS {
        assert!(!said.contains(marker), "{marker} stands in {what}: {said}");
    }
}

impl Scene {
    /// What stands for a place in a path: things of the creditor where there are such.
    async fn id_for(&self, noun: &str, listing: &str) -> String {
        let first = async |path: &str| self.creditor.get(path).await.expect(200)["data"][0]["id"].clone();
        match noun {
            "cases" | "case_id" => self.case.clone(),
            "listings" | "listing_id" => listing.rsplit('/').next().unwrap().to_owned(),
            "debtors" => text(&first("/api/v1/debtors").await),
            "receivables" => text(&first("/api/v1/receivables").await),
            _ => format!("{}_{}", "doc", self.case.rsplit('_').next().unwrap()),
        }
    }

    /// Asks every operation there is as this agency, with ids that are not its own; answers with all that was said.
    async fn ask_everything(&self, agency: &Client, listing: &str) -> String {
        let mut said = String::new();
        for operation in operations() {
            // What ends the session, and what would win the case.
            if ["log_out", "take_case_now"].contains(&operation.id.as_str()) {
                continue;
            }
            let (mut noun, mut parts) = ("", Vec::new());
            for part in operation.path.split('/') {
                let place = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
                parts.push(match place {
                    Some("id") => self.id_for(noun, listing).await,
                    Some(name) => self.id_for(name, listing).await,
                    None => part.to_owned(),
                });
                noun = part;
            }
            let path = parts.join("/");
            let answer = match operation.method.as_str() {
                "GET" => agency.get(&path).await,
                "POST" => agency.post(&path, &json!({})).await,
                "PUT" => agency.put(&path, Some("\"v1\""), &json!({})).await,
                _ => agency.delete(&path, Some("\"v1\"")).await,
            };
            for (name, value) in &answer.headers {
                said += &format!("{name}: {}\n", value.to_str().unwrap_or_default());
            }
            said += &answer.text;
        }
        said
    }
}

#[actix_web::test]
async fn no_operation_mail_notice_or_log_line_tells_an_agency_who_owes() {
    listen();
    let scene = Scene::new().await;
    let search = json!({ "name": "Spain", "criteria": { "countries": ["ES"] }, "alerts": true });
    for agency in [&scene.agency, &scene.rival] {
        agency.post("/api/v1/saved-searches", &search).await.expect(201);
    }
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_200).await;
    let question = json!({ "question": "Is there a signed delivery note?" });
    let asked = scene.agency.post(&format!("{listing}/questions"), &question).await.expect(201);
    let answer = json!({ "answer": "Yes, Marcador Hermanos SA signed it in Villasecreta (A46353538, +34 600112233)." });
    scene.creditor.post(&format!("/api/v1/questions/{}/answer", text(&asked["id"])), &answer).await.expect(201);
    scene.world.work().await;
    for agency in [&scene.agency, &scene.rival] {
        names_nobody("an answer", &scene.ask_everything(agency, &listing).await);
        names_nobody("a notice", &agency.get("/api/v1/notifications").await.text);
    }
    scene.creditor.delete(&scene.at("/listing"), None).await.expect(200);
    scene.world.work().await;
    for mail in outbox(&scene).into_iter().filter(|mail| mail.contains("agency11") || mail.contains("agency12")) {
        names_nobody("a mail", &mail);
    }
    let logged = logged();
    assert!(logged.contains("/api/v1/listings"), "nothing was logged");
    names_nobody("the log", &logged);
    scene.finish().await;
}

/// Mails as they were left, with the line breaks of their encoding taken out.
fn outbox(scene: &Scene) -> Vec<String> {
    let folder = scene.world.app.settings.var.join("outbox");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mails: Vec<String> =
        files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).map(|mail| mail.replace("=\r\n", "")).collect();
    assert!(mails.iter().any(|mail| mail.contains("agency11")), "no mail went to the agency");
    mails
}

#[actix_web::test]
async fn nothing_that_is_answered_tells_whether_a_rival_has_offered() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let paths = [
        listing.clone(),
        "/api/v1/listings".to_owned(),
        format!("{listing}/questions"),
        format!("{listing}/qualification"),
        "/api/v1/offers".to_owned(),
        "/api/v1/notifications".to_owned(),
    ];
    let before = all_that_is_told(&scene.rival, &paths).await;
    offer(&scene.agency, &listing, 1_200).await;
    scene.world.work().await;
    assert_eq!(all_that_is_told(&scene.rival, &paths).await, before);
    let tiers =
        json!([{ "from_day": 0, "rate_bp": 500 }, { "from_day": 30, "rate_bp": 900 }, { "from_day": 90, "rate_bp": 1_700 }]);
    let mut long = promises(0);
    long["fee"] = json!({ "model": "tiered_by_time", "tiers": tiers });
    long["languages"] = json!(["es", "fr", "en"]);
    long.as_object_mut().unwrap().remove("fee_bp");
    scene.rival.post(&format!("{listing}/offers"), &long).await.expect(201);
    // Whoever reads the table sees ciphers of one length.
    let lengths = "DO $$ BEGIN IF (SELECT count(DISTINCT length(sealed_terms)) FROM offers) <> 1 THEN RAISE EXCEPTION 'lengths tell'; END IF; END $$";
    scene.world.try_as_owner(lengths).await.expect("one length");
    scene.finish().await;
}

/// Bodies, and headers but those that differ from one answer to the next anyway.
async fn all_that_is_told(agency: &Client, paths: &[String]) -> Vec<String> {
    let mut told = Vec::new();
    for path in paths {
        let answer = agency.get(path).await;
        let headers = answer.headers.iter().filter(|(name, _)| !["date", "ratelimit", "x-request-id"].contains(&name.as_str()));
        let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.sort_unstable();
        told.push(format!("{path} {} {} {}", answer.status, headers.join(" "), answer.text));
    }
    told
}

//! Codes of an authenticator after the password.

use entente::types::Clock;
use serde_json::json;
use totp_rs::{Builder, Secret};

use super::browser::{Browser, Page};
use crate::support::{PASSWORD, World, parties::email};

const HERE: &str = "/portal/account/second-factor";

/// What the authenticator shows `steps` half-minutes from now.
fn code(secret: &str, steps: i64) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(u64::try_from(Clock::real().now().timestamp() + 30 * steps).unwrap()).to_string()
}

fn between<'a>(page: &'a Page, start: &str, end: &str) -> &'a str {
    page.html.split(start).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_else(|| panic!("no {start} on {}", page.html))
}

/// Sets a factor up; answers with its secret and a recovery code.
async fn set_up(browser: &Browser) -> (String, String) {
    let page = browser.open(HERE).await.expect(200);
    let page = browser.send(&page, HERE, &[]).await.expect(200);
    let secret = between(&page, "<span class=\"hash\">", "<").to_owned();
    assert!(page.html.contains("<svg"));
    let confirmation = format!("{HERE}/confirmation");
    browser.send(&page, &confirmation, &[("code", "000000")]).await.expect(422).shows(&["this code is wrong"]);
    let shown = browser.send(&page, &confirmation, &[("code", &code(&secret, -1))]).await.expect(200);
    assert_eq!(shown.html.matches("<li class=\"hash\">").count(), 10);
    (secret, between(&shown, "<li class=\"hash\">", "<").to_owned())
}

#[actix_web::test]
async fn after_the_password_a_code_is_asked_for_and_serves_once() {
    let world = World::new().await;
    world.creditor(1).await;
    world.as_owner("UPDATE members SET language = 'en'").await;
    let address = email("creditor", 1);
    let (secret, recovery) = set_up(&world.logged_in(&address).await).await;

    let now = code(&secret, 0);
    let browser = world.browser();
    let asked = browser.log_in(&address, PASSWORD).await.expect(200).shows(&["Your code"]);
    assert_eq!(browser.cookie("entente_session"), None, "the password alone opens nothing");
    browser.send(&asked, "/portal/log-in/code", &[("code", "123456")]).await.expect(401).shows(&["This code is wrong"]);
    assert_eq!(browser.send(&asked, "/portal/log-in/code", &[("code", &now)]).await.path, "/portal");

    for (used, what) in [(now.as_str(), "a code that was used"), (code(&secret, -1).as_str(), "an older one")] {
        let other = world.browser();
        let asked = other.log_in(&address, PASSWORD).await;
        other.send(&asked, "/portal/log-in/code", &[("code", used)]).await.expect(401);
        assert_eq!(other.cookie("entente_session"), None, "{what}");
    }
    for expected in ["/portal", "/portal/log-in/code"] {
        let other = world.browser();
        let asked = other.log_in(&address, PASSWORD).await;
        let page = other.send(&asked, "/portal/log-in/code", &[("code", &recovery)]).await;
        assert_eq!(page.path, expected, "a recovery code serves once");
    }
    world.finish().await;
}

#[actix_web::test]
async fn programs_send_the_code_with_the_password_and_a_factor_can_be_taken_away() {
    let world = World::new().await;
    world.creditor(1).await;
    world.as_owner("UPDATE members SET language = 'en'").await;
    let address = email("creditor", 1);
    let browser = world.logged_in(&address).await;
    let (secret, recovery) = set_up(&browser).await;
    let log_in = async |code: Option<&str>| {
        let body = json!({ "email": address, "password": PASSWORD, "code": code });
        world.stranger().post("/api/v1/sessions", &body).await
    };
    log_in(None).await.problem(401, "unauthenticated");
    log_in(Some("123456")).await.problem(422, "invalid");
    log_in(Some(&code(&secret, 0))).await.expect(201);

    let page = browser.open(HERE).await.expect(200);
    let removal = format!("{HERE}/removal");
    browser.send(&page, &removal, &[("code", "123456")]).await.expect(422);
    browser.send(&page, &removal, &[("code", &recovery)]).await.expect(200).shows(&["No code is asked for any more."]);
    log_in(None).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn before_much_money_moves_the_password_is_asked_for_again() {
    let desks = super::journeys::Desks::open().await;
    let path = desks.engage().await;
    let today = desks.world.now().date_naive().to_string();
    let typed = [("amount", "1.500,00"), ("received_on", today.as_str()), ("bank_reference", "T-9"), ("route", "agency_account")];
    let case = desks.agency.open(&path).await.expect(200);
    desks.agency.send(&case, &format!("{path}/payments"), &typed).await.expect(200);
    desks.world.as_owner("UPDATE portal_sessions SET proven_at = proven_at - interval '1 hour'").await;
    let page = desks.creditor.open("/portal/payments").await.expect(200);
    let answer = page.action("/portal/payments/pay_", "");
    desks.world.as_owner("UPDATE payments SET amount_minor = 1000000 WHERE bank_reference = 'T-9'").await;
    let asked =
        desks.creditor.send(&page, &answer, &[("answer", "confirm")]).await.expect(200).shows(&["Show again who you are"]);
    desks.world.as_owner("UPDATE payments SET amount_minor = 150000 WHERE bank_reference = 'T-9'").await;
    let wrong = desks.creditor.send(&asked, "/portal/proof", &[("password", "wrong-horses-cross")]).await.expect(422);
    assert!(!wrong.html.contains("wrong-horses-cross"), "{}", wrong.html);
    let back = desks.creditor.send(&wrong, "/portal/proof", &[("password", PASSWORD)]).await.expect(200);
    assert!(back.path.starts_with("/portal/payments"), "{}", back.path);
    let back = back.shows(&["Thank you. Now do it again."]);
    desks.creditor.send(&back, &answer, &[("answer", "confirm")]).await.expect(200).shows(&["Confirmed."]);
    desks.world.work().await;
    desks.world.finish().await;
}

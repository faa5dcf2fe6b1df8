//! Passwords set by a link in a mail: forgotten ones, and the first one of whoever was invited.

use std::fs;

use super::browser::{Browser, Page};
use crate::support::{PASSWORD, World, parties::email};

const NEW: &str = "copper-lanterns-over-quiet-water-4";

/// The links of the mails to an address, as they stand in the text, oldest first.
fn links(world: &World, to: &str) -> Vec<String> {
    let files = fs::read_dir(world.app.settings.var.join("outbox")).into_iter().flatten().flatten();
    let mut mails: Vec<_> = files.map(|file| (file.metadata().unwrap().modified().unwrap(), file.path())).collect();
    mails.sort();
    let texts = mails.into_iter().filter_map(|(_, path)| fs::read_to_string(path).ok());
    texts.filter(|text| text.contains(&format!("To: {to}"))).filter_map(|text| link_in(&text)).collect()
}

/// The path and query of the link in a mail (quoted-printable).
fn link_in(mail: &str) -> Option<String> {
    let plain = mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    let from = plain.split("/portal/password?link=").nth(1)?;
    let token: String = from.chars().take_while(|c| !c.is_whitespace() && !"\"<)".contains(*c)).collect();
    Some(format!("/portal/password?link={}", token.replace("&amp;", "&")))
}

async fn forget(browser: &Browser, address: &str) -> Page {
    let page = browser.open("/portal/forgotten").await.expect(200);
    browser.send(&page, "/portal/forgotten?lang=en", &[("email", address)]).await
}

async fn set(browser: &Browser, page: &Page, password: &str) -> Page {
    browser.send(page, "/portal/password?lang=en", &[("new_password", password)]).await
}

#[actix_web::test]
async fn a_forgotten_password_is_set_anew_by_a_mail_once() {
    let world = World::new().await;
    world.creditor(1).await;
    let address = email("creditor", 1);
    let logged_in = world.logged_in(&address).await;
    let browser = world.browser();
    let said = forget(&browser, &address).await.expect(200).shows(&["a mail with the link is on its way"]);
    let of_nobody = forget(&browser, "nobody@nowhere.example").await.expect(200);
    assert_eq!(said.text(), of_nobody.text(), "an answer does not tell who has an account");
    world.work().await;
    forget(&browser, &address).await.expect(200);
    world.work().await;
    let sent = links(&world, &address);
    assert_eq!(sent.len(), 1, "who asks again at once finds the mail in the box already");
    assert!(links(&world, "nobody@nowhere.example").is_empty());

    let other = world.browser();
    let late = other.open(&sent[0]).await.expect(200);
    let page = browser.open(&sent[0]).await.expect(200).shows(&[&address]);
    set(&browser, &page, "password").await.expect(422).shows(&["too easy to guess"]);
    assert_eq!(set(&browser, &page, NEW).await.path, "/portal/log-in");
    assert!(logged_in.open("/portal/account").await.path.starts_with("/portal/log-in"), "every session has ended");
    browser.log_in(&address, PASSWORD).await.expect(401);
    assert_eq!(browser.log_in(&address, NEW).await.path, "/portal");
    browser.open(&sent[0]).await.expect(410).shows(&["This link serves no more"]);
    set(&other, &late, "another-copper-lantern-77").await.expect(410);
    world.finish().await;
}

#[actix_web::test]
async fn a_link_serves_in_its_time_and_is_nobody_elses_to_make() {
    let world = World::new().await;
    world.creditor(1).await;
    let address = email("creditor", 1);
    let browser = world.browser();
    forget(&browser, &address).await.expect(200);
    world.work().await;
    let link = links(&world, &address).remove(0);
    let bent = link.replace("&lang", "A&lang");
    browser.open(&bent).await.expect(410);
    browser.open("/portal/password").await.expect(410);
    browser.open(&link).await.expect(200);
    world.as_owner("UPDATE password_links SET expires_at = now()").await;
    browser.open(&link).await.expect(410);
    world
        .as_owner("UPDATE password_links SET expires_at = now() + interval '1 hour'; UPDATE members SET disabled_at = now()")
        .await;
    browser.open(&link).await.expect(410);
    world.finish().await;
}

#[actix_web::test]
async fn who_is_invited_sets_the_first_password_and_logs_in() {
    let world = World::new().await;
    world.creditor(1).await;
    world.as_owner("UPDATE members SET language = 'en'").await;
    let admin = world.logged_in(&email("creditor", 1)).await;
    let page = admin.open("/portal/members").await.expect(200);
    let invited = [("full_name", "Bea Nueva"), ("email", "bea@creditor1.example"), ("role", "sales"), ("language", "en")];
    admin.send(&page, "/portal/members", &invited).await.expect(200).shows(&["Invited.", "Bea Nueva"]);
    world.work().await;
    let link = links(&world, "bea@creditor1.example").remove(0);
    let browser = world.browser();
    let page = browser.open(&link).await.expect(200).shows(&["Welcome to CREDITOR 1 SL"]);
    set(&browser, &page, NEW).await.expect(200);
    assert_eq!(browser.log_in("bea@creditor1.example", NEW).await.path, "/portal");
    world.finish().await;
}

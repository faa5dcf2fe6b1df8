//! Who is let into a portal, for how long, and by which forms.

use crate::support::{PASSWORD, World, cif, parties::email};

#[actix_web::test]
async fn nobody_sees_a_page_before_the_log_in_and_it_leads_back_to_the_page() {
    let world = World::new().await;
    world.creditor(1).await;
    let browser = world.browser();
    for path in ["/portal/account", "/portal/members", "/portal/nowhere"] {
        let page = browser.open(path).await.expect(200);
        assert_eq!(page.path, format!("/portal/log-in?next={path}"));
    }
    let page = browser.open("/portal/log-in?next=/portal/members").await;
    let page = browser.send(&page, "/portal/log-in", &[("email", &email("creditor", 1)), ("password", PASSWORD)]).await;
    assert_eq!(page.path, "/portal/members");
    let page = page.expect(200).shows(&["Ana creditor 1", "CREDITOR 1 SL", "Administrator", "Log out"]);
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert_eq!(page.headers["cache-control"], "no-store");
    world.finish().await;
}

#[actix_web::test]
async fn a_company_signs_up_in_the_browser_and_is_in() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.open("/portal/sign-up").await.expect(200);
    let number = cif(41);
    let filled = |number: &'static str| {
        [
            ("kind", "creditor"),
            ("company_number", number),
            ("legal_name", "Talleres Nuevos SL"),
            ("street", "Calle Mayor 1"),
            ("postal_code", "28013"),
            ("city", "Madrid"),
            ("company_email", "hola@nuevos.example"),
            ("iban", "ES9121000418450200051332"),
            ("full_name", "Ana Nueva"),
            ("email", "ana@nuevos.example"),
            ("new_password", PASSWORD),
        ]
    };
    let refused = browser.send(&page, "/portal/sign-up", &filled("B12345678")).await.expect(422);
    let refused = refused.shows(&["check digit"]);
    assert!(refused.html.contains("value=\"Talleres Nuevos SL\"") && !refused.html.contains(PASSWORD), "{}", refused.html);
    let number: &'static str = number.leak();
    let inside = browser.send(&refused, "/portal/sign-up", &filled(number)).await.expect(200);
    assert_eq!(inside.path, "/portal");
    inside.shows(&["Ana Nueva", "Talleres Nuevos SL"]);
    let again = world.browser();
    let page = again.open("/portal/sign-up").await.expect(200);
    again.send(&page, "/portal/sign-up", &filled(number)).await.expect(409).shows(&["signed up"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_wrong_password_says_no_more_than_that_and_too_many_must_wait() {
    let world = World::new().await;
    world.creditor(4040).await;
    let browser = world.browser();
    for address in [email("creditor", 4040), "nobody@nowhere.example".to_owned()] {
        let page = browser.log_in(&address, "wrong").await.expect(401);
        assert!(page.shows(&["The mail address or the password is wrong."]).html.contains(&format!("value=\"{address}\"")));
    }
    for _ in 0..9 {
        browser.log_in(&email("creditor", 4040), "wrong").await.expect(401);
    }
    browser.log_in(&email("creditor", 4040), PASSWORD).await.expect(429).shows(&["Wait a quarter of an hour"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_form_of_another_site_or_without_its_token_does_nothing() {
    let world = World::new().await;
    world.creditor(1).await;
    let browser = world.logged_in(&email("creditor", 1)).await;
    let page = browser.open("/portal/account").await.expect(200);
    browser.post("/portal/account/language", "language=es", &[]).await.expect(403).shows(&["You may not do this"]);
    let token = page.html.split("name=\"form_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let whole = format!("language=es&form_token={token}");
    for site in ["cross-site", "same-site"] {
        browser.post("/portal/account/language", &whole, &[("sec-fetch-site", site)]).await.expect(403);
    }
    let stranger = world.browser();
    stranger.post("/portal/log-out", &whole, &[]).await.expect(200).shows(&["Log in"]);
    stranger.post("/portal/log-in", &format!("email=a&password=b&form_token={token}"), &[]).await.expect(403);
    browser.open("/portal/account").await.expect(200).shows(&["Your account"]);
    let page = browser.send(&page, "/portal/account/language", &[("language", "es")]).await;
    page.expect(200).shows(&["Su cuenta", "A partir de ahora sus páginas están en español."]);
    browser.open("/portal/account").await.hides(&["A partir de ahora"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_session_ends_with_its_log_out_its_idle_time_its_absolute_time_and_its_owner() {
    let world = World::new().await;
    world.creditor(1).await;
    let address = email("creditor", 1);
    let is_in = async |browser: &super::browser::Browser| browser.open("/portal/account").await.path == "/portal/account";

    let browser = world.logged_in(&address).await;
    let token = browser.cookie("entente_session").unwrap();
    let page = browser.open("/portal/account").await;
    browser.send(&page, "/portal/log-out", &[]).await.shows(&["Log in"]);
    assert_eq!(browser.cookie("entente_session"), None);
    browser.set_cookie("entente_session", &token);
    assert!(!is_in(&browser).await, "the token itself is worth nothing any more");

    for (what, sql) in [
        ("idle", "UPDATE portal_sessions SET seen_at = seen_at - interval '121 minutes'"),
        ("absolute", "UPDATE portal_sessions SET expires_at = expires_at - interval '12 hours'"),
        ("closed", "UPDATE members SET disabled_at = now()"),
    ] {
        let browser = world.logged_in(&address).await;
        assert!(is_in(&browser).await, "{what}");
        world.as_owner(sql).await;
        assert!(!is_in(&browser).await, "{what}");
    }
    world.as_owner("UPDATE members SET disabled_at = NULL; UPDATE organisations SET suspended_at = now()").await;
    world.browser().log_in(&address, PASSWORD).await.expect(403).shows(&["Your organisation is suspended."]);
    world.finish().await;
}

#[actix_web::test]
async fn a_new_password_ends_every_other_session_and_the_old_one_opens_nothing() {
    let world = World::new().await;
    world.creditor(1).await;
    let address = email("creditor", 1);
    let (here, there) = (world.logged_in(&address).await, world.logged_in(&address).await);
    let page = here.open("/portal/account").await.expect(200).shows(&["This one", "Log out there"]);
    let new = "copper-lanterns-over-quiet-water-4";
    let change = "/portal/account/password";
    let wrong = here.send(&page, change, &[("password", "wrong"), ("new_password", new)]).await.expect(422);
    wrong.shows(&["this is not your present password"]).hides(&[new]);
    here.send(&page, change, &[("password", PASSWORD), ("new_password", "password")])
        .await
        .expect(422)
        .shows(&["too easy to guess"]);
    here.send(&page, change, &[("password", PASSWORD), ("new_password", new)])
        .await
        .expect(200)
        .shows(&["Your password is changed."]);
    assert_eq!(here.open("/portal/account").await.path, "/portal/account");
    assert!(there.open("/portal/account").await.path.starts_with("/portal/log-in"));
    world.browser().log_in(&address, PASSWORD).await.expect(401);
    assert_eq!(world.browser().log_in(&address, new).await.path, "/portal");
    world.finish().await;
}

#[actix_web::test]
async fn a_browser_left_behind_can_be_logged_out_but_not_somebody_elses() {
    let world = World::new().await;
    world.creditor(1).await;
    world.creditor(2).await;
    let (here, there) = (world.logged_in(&email("creditor", 1)).await, world.logged_in(&email("creditor", 1)).await);
    let stranger = world.logged_in(&email("creditor", 2)).await;
    let page = here.open("/portal/account").await;
    let end = page.action("/portal/account/devices/", "/end");
    let other = stranger.open("/portal/account").await;
    let token = other.html.split("name=\"form_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    stranger.post(&end, &format!("form_token={token}"), &[]).await;
    assert_eq!(there.open("/portal/account").await.path, "/portal/account", "a stranger's form changes nothing");
    here.send(&page, &end, &[]).await.shows(&["That browser is logged out."]);
    assert!(there.open("/portal/account").await.path.starts_with("/portal/log-in"));
    world.finish().await;
}

#[actix_web::test]
async fn administrators_take_people_in_and_nobody_else_does() {
    let world = World::new().await;
    world.creditor(1).await;
    let admin = world.logged_in(&email("creditor", 1)).await;
    let page =
        admin.open("/portal/members").await.expect(200).shows(&["Credit manager", "Take somebody in"]).hides(&["Supervisor"]);
    let typed = [("full_name", "Bea Soler"), ("email", "bea@acme.example"), ("role", "sales"), ("language", "")];
    let mut wrong = typed;
    wrong[1].1 = "bea";
    let again = admin.send(&page, "/portal/members", &wrong).await.expect(422);
    assert!(again.html.contains("value=\"Bea Soler\"") && again.html.contains("value=\"sales\" selected"), "{}", again.html);
    admin.send(&page, "/portal/members", &typed).await.expect(200).shows(&["Bea Soler", "bea@acme.example", "Invited."]);
    let twice = admin.send(&page, "/portal/members", &typed).await.expect(200);
    assert_eq!(twice.html.matches(">Bea Soler<").count(), 1, "the same form sent again");
    let fresh = admin.open("/portal/members").await;
    admin.send(&fresh, "/portal/members", &typed).await.expect(409).shows(&["is here already"]);

    // The invitation is followed in `passwords.rs`; here the password is as if it had been.
    world.as_owner("UPDATE members SET password_hash = (SELECT password_hash FROM members WHERE full_name LIKE 'Ana %')").await;
    let sales = world.logged_in("bea@acme.example").await;
    sales.open("/portal/members").await.expect(403).shows(&["You may not do this"]).hides(&["Take somebody in"]);
    let account = sales.open("/portal/account").await.hides(&["People"]);
    let token = account.html.split("name=\"form_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    sales.post("/portal/members", &format!("form_token={token}&full_name=X"), &[]).await.expect(403);
    world.finish().await;
}

//! The house stays as drawn: imports run one way, SQL stands in stores, commands do not reach the network.

use std::{collections::BTreeMap, fs, path::Path};

use crate::support::World;

/// Who may import whom (`use crate::…`), by the first part of the path. What a row does not name is refused.
/// `routes`, `workers`, `server` and the program itself stand on top and are free.
const ALLOWED: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("paper", &["types"]),
    ("config", &[]),
    ("keys", &["types"]),
    ("db", &["types"]),
    ("vault", &["config", "keys"]),
    ("app", &["config", "db", "keys", "types", "vault"]),
    ("jobs", &["app", "db", "types"]),
    ("mailer", &["app", "config", "jobs", "paper", "types"]),
    ("http", &["app", "db", "types"]),
    ("pages", &["http", "paper", "types"]),
    ("health", &["app", "db", "http", "jobs"]),
    ("clock", &["app", "http", "parties", "types", "workers"]),
    ("ledger", &["app", "db", "http", "types"]),
    ("parties", &["app", "config", "db", "http", "jobs", "keys", "paper", "types"]),
    ("settlement", &["app", "db", "http", "jobs", "ledger", "paper", "parties", "types"]),
    ("receivables", &["app", "db", "http", "jobs", "paper", "parties", "types"]),
    ("cases", &["app", "db", "http", "jobs", "pages", "paper", "parties", "receivables", "types"]),
    ("uploads", &["app", "cases", "db", "http", "jobs", "parties", "receivables", "types", "vault"]),
    (
        "market",
        &["app", "cases", "db", "http", "jobs", "keys", "pages", "paper", "parties", "receivables", "settlement", "types"],
    ),
    (
        "recovery",
        &["app", "cases", "config", "db", "http", "jobs", "mailer", "pages", "paper", "parties", "receivables", "types"],
    ),
    (
        "payments",
        &[
            "app",
            "cases",
            "db",
            "http",
            "jobs",
            "ledger",
            "mailer",
            "pages",
            "paper",
            "parties",
            "receivables",
            "settlement",
            "types",
        ],
    ),
    ("bank", &["app", "cases", "db", "http", "jobs", "ledger", "parties", "payments", "receivables", "settlement", "types"]),
    ("notices", &["app", "cases", "credit", "db", "http", "jobs", "mailer", "paper", "parties", "receivables", "types"]),
    ("credit", &["app", "cases", "db", "http", "jobs", "parties", "receivables", "types"]),
    ("insight", &["app", "cases", "credit", "db", "http", "jobs", "mailer", "paper", "parties", "receivables", "types"]),
    (
        "portal",
        &[
            "app",
            "bank",
            "cases",
            "credit",
            "db",
            "http",
            "insight",
            "jobs",
            "keys",
            "ledger",
            "market",
            "notices",
            "pages",
            "paper",
            "parties",
            "payments",
            "receivables",
            "recovery",
            "settlement",
            "types",
            "uploads",
        ],
    ),
];

const ON_TOP: &[&str] = &["lib", "main", "routes", "server", "workers", "cli"];

#[test]
fn imports_run_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let own = owner(&file);
        if ON_TOP.contains(&own.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(own.as_str()) else {
            wrong.push(format!("{file}: `{own}` has no row in the table"));
            continue;
        };
        for used in imports(&text) {
            if used != own && !may.contains(&used.as_str()) {
                wrong.push(format!("{file}: `{own}` may not use `{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sql_stands_in_stores() {
    let homes = ["store.rs", "/store/", "src/db/", "src/jobs/", "src/http/idempotency.rs", "src/app.rs"];
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(file, _)| !homes.iter().any(|home| file.contains(home)))
        .filter(|(_, text)| ["statement! {", "sql_query("].iter().any(|sign| text.contains(sign)))
        .map(|(file, _)| file)
        .collect();
    assert!(offenders.is_empty(), "SQL outside a store: {offenders:?}");
}

#[test]
fn only_channels_reach_the_network() {
    let homes = [
        "src/mailer.rs",
        "src/server.rs",
        "src/cli/",
        "src/recovery/channels/",
        "src/notices/alerts/webhook/post.rs",
        "src/payments/stripe/gateway.rs",
    ];
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(file, _)| !homes.iter().any(|home| file.contains(home)))
        .filter(|(_, text)| ["reqwest::", "SmtpTransport", "TcpStream"].iter().any(|sign| text.contains(sign)))
        .map(|(file, _)| file)
        .collect();
    assert!(offenders.is_empty(), "network outside a channel: {offenders:?}");
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 40, "the sources were not found");
    found
}

fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below the package").display().to_string();
            let text = fs::read_to_string(&path).expect("a text");
            found.push((name, text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()));
        }
    }
}

/// The folder or file directly below `src`.
fn owner(file: &str) -> String {
    let below = file.strip_prefix("src/").unwrap_or(file);
    below.split('/').next().unwrap_or(below).trim_end_matches(".rs").to_owned()
}

/// First path parts after `crate::`, also inside `use crate::{a::…, b}`.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (position, _) in text.match_indices("crate::") {
        let before = text[..position].chars().last();
        if before.is_some_and(|c| c == '$' || c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[position + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group)),
            None => found.push(head(rest)),
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn head(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0, Vec::new(), 0);
    for (position, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(head(group[start..position].trim_start()));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(head(group[start..position].trim_start()));
                start = position + 1;
            }
            _ => {}
        }
    }
    heads
}

/// Under row-level security PostgreSQL hands only leakproof comparisons to an index, and hardly a function is leakproof: an index
/// on an expression is kept up by every write and searched by nobody.
#[actix_web::test]
async fn tables_under_row_security_are_indexed_by_plain_columns() {
    let world = World::new().await;
    let checked = world
        .try_as_owner(
            "DO $$ DECLARE unused text; BEGIN
                SELECT string_agg(indexrelid::regclass::text, ', ') INTO unused FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
                WHERE relrowsecurity AND indexprs IS NOT NULL;
                IF unused IS NOT NULL THEN RAISE EXCEPTION 'indexes on expressions: %', unused; END IF;
             END $$",
        )
        .await;
    assert_eq!(checked, Ok(()));
    world.finish().await;
}

//! The demonstration as a user runs it, and what is left of it when its process is killed half-way.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use entente::db::private::{PrivateServer, Purpose};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use secrecy::ExposeSecret;
use serde_json::json;

use super::support::Client;

const PROGRAM: &str = env!("CARGO_BIN_EXE_entente");
const OPERATOR: &str = "night-watch@entente.example";
const PASSWORD: &str = "seven-herons-over-the-weir-4";
const READY_WITHIN: Duration = Duration::from_secs(120);

/// A folder of its own, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn program(&self, var: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(&self.0).env("ENTENTE_VAR", var).env_remove("DATABASE_URL").stdin(Stdio::null());
        command
    }
}

impl Drop for Folder {
    /// A test that failed may have left the database of a killed program running.
    fn drop(&mut self) {
        let pid_file = self.0.join("var/demo/postgres/data/postmaster.pid");
        let pid = std::fs::read_to_string(pid_file).ok().and_then(|text| text.lines().next()?.parse().ok());
        if let Some(pid) = pid.map(Pid::from_raw)
            && kill(pid, Signal::SIGQUIT).is_ok()
        {
            let since = Instant::now();
            while kill(pid, None).is_ok() && since.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays behind: {error}", self.0.display());
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_demonstration_ends_with_books_that_agree() {
    let folder = Folder::new("demo");
    let output = folder.program(&folder.0.join("var"), &["demo"]).env("ONCE", "1").output().expect("the program runs");
    let told = succeeded(&output);
    assert_eq!(told.lines().last(), Some("reconciled: 0 differences"), "{told}");
    assert!(!told.contains("DIFFERS"), "{told}");
    assert!(!told.contains('\u{1b}'), "colours belong on terminals alone");
    for chapter in 1..=8 {
        assert!(told.contains(&format!("── {chapter} · ")), "chapter {chapter} is missing: {told}");
    }
}

/// Figures that a payment lost or counted twice would set at odds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
struct Figures {
    #[diesel(sql_type = BigInt)]
    confirmed: i64,
    #[diesel(sql_type = BigInt)]
    posted: i64,
    #[diesel(sql_type = BigInt)]
    confirmed_minor: i64,
    #[diesel(sql_type = BigInt)]
    posted_minor: i64,
    #[diesel(sql_type = BigInt)]
    allocated_minor: i64,
    #[diesel(sql_type = BigInt)]
    recovered_minor: i64,
    #[diesel(sql_type = BigInt)]
    paid_out: i64,
    #[diesel(sql_type = BigInt)]
    paid_out_posted: i64,
    #[diesel(sql_type = BigInt)]
    dead_jobs: i64,
}

const FIGURES: &str = "SELECT
    (SELECT count(*) FROM payments WHERE status = 'confirmed') AS confirmed,
    (SELECT count(*) FROM ledger_transactions WHERE kind = 'payment.confirmed') AS posted,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM payments WHERE status = 'confirmed') AS confirmed_minor,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entries
        JOIN ledger_transactions ON ledger_transactions.id = transaction_id
        WHERE ledger_transactions.kind = 'payment.confirmed' AND amount_minor > 0) AS posted_minor,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM allocations) AS allocated_minor,
    (SELECT coalesce(sum(recovered_minor), 0)::bigint FROM cases) AS recovered_minor,
    (SELECT count(*) FROM payouts WHERE status = 'paid') AS paid_out,
    (SELECT count(*) FROM ledger_transactions WHERE kind = 'payout.paid') AS paid_out_posted,
    (SELECT count(*) FROM jobs WHERE dead_at IS NOT NULL) AS dead_jobs";

async fn figures(var: &Path) -> Figures {
    let server = PrivateServer::start(&var.join("postgres"), Purpose::Production).await.expect("the database comes back");
    let mut conn =
        AsyncPgConnection::establish(server.owner_url("entente").expose_secret()).await.expect("the owner may connect");
    diesel::sql_query(FIGURES).get_result(&mut conn).await.expect("figures")
}

/// Plays until the `nth` line that contains `sign`, then kills the process; returns what was told.
fn killed_at(folder: &Folder, var: &Path, sign: &str, nth: usize) -> Vec<String> {
    let mut demo = folder.program(var, &["demo"]).env("ONCE", "1").stdout(Stdio::piped()).spawn().expect("the program runs");
    let lines = BufReader::new(demo.stdout.take().expect("its output")).lines();
    let mut told = Vec::new();
    for line in lines {
        let line = line.expect("text");
        told.push(line);
        if told.iter().filter(|line| line.contains(sign)).count() == nth {
            break;
        }
    }
    demo.kill().expect("it can be killed");
    demo.wait().expect("it is gone");
    told
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            drop(self.0.wait());
        }
    }
}

/// `entente serve` on what the killed process left behind, at the time where it left it.
async fn serve_again(folder: &Folder, var: &Path) -> (Server, Client) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
    let mut command = folder.program(var, &["serve"]);
    command.env("ENTENTE_LISTEN", format!("127.0.0.1:{port}")).env("ENTENTE_MOVABLE_CLOCK", "true").env("ENTENTE_LOG", "warn");
    let server = Server(command.stdout(Stdio::null()).spawn().expect("the program runs"));
    let client = Client::new(&format!("http://127.0.0.1:{port}"));
    let since = Instant::now();
    let probe = reqwest::Client::builder().no_proxy().build().expect("a client");
    while !probe
        .get(format!("http://127.0.0.1:{port}/health/ready"))
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
    {
        assert!(since.elapsed() < READY_WITHIN, "the server does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    (server, client)
}

async fn operator(folder: &Folder, var: &Path, client: &Client) -> Client {
    let mut create =
        folder.program(var, &["operator", "create", "--email", OPERATOR, "--name", "Nadia Night", "--password-stdin"]);
    let mut created =
        create.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    created.stdin.take().expect("its input").write_all(PASSWORD.as_bytes()).expect("the password is read");
    succeeded(&created.wait_with_output().expect("it ends"));
    let session = client.post("/api/v1/sessions", &json!({ "email": OPERATOR, "password": PASSWORD })).await.expect(201);
    client.with_token(session["access_token"].as_str().expect("a token"))
}

async fn a_killed_demonstration_loses_and_doubles_nothing(name: &str, sign: &str, nth: usize) {
    let folder = Folder::new(name);
    let var = folder.0.join("var/demo");
    let told = killed_at(&folder, &folder.0.join("var"), sign, nth);
    let told_confirmed =
        told.iter().filter(|line| line.contains("confirms the payment") || line.contains("counts at once")).count();
    let told_paid_out = told.iter().filter(|line| line.contains("  pays out ")).count();
    let before = figures(&var).await;

    let (server, client) = serve_again(&folder, &var).await;
    let operator = operator(&folder, &var, &client).await;
    let clock = client.get("/api/v1/clock").await.expect(200);
    let now: chrono::DateTime<chrono::Utc> = clock["now"].as_str().expect("a time").parse().expect("a time");
    // Jobs that the killed process held are free when its lease has run out.
    operator.put("/api/v1/clock", None, &json!({ "now": now + chrono::TimeDelta::minutes(10) })).await.expect(200);
    drop(server);

    let after = figures(&var).await;
    for figures in [before, after] {
        assert_eq!(figures.confirmed, figures.posted, "{figures:?}");
        assert_eq!(figures.confirmed_minor, figures.posted_minor, "{figures:?}");
        assert_eq!(figures.confirmed_minor, figures.allocated_minor, "{figures:?}");
        assert_eq!(figures.confirmed_minor, figures.recovered_minor, "{figures:?}");
        assert_eq!(figures.paid_out, figures.paid_out_posted, "{figures:?}");
    }
    assert_eq!(after.dead_jobs, 0);
    // What was told had happened; at most one more was on its way.
    let happened = |told: usize, found: i64| (told..=told + 1).contains(&usize::try_from(found).expect("a count"));
    assert!(happened(told_confirmed, before.confirmed), "{told_confirmed} confirmations were told: {before:?}");
    assert!(happened(told_paid_out, before.paid_out), "{told_paid_out} payouts were told: {before:?}");
    assert_eq!((before.confirmed, before.paid_out), (after.confirmed, after.paid_out));
    for verify in [["ledger", "verify"], ["audit", "verify"]] {
        succeeded(&folder.program(&var, &verify).output().expect("the program runs"));
    }
}

#[actix_web::test]
async fn a_demonstration_killed_after_a_payment_loses_and_doubles_nothing() {
    a_killed_demonstration_loses_and_doubles_nothing("demo-killed-paid", "confirms the payment", 1).await;
}

#[actix_web::test]
async fn a_demonstration_killed_after_a_payout_loses_and_doubles_nothing() {
    a_killed_demonstration_loses_and_doubles_nothing("demo-killed-out", "  pays out ", 2).await;
}

//! Where measurements take place: the built program on a private, durable PostgreSQL, pgbench beside it.

pub mod books;
pub mod claim;
pub mod engine;
pub mod http;
pub mod import;
pub mod list;
pub mod matching;
pub mod parse;
pub mod policy;
pub mod post_case;
pub mod reconcile;
pub mod reports;
pub mod score;
pub mod search;
pub mod settle;
pub mod start;
pub mod take_now_race;

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub const CLIENTS: usize = 8;
pub const SECONDS: u64 = 3;
pub const ROUNDS: usize = 5;

/// A folder of its own with the database; removed at the end.
pub struct Place {
    pub folder: PathBuf,
}

impl Place {
    pub async fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("bench-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { folder }
    }

    /// The program, serving; workers apart so that only requests are measured.
    pub async fn serve(&self) -> Served {
        self.serve_with(0).await
    }

    /// The program, serving and working.
    pub async fn serve_with(&self, workers: usize) -> Served {
        self.serve_on(workers, &[]).await
    }

    /// The same under other settings than the usual ones.
    pub async fn serve_on(&self, workers: usize, settings: &[(&str, &str)]) -> Served {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let began = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_entente"))
            .arg("serve")
            .current_dir(&self.folder)
            .env("ENTENTE_LISTEN", format!("127.0.0.1:{port}"))
            .env("ENTENTE_WORKERS", workers.to_string())
            .env("ENTENTE_LOG", "error")
            // Counted as ever, and never met.
            .env("ENTENTE_LIMITS__CREDENTIAL_PER_MINUTE", u32::MAX.to_string())
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut served = Served { child, address: format!("127.0.0.1:{port}"), ready_after: Duration::ZERO };
        loop {
            if http::get(&served.address, "/health/ready", None).await.is_some_and(|(status, _)| status == 200) {
                served.ready_after = began.elapsed();
                return served;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not get ready");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn sockets(&self) -> PathBuf {
        self.folder.join("var/postgres")
    }

    /// SQL as the owner: for filling tables.
    pub fn sql(&self, sql: &str) {
        let done = Command::new("psql")
            .arg("-h")
            .arg(self.sockets())
            .args(["-U", "entente_owner", "-q", "-v", "ON_ERROR_STOP=1", "entente", "-c", sql])
            .status()
            .expect("psql runs");
        assert!(done.success(), "{sql}");
    }

    /// What a query of one value answers.
    pub fn ask(&self, sql: &str) -> String {
        let output = Command::new("psql")
            .arg("-h")
            .arg(self.sockets())
            .args(["-U", "entente_owner", "-At", "entente", "-c", sql])
            .output()
            .expect("psql runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Transactions per second of a script under `pgbench -M prepared`.
    pub fn pgbench(&self, script: &str) -> f64 {
        let path = self.folder.join("floor.sql");
        std::fs::write(&path, script).unwrap();
        let output = Command::new(pgbench())
            .arg("-h")
            .arg(self.sockets())
            .args(["-U", "entente_runtime", "-n", "-M", "prepared", "-j", "2", "-D", "i=0"])
            .args(["-c", &CLIENTS.to_string(), "-T", &SECONDS.to_string(), "-f"])
            .arg(&path)
            .arg("entente")
            .output()
            .expect("pgbench runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text
            .lines()
            .find(|line| line.starts_with("tps = "))
            .unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        line.split_whitespace().nth(2).unwrap().parse().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::fs::remove_dir_all(&self.folder).is_err() {
            eprintln!("{} is left behind", self.folder.display());
        }
    }
}

fn pgbench() -> PathBuf {
    let debian =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin/pgbench"));
    debian.filter(|path| path.exists()).max().unwrap_or_else(|| "pgbench".into())
}

/// A running program.
pub struct Served {
    child: Child,
    pub address: String,
    pub ready_after: Duration,
}

impl Served {
    /// Resident memory in KiB.
    pub fn memory_kib(&self) -> u64 {
        self.status_kib("VmRSS:")
    }

    /// The most that was ever resident, in KiB.
    pub fn peak_memory_kib(&self) -> u64 {
        self.status_kib("VmHWM:")
    }

    fn status_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or("none 0 kB");
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        self.child.wait().expect("the program ends");
    }

    /// The access token of a fresh organisation's administrator.
    pub async fn creditor(&self, sign_up: &Value) -> String {
        let (status, text) = http::post(&self.address, "/api/v1/sign-up", None, sign_up).await;
        assert!(status == 201 || status == 409, "{text}");
        let log_in = json!({ "email": sign_up["admin"]["email"], "password": sign_up["admin"]["password"] });
        let (status, text) = http::post(&self.address, "/api/v1/sessions", None, &log_in).await;
        assert_eq!(status, 201, "{text}");
        let session: Value = serde_json::from_str(&text).unwrap();
        session["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) && self.child.kill().is_ok() {
            self.child.wait().expect("a killed program ends");
        }
    }
}

/// The creditor of all measurements.
pub fn sign_up() -> Value {
    json!({
        "kind": "creditor", "company_number": "A46353538", "legal_name": "Medidas SA", "iban": "ES9121000418450200051332",
        "address": { "street": "Calle Mayor 1", "postal_code": "28013", "city": "Madrid" }, "email": "hola@medidas.example",
        "admin": { "full_name": "Ana Medina", "email": "ana@medidas.example", "password": "grey-herons-cross-the-estuary-9" },
    })
}

/// An agency that looks for cases.
pub fn agency_sign_up() -> Value {
    json!({
        "kind": "agency", "company_number": "B12345674", "legal_name": "Agencia de Medidas SL", "iban": "ES9121000418450200051332",
        "address": { "street": "Calle Mayor 2", "postal_code": "28013", "city": "Madrid" }, "email": "hola@agencia.example",
        "admin": { "full_name": "Blas Medina", "email": "blas@agencia.example", "password": "grey-herons-cross-the-estuary-9" },
    })
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One line for machines, the same for people.
pub fn report(bench: &str, unit: &str, ours: f64, floor: Option<f64>, more: &Value) {
    let mut line = json!({ "bench": bench, "ours": round(ours), "floor": floor.map(round), "ratio": floor.map(|floor| round(ours / floor)), "unit": unit });
    for (key, value) in more.as_object().into_iter().flatten() {
        line[key] = value.clone();
    }
    println!("{line}");
}

pub fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

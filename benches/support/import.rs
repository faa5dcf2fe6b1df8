//! `import`: a list of invoices as CSV over HTTP into debtors, receivables, cases and events, against `COPY` of the very rows
//! it made into the same tables, emptied, with their indexes and foreign keys. Then memory and time per invoice at a million.
//!
//! Each import goes into a database of its own: truncated tables keep the statistics of what was in them, and plans made by those
//! are plans for tables that are not there.
//!
//! `-- import=10000,100000,1000000` are the sizes; smaller ones are for trying.

use std::{
    fmt::Write,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Place, Served, http, median, report, round, sign_up};

const ROUNDS: usize = 3;
const TABLES: [&str; 4] = ["debtors", "cases", "receivables", "events"];
const INVOICES_PER_DEBTOR: usize = 4;

/// Few, usual and very many invoices.
pub struct Sizes {
    pub small: usize,
    pub usual: usize,
    pub large: usize,
}

impl Sizes {
    /// From `10000,100000,1000000`.
    pub fn read(text: &str) -> Self {
        let sizes: Vec<usize> = text.split(',').map(|size| size.parse().expect("a number of invoices")).collect();
        Self { small: sizes[0], usual: sizes[1], large: sizes[2] }
    }
}

pub async fn measure(sizes: &Sizes) {
    let (small, ours, floor) = against_copy(sizes).await;
    let more = json!({ "invoices": sizes.usual, "target": "ratio ≤ 1.5" });
    report("import", "s", ours, Some(floor), &more);

    let large = Imported::new(sizes.large).await;
    report("import_memory", "MiB", large.peak_mib, None, &json!({ "invoices": sizes.large, "target": "≤ 256" }));
    let each = |seconds: f64, rows: usize| seconds * 1e6 / rows as f64;
    let (few, many) = (each(small, sizes.small), each(large.seconds, sizes.large));
    large.end();
    let more =
        json!({ "invoices": sizes.large, "compared_with": sizes.small, "us_each_when_few": round(few), "target": "ratio ≤ 1.3" });
    report("import_scale", "µs/invoice", many, Some(few), &more);
}

/// Seconds for a small import, for one of the usual size, and for `COPY` of what that one made: medians, in turn.
async fn against_copy(sizes: &Sizes) -> (f64, f64, f64) {
    let (mut small, mut ours, mut floors) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let few = Imported::new(sizes.small).await;
        small.push(few.seconds);
        few.end();
        let usual = Imported::new(sizes.usual).await;
        ours.push(usual.seconds);
        let files = copy_out(&usual.place);
        empty(&usual.place);
        floors.push(copy_in(&usual.place, &files));
        usual.end();
    }
    (median(small), median(ours), median(floors))
}

/// What an import left: seconds from the first byte sent until the last case was there, and the peak of memory.
struct Imported {
    place: Place,
    served: Served,
    seconds: f64,
    peak_mib: f64,
}

impl Imported {
    async fn new(rows: usize) -> Self {
        let place = Place::new().await;
        let served = place.serve_with(2).await;
        let seconds = upload(&served, rows).await;
        let peak_mib = served.peak_memory_kib() as f64 / 1024.0;
        Self { place, served, seconds, peak_mib }
    }

    /// The database goes with the program that started it.
    fn end(self) {
        self.served.stop();
    }
}

async fn upload(served: &Served, rows: usize) -> f64 {
    let token = served.creditor(&sign_up()).await;
    let list = list(rows);
    let path = "/api/v1/receivables/uploads?later=true&cases=per_invoice&start=false&file_name=bench.csv";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\nContent-Length: {}\r\n\r\n",
        list.len()
    );
    let request = [head.into_bytes(), list].concat();
    let began = Instant::now();
    let mut connection = http::Connection::open(&served.address).await.expect("a connection");
    let (status, text) = connection.send(&request).await.expect("an answer");
    assert_eq!(status, 202, "{text}");
    let upload: Value = serde_json::from_str(&text).unwrap();
    let path = format!("/api/v1/receivables/uploads/{}", upload["id"].as_str().unwrap());
    let poll = http::request("GET", &path, Some(&token), None);
    loop {
        let (_, text) = connection.send(&poll).await.expect("an answer");
        let upload: Value = serde_json::from_str(&text).unwrap();
        if upload["status"] == "done" {
            let took = began.elapsed().as_secs_f64();
            assert_eq!((&upload["accepted"], &upload["cases_opened"]), (&json!(rows), &json!(rows)), "{upload}");
            return took;
        }
        assert!(began.elapsed() < Duration::from_secs(1_800), "the import does not end: {upload}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn list(rows: usize) -> Vec<u8> {
    let mut text = String::with_capacity(rows * 120);
    text.push_str(
        "number;issued_on;due_on;amount;currency;debtor_name;debtor_kind;street;postal_code;city;email;purchase_order\n",
    );
    for row in 0..rows {
        // Customers come back throughout the list, as they do in a ledger.
        let debtor = row % rows.div_ceil(INVOICES_PER_DEBTOR);
        writeln!(
            text,
            "I-{row};2026-01-25;2026-02-24;{},{:02};EUR;Cliente {debtor} SL;business;Calle Mayor {};28{:03};Madrid;cuentas@c{debtor}.example;PED-{row}",
            100 + row % 9_000,
            row % 100,
            debtor % 200,
            debtor % 1_000
        )
        .unwrap();
    }
    text.into_bytes()
}

fn empty(place: &Place) {
    place.sql("SET client_min_messages = warning; TRUNCATE debtors, receivables, cases, events, uploads, jobs CASCADE");
    place.sql("CHECKPOINT");
}

fn copy_out(place: &Place) -> Vec<PathBuf> {
    let file = |table: &str| {
        let path = place.folder.join(format!("{table}.copy"));
        place.sql(&format!("\\copy {table} TO '{}'", path.display()));
        path
    };
    TABLES.iter().map(|table| file(table)).collect()
}

/// Seconds of `COPY` into all four tables, one after the other, over one connection.
fn copy_in(place: &Place, files: &[PathBuf]) -> f64 {
    let mut psql = Command::new("psql");
    psql.arg("-h").arg(place.sockets()).args(["-U", "entente_owner", "-q", "-v", "ON_ERROR_STOP=1", "entente"]);
    for (table, file) in TABLES.iter().zip(files) {
        psql.arg("-c").arg(format!("\\copy {table} FROM '{}'", file.display()));
    }
    let began = Instant::now();
    assert!(psql.status().expect("psql runs").success());
    began.elapsed().as_secs_f64()
}

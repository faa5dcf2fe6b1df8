//! The stage: a fresh database on our own server, server and workers in this process, a clock of our own.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use actix_web::dev::ServerHandle;
use entente::{
    app::App,
    config::Settings,
    db::private::{PrivateServer, Purpose},
    server,
    types::{Calendar, Country},
    workers::{self, Crew},
};
use nix::fcntl::{Flock, FlockArg};

use crate::cli::{Failure, start};

/// Monday 7 September 2026: far from holidays, and the statutory rates of the months that follow are known.
const FIRST_DAY: (i32, u32, u32) = (2026, 9, 7);
const FIRST_HOUR: u32 = 9;
const SERVER_THREADS: usize = 2;

/// Everything that runs.
pub struct Stage {
    pub app: App,
    pub base: String,
    pub outbox: PathBuf,
    server: ServerHandle,
    crew: Crew,
    pub database: Option<PrivateServer>,
    /// Nobody else plays on this stage meanwhile.
    _ours: Flock<fs::File>,
}

/// Settings of the demonstration: everything under `var/demo`, whatever else is set.
pub fn own(settings: Settings) -> Settings {
    let mut own = settings;
    own.var.push("demo");
    own.database.url = None;
    own.database.runtime_url = None;
    own.mail.smtp_url = None;
    own.movable_clock = true;
    if own.log == "info" {
        "warn".clone_into(&mut own.log);
    }
    own
}

impl Stage {
    pub async fn set(mut settings: Settings, any_port: bool) -> Result<Self, Failure> {
        fs::create_dir_all(&settings.var)?;
        let ours = claim(&settings)?;
        let outbox = settings.var.join("outbox");
        if outbox.exists() {
            fs::remove_dir_all(&outbox)?;
        }
        let (listener, address) = listen(&settings.listen, any_port)?;
        settings.public_url = format!("http://{address}");
        let base = settings.public_url.clone();
        let kept_running = PrivateServer::start(&settings.var.join("postgres"), Purpose::Production).await?;
        kept_running.drop_database(start::DATABASE).await?;
        let (app, database) = start::app(settings).await?;
        drop(kept_running);
        let day = chrono::NaiveDate::from_ymd_opt(FIRST_DAY.0, FIRST_DAY.1, FIRST_DAY.2).ok_or("the first day is none")?;
        app.begin_clock_at(Calendar::of(Country::Spain).instant(day, FIRST_HOUR)).await?;
        let running = server::start(app.clone(), listener, SERVER_THREADS)?;
        let server = running.handle();
        actix_web::rt::spawn(running);
        let crew = workers::hire(&app, app.settings.workers.max(1));
        Ok(Self { app, base, outbox, server, crew, database: database.private, _ours: ours })
    }

    pub async fn clear(self) {
        self.server.stop(true).await;
        self.crew.dismiss().await;
    }
}

/// Two demonstrations in one folder would pull the database from under each other.
fn claim(settings: &Settings) -> Result<Flock<fs::File>, Failure> {
    let file = fs::File::create(settings.var.join("demo.lock"))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| {
        format!("a demonstration is running in {} already: stop it first, or set ENTENTE_VAR", settings.var.display()).into()
    })
}

/// The wished address, or another port beside it when that one is taken or does not matter.
fn listen(wished: &str, any_port: bool) -> Result<(TcpListener, SocketAddr), Failure> {
    let beside = || {
        let host = wished.rsplit_once(':').map_or("127.0.0.1", |(host, _)| host);
        TcpListener::bind(format!("{host}:0")).map_err(|error| format!("cannot listen beside {wished}: {error}"))
    };
    let listener = if any_port { beside()? } else { TcpListener::bind(wished).or_else(|_| beside())? };
    let address = listener.local_addr()?;
    Ok((listener, address))
}

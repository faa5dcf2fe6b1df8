//! Our own PostgreSQL: found, initialised, started, watched and stopped without the user knowing of it.
//!
//! It listens on a Unix socket only, inside a folder that nobody else may enter. It is durable unless told otherwise,
//! kept across restarts, adopted if an earlier process was killed, and started again if it dies itself.
//! Several processes may share it; the last to leave stops it. PostgreSQL refuses to run as root, so as root its
//! programs run as the user `postgres` (or `nobody`).

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt, chown},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use diesel::{OptionalExtension, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use nix::{
    fcntl::{Flock, FlockArg},
    sys::{
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Pid, Uid, User},
};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::{DbError, connect, statement};

const OWNER: &str = "entente_owner";
const RUNTIME: &str = "entente_runtime";
const OLDEST_VERSION: u32 = 15;
const START_WITHIN: Duration = Duration::from_secs(60);
/// A server that we spawned has written down its process by then, or never will.
const SHOWS_WITHIN: Duration = Duration::from_secs(5);
const STOP_WITHIN: Duration = Duration::from_secs(30);
/// Linux and macOS cut socket paths at about a hundred bytes.
const SOCKET_PATH_MAX: usize = 90;

/// Why our own server is not there.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    #[error(
        "PostgreSQL {OLDEST_VERSION} or newer was not found. Install it (Debian: apt-get install postgresql; Red Hat: dnf install postgresql-server; macOS: brew install postgresql@17) or set DATABASE_URL"
    )]
    NotInstalled,
    #[error("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as")]
    NoPlainUser,
    #[error("{doing}: {source}")]
    Io { doing: String, source: io::Error },
    #[error("{program} failed: {output}")]
    Program { program: &'static str, output: String },
    #[error("PostgreSQL did not answer within {START_WITHIN:?}; its log is {log}")]
    NoAnswer { log: PathBuf },
    #[error(transparent)]
    Db(#[from] DbError),
}

/// How much a crash may cost, and how long the server lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Durable; outlives this process if it is killed.
    Production,
    /// Not durable; ends when this process does, however it ends, and leaves nothing behind.
    Tests,
}

/// A running server of ours. Drop it to leave; the last to leave stops it.
#[derive(Debug)]
pub struct PrivateServer {
    programs: PathBuf,
    home: PathBuf,
    sockets: PathBuf,
    run_as: Option<User>,
    purpose: Purpose,
    /// Held shared while we use the server.
    presence: Option<Flock<fs::File>>,
    /// Tests: the server ends when this pipe closes.
    lifeline: Option<std::process::Child>,
}

fn doing<T>(what: impl Into<String>, result: io::Result<T>) -> Result<T, PrivateError> {
    result.map_err(|source| PrivateError::Io { doing: what.into(), source })
}

impl PrivateServer {
    /// Starts or adopts the server that lives under `dir`.
    ///
    /// # Errors
    /// See [`PrivateError`]: each says what to do.
    pub async fn start(dir: &Path, purpose: Purpose) -> Result<Self, PrivateError> {
        let programs = find_programs().ok_or(PrivateError::NotInstalled)?;
        let run_as = plain_user()?;
        doing(format!("making {}", dir.display()), fs::create_dir_all(dir))?;
        let dir = doing(format!("finding {}", dir.display()), dir.canonicalize())?;
        let home = reachable_home(&dir, run_as.as_ref())?;
        let sockets = socket_folder(&home, run_as.as_ref())?;
        let lock = doing("making the lock file", fs::File::create(home.join("users.lock")))?;
        let presence = Flock::lock(lock, FlockArg::LockShared)
            .map_err(|(_, errno)| PrivateError::Io { doing: "locking the server's folder".to_owned(), source: errno.into() })?;
        let mut server = Self { programs, home, sockets, run_as, purpose, presence: Some(presence), lifeline: None };
        server.initialise()?;
        server.ensure_running().await?;
        Ok(server)
    }

    /// A login that owns everything, for migrations.
    #[must_use]
    pub fn owner_url(&self, database: &str) -> SecretString {
        self.url(OWNER, database)
    }

    /// A plain login bound by row-level security, for everything else.
    #[must_use]
    pub fn runtime_url(&self, database: &str) -> SecretString {
        self.url(RUNTIME, database)
    }

    /// Where its Unix socket is: `psql -h FOLDER` looks inside.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        &self.sockets
    }

    fn url(&self, user: &str, database: &str) -> SecretString {
        let host: String = self.sockets.to_string_lossy().bytes().map(percent_encode).collect();
        format!("postgres://{user}@{host}/{database}").into()
    }

    /// Makes `database` unless it exists, and lets the runtime role log in (over this socket only).
    ///
    /// # Errors
    /// The server refuses.
    pub async fn ensure_database(&self, database: &str) -> Result<(), PrivateError> {
        let mut conn = connect(&self.owner_url("postgres")).await?;
        conn.batch_execute(LET_RUNTIME_LOG_IN).await.map_err(DbError::from)?;
        let exists = DatabaseNamed { name: database }.get_result::<Name>(&mut conn).await.optional().map_err(DbError::from)?;
        if exists.is_none() {
            conn.batch_execute(&format!("CREATE DATABASE \"{database}\"")).await.map_err(DbError::from)?;
        }
        Ok(())
    }

    /// Drops `database`, whoever uses it: for a demonstration that begins anew.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn drop_database(&self, database: &str) -> Result<(), PrivateError> {
        let mut conn = connect(&self.owner_url("postgres")).await?;
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE)")).await.map_err(DbError::from)?;
        Ok(())
    }

    /// Starts the server if it is not answering: at start, and again if it was killed.
    ///
    /// # Errors
    /// It does not answer in time; the log says why.
    pub async fn ensure_running(&mut self) -> Result<(), PrivateError> {
        let started = Instant::now();
        let mut spawned: Option<Instant> = None;
        loop {
            if connect(&self.owner_url("postgres")).await.is_ok() {
                return Ok(());
            }
            // A server takes its time until its process can be found. A test's is started once: a second one would be started
            // in a folder that the end of the first removes.
            let again = spawned
                .is_none_or(|at| self.purpose == Purpose::Production && at.elapsed() > SHOWS_WITHIN && !self.postmaster_lives());
            if again {
                self.spawn()?;
                spawned = Some(Instant::now());
            }
            if started.elapsed() > START_WITHIN {
                return Err(PrivateError::NoAnswer { log: self.home.join("log") });
            }
            tokio::time::sleep(Duration::from_millis(if started.elapsed().as_millis() < 2000 { 30 } else { 300 })).await;
        }
    }

    /// Whether PostgreSQL's main process is there.
    #[must_use]
    pub fn postmaster_lives(&self) -> bool {
        self.postmaster().is_some_and(lives)
    }

    fn postmaster(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.home.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
    }

    /// `initdb` into a side folder, then one rename: a crash half-way leaves nothing that looks finished.
    fn initialise(&self) -> Result<(), PrivateError> {
        let data = self.home.join("data");
        if data.join("PG_VERSION").exists() {
            return Ok(());
        }
        let fresh = self.home.join("data.new");
        if fresh.exists() {
            doing("removing a half-made database", fs::remove_dir_all(&fresh))?;
        }
        let mut initdb = self.program("initdb");
        initdb
            .args(["--username", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions", "-D"])
            .arg(&fresh);
        if self.purpose == Purpose::Tests {
            initdb.arg("--no-sync");
        }
        let output = doing("running initdb", initdb.output())?;
        if !output.status.success() {
            return Err(PrivateError::Program {
                program: "initdb",
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        doing("putting the new database in place", fs::rename(&fresh, &data))
    }

    fn spawn(&mut self) -> Result<(), PrivateError> {
        let log = doing("opening the database's log", fs::File::options().create(true).append(true).open(self.home.join("log")))?;
        let errors = doing("opening the database's log", log.try_clone())?;
        let mut server = match self.purpose {
            Purpose::Production => self.program("postgres"),
            Purpose::Tests => self.program_with_lifeline(),
        };
        server.arg("-D").arg(self.home.join("data")).arg("-k").arg(&self.sockets).args(["-c", "listen_addresses="]);
        server.args(["-c", "unix_socket_permissions=0700", "-c", "max_connections=200", "-c", "shared_buffers=128MB"]);
        if self.purpose == Purpose::Tests {
            server.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
            server.args(["-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=128MB"]);
        }
        let child = doing("starting postgres", server.process_group(0).stdout(log).stderr(errors).spawn())?;
        if self.purpose == Purpose::Tests {
            self.lifeline = Some(child);
        }
        Ok(())
    }

    /// PostgreSQL under a shell that stops it, and removes its folder, when our end of the pipe closes.
    fn program_with_lifeline(&self) -> Command {
        const SCRIPT: &str =
            r#"home=$1; shift; "$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$home""#;
        let mut shell = self.command(Path::new("/bin/sh"));
        shell.arg("-c").arg(SCRIPT).arg("entente").arg(&self.home).arg(self.programs.join("postgres")).stdin(Stdio::piped());
        shell
    }

    fn program(&self, name: &str) -> Command {
        let mut command = self.command(&self.programs.join(name));
        command.stdin(Stdio::null());
        command
    }

    fn command(&self, path: &Path) -> Command {
        let mut command = Command::new(path);
        command.current_dir(&self.home).env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
        if let Some(user) = &self.run_as {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Stops the server if nobody else uses it.
    fn leave(&mut self) {
        self.lifeline = None;
        let Some(presence) = self.presence.take() else { return };
        let alone = presence.relock(FlockArg::LockExclusiveNonblock).is_ok();
        let Some(postmaster) = self.postmaster().filter(|_| alone && self.purpose == Purpose::Production) else { return };
        let asked = kill(postmaster, Signal::SIGINT).is_ok();
        let since = Instant::now();
        while asked && lives(postmaster) && since.elapsed() < STOP_WITHIN {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a process runs. One that we started and that has ended answers signals until it is waited for.
fn lives(pid: Pid) -> bool {
    match waitpid(pid, Some(WaitPidFlag::WNOHANG)) {
        Ok(WaitStatus::StillAlive) => true,
        Ok(_) => false,
        Err(_) => kill(pid, None).is_ok(),
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        self.leave();
    }
}

const LET_RUNTIME_LOG_IN: &str = "DO $$ BEGIN
    CREATE ROLE entente_runtime LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";

statement! {
    struct DatabaseNamed<'a> { name: &'a str => Text } "SELECT datname::text AS name FROM pg_database WHERE datname = ?"
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "that the row exists is all we ask")]
    name: String,
}

fn percent_encode(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// The folder of the newest `postgres` that is new enough: on the PATH, then where Debian, Red Hat and Homebrew put it.
fn find_programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let parents = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt", "/usr/local"];
    let usual =
        parents.iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten().flatten().map(|entry| entry.path().join("bin"));
    on_path
        .into_iter()
        .chain(usual)
        .filter_map(|folder| Some((version(&folder)?, folder)))
        .max_by_key(|(version, _)| *version)
        .map(|(_, f)| f)
}

/// Major version of the `postgres` in a folder that also has `initdb`.
fn version(folder: &Path) -> Option<u32> {
    if !folder.join("initdb").is_file() || !folder.join("postgres").is_file() {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|major| *major >= OLDEST_VERSION)
}

fn plain_user() -> Result<Option<User>, PrivateError> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    let known = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten());
    known.map(Some).ok_or(PrivateError::NoPlainUser)
}

/// `dir` itself, or a folder of its own under `/var/lib/entente` when the plain user cannot get to `dir`
/// (a checkout under `/root`).
fn reachable_home(dir: &Path, run_as: Option<&User>) -> Result<PathBuf, PrivateError> {
    let Some(user) = run_as else {
        doing("closing the database's folder to others", fs::set_permissions(dir, fs::Permissions::from_mode(0o700)))?;
        return Ok(dir.to_owned());
    };
    give_to(dir, user)?;
    let mut probe = Command::new("/bin/sh");
    probe.args(["-c", "cd \"$0\" && : > .reachable"]).arg(dir).uid(user.uid.as_raw()).gid(user.gid.as_raw());
    let reachable = doing("trying the database's folder", probe_status(&mut probe))?;
    if reachable {
        return Ok(dir.to_owned());
    }
    let elsewhere = Path::new("/var/lib/entente").join(short_hash(dir));
    doing(format!("making {}", elsewhere.display()), fs::create_dir_all(&elsewhere))?;
    give_to(&elsewhere, user)?;
    Ok(elsewhere)
}

fn probe_status(command: &mut Command) -> io::Result<bool> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().map(|status| status.success())
}

fn give_to(dir: &Path, user: &User) -> Result<(), PrivateError> {
    doing("giving the database's folder away", chown(dir, Some(user.uid.as_raw()), Some(user.gid.as_raw())))?;
    doing("closing the database's folder to others", fs::set_permissions(dir, fs::Permissions::from_mode(0o700)))
}

/// The home itself, or a short closed folder in the temporary one when the home's path is too long for a socket.
fn socket_folder(home: &Path, run_as: Option<&User>) -> Result<PathBuf, PrivateError> {
    if home.as_os_str().len() <= SOCKET_PATH_MAX {
        return Ok(home.to_owned());
    }
    let folder = std::env::temp_dir().join(format!("entente-{}", short_hash(home)));
    doing(format!("making {}", folder.display()), fs::create_dir_all(&folder))?;
    match run_as {
        Some(user) => give_to(&folder, user)?,
        None => doing("closing the socket's folder", fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)))?,
    }
    Ok(folder)
}

fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}

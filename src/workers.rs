//! Which job kind is done by whom, and the loops that do them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::rt;

use crate::{
    app::App,
    cases,
    db::DbError,
    jobs::{self, Job, JobError},
    market, notices, payments, recovery,
};

/// How often a worker looks for jobs when nobody rings.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The table of job kinds.
async fn handle(app: &App, job: &Job) -> Result<(), JobError> {
    match job.kind.as_str() {
        "cases.check_promise" => cases::jobs::check_promise(app, job.read()?).await,
        "market.close_offers" => market::jobs::close_offers(app, job.read()?).await,
        "market.time_to_decide_over" => market::jobs::time_to_decide_over(app, job.read()?).await,
        "market.lapse_mandate" => market::jobs::lapse_mandate(app, job.read()?).await,
        "market.check_idle" => market::jobs::check_idle(app, job.read()?).await,
        "market.case_closed" => market::jobs::case_closed(app, job.read()?).await,
        "payments.default_answer" => payments::jobs::default_answer(app, job.read()?).await,
        recovery::jobs::Deliver::KIND => recovery::jobs::deliver(app, job.read()?).await,
        "notices.events" => notices::jobs::tell_of_events(app, job.read()?).await,
        "notices.offer_decided" => notices::jobs::tell_of_offer(app, job.read()?).await,
        "notices.mail" => notices::jobs::mail(app, job.read()?).await,
        unknown => Err(JobError::Never(format!("no worker knows the job kind {unknown}"))),
    }
}

/// One round: due jobs, then due cases. Returns how much was done.
///
/// # Errors
/// The database fails.
pub async fn round(app: &App) -> Result<usize, DbError> {
    Ok(jobs::run_due(app, handle).await? + recovery::engine::round(app).await?)
}

/// Works until nothing is due: for a clock that was moved, and for tests.
///
/// # Errors
/// The database fails.
pub async fn until_idle(app: &App) -> Result<usize, DbError> {
    let mut total = 0;
    loop {
        let done = round(app).await?;
        if done == 0 {
            return Ok(total);
        }
        total += done;
    }
}

/// Workers inside this process.
pub struct Crew {
    leaving: Arc<AtomicBool>,
    app: App,
    loops: Vec<rt::task::JoinHandle<()>>,
}

/// Starts `count` workers on this thread.
#[must_use]
pub fn hire(app: &App, count: usize) -> Crew {
    let leaving = Arc::new(AtomicBool::new(false));
    let loops = (0..count).map(|_| rt::spawn(work(app.clone(), leaving.clone()))).collect();
    Crew { leaving, app: app.clone(), loops }
}

impl Crew {
    /// Lets each worker finish its round.
    pub async fn dismiss(self) {
        self.leaving.store(true, Ordering::Relaxed);
        self.app.jobs_waiting.notify_waiters();
        for work in self.loops {
            if work.await.is_err() {
                tracing::error!("a worker had panicked");
            }
        }
    }
}

async fn work(app: App, leaving: Arc<AtomicBool>) {
    while !leaving.load(Ordering::Relaxed) {
        let done = match round(&app).await {
            Ok(done) => done,
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be read; trying again");
                0
            }
        };
        if done == 0 {
            tokio::select! {
                () = app.jobs_waiting.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = app.follow_clock().await {
                tracing::debug!(%error, "the clock's offset cannot be read");
            }
        }
    }
}

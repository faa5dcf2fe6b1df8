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
    bank, cases, credit,
    db::{DbError, Scope},
    insight::treasury_mails,
    jobs::{self, Job, JobError},
    market, notices, parties, payments, receivables, recovery, settlement,
    types::term::Reminder,
    uploads,
};

/// How often a worker looks for jobs when nobody rings.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const LOOK_AT_OTHERS_EVERY: Duration = Duration::from_millis(10);
const PATIENCE_WITH_OTHERS: Duration = Duration::from_secs(5);

/// The table of job kinds.
async fn handle(app: &App, job: &Job) -> Result<(), JobError> {
    match job.kind.as_str() {
        "cases.check_promise" => cases::jobs::check_promise(app, job.read()?).await,
        "market.assign" => market::jobs::assign(app, job.read()?).await,
        "cases.check_plan" => cases::jobs::check_plan(app, job.read()?).await,
        "market.open_pool" => market::jobs::open_pool(app, job.read()?).await,
        "cases.check_dispute" => cases::jobs::check_dispute(app, job.read()?).await,
        "cases.check_settlement" => cases::jobs::check_settlement(app, job.read()?).await,
        "market.alert" => market::jobs::alert(app, job.read()?).await,
        "market.close_offers" => market::jobs::close_offers(app, job.read()?).await,
        "market.time_to_decide_over" => market::jobs::time_to_decide_over(app, job.read()?).await,
        "market.lapse_mandate" => market::jobs::lapse_mandate(app, job.read()?).await,
        "market.lapse_framework" => market::jobs::lapse_framework(app, job.read()?).await,
        "market.check_promise" => market::jobs::check_promise(app, job.read()?).await,
        "market.check_idle" => market::jobs::check_idle(app, job.read()?).await,
        "market.publish_score" => market::jobs::publish_score(app, job.read()?).await,
        "market.correct_scores" => market::jobs::correct_scores(app, job.read()?).await,
        "market.complaint_due" => market::jobs::complaint_due(app, job.read()?).await,
        "market.case_closed" => market::jobs::case_closed(app, job.read()?).await,
        "notices.forgotten" => notices::jobs::password_forgotten(app, job.read()?).await,
        "notices.password_link" => notices::jobs::password_link(app, job.read()?).await,
        "payments.default_answer" => payments::jobs::default_answer(app, job.read()?).await,
        bank::reconciliation::jobs::Run::KIND => bank::reconciliation::jobs::run(app, job.read()?).await,
        bank::jobs::Match::KIND => bank::jobs::match_statement(app, job.read()?).await,
        settlement::invoices::jobs::Issue::KIND => settlement::invoices::jobs::issue(app, job.read()?).await,
        payments::stripe::jobs::OpenCheckout::KIND => payments::stripe::jobs::open_checkout(app, job.read()?).await,
        payments::stripe::jobs::FollowCheckout::KIND => payments::stripe::jobs::follow_checkout(app, job.read()?).await,
        payments::stripe::jobs::WorkEvent::KIND => payments::stripe::jobs::work_event(app, job.read()?).await,
        payments::stripe::jobs::Transfer::KIND => payments::stripe::jobs::transfer(app, job.read()?).await,
        payments::stripe::jobs::Refund::KIND => payments::stripe::jobs::refund(app, job.read()?).await,
        payments::stripe::jobs::CatchUp::KIND => payments::stripe::jobs::catch_up(app).await,
        payments::jobs::SetOff::KIND => payments::jobs::set_off(app, job.read()?).await,
        payments::jobs::MailReceipt::KIND => payments::jobs::mail_receipt(app, job.read()?).await,
        recovery::debtor_terms::MailTerm::KIND => recovery::debtor_terms::mail(app, job.read()?).await,
        recovery::jobs::Deliver::KIND => recovery::jobs::deliver(app, job.read()?).await,
        recovery::opt_outs::TakeCallsBack::KIND => recovery::opt_outs::take_back(app, job.read()?).await,
        receivables::Shelve::KIND => receivables::shelve(app, job.read()?).await,
        receivables::MatchDebtors::KIND => receivables::match_debtors(app, job.read()?).await,
        uploads::jobs::Take::KIND => uploads::jobs::take(app, job.read()?).await,
        uploads::jobs::Clear::KIND => uploads::jobs::clear(app, job.read()?).await,
        "notices.events" => {
            notices::jobs::tell_of_events(app, job.read()?).await?;
            credit::jobs::score_on_events(app, job.read()?).await
        }
        "notices.offer_decided" => notices::jobs::tell_of_offer(app, job.read()?).await,
        Reminder::KIND => {
            notices::jobs::remind(app, job.read()?).await?;
            recovery::debtor_terms::remind(app, job.read()?).await
        }
        "notices.tell" => notices::jobs::tell(app, job.read()?).await,
        parties::account_changes::TakeEffect::KIND => parties::account_changes::take_effect(app, job.read()?).await,
        "notices.account_code" => notices::jobs::mail_account_code(app, job.read()?).await,
        notices::alerts::daily::LookThrough::KIND => notices::alerts::daily::look_through(app, job.read()?).await,
        notices::alerts::webhook::Post::KIND => notices::alerts::webhook::deliver(app, job.read()?).await,
        notices::alerts::daily::MailDigest::KIND => notices::alerts::daily::mail_digest(app, job.read()?).await,
        notices::digests::Gather::KIND => notices::digests::gather(app, job.read()?).await,
        notices::digests::MailNews::KIND => notices::digests::mail(app, job.read()?).await,
        treasury_mails::TreasuryDue::KIND => treasury_mails::come_due(app, job.read()?).await,
        treasury_mails::MailTreasury::KIND => treasury_mails::mail(app, job.read()?).await,
        "notices.mail" => notices::jobs::mail(app, job.read()?).await,
        unknown => Err(JobError::Never(format!("no worker knows the job kind {unknown}"))),
    }
}

/// One round: messages whose turn it is, due jobs, then due cases, then cases whose time may run out. Returns how much was done.
///
/// # Errors
/// The database fails.
pub async fn round(app: &App) -> Result<usize, DbError> {
    let done = payments::stripe::round(app).await?
        + bank::reconciliation::round(app).await?
        + recovery::line::round(app).await?
        + jobs::run_due(app, handle).await?;
    Ok(done + recovery::engine::round(app).await? + cases::limitation::round(app).await?)
}

/// Works until nothing is due and nobody else is still at work on what was: for a clock about to move, and for tests.
/// What a killed process left under lease is waited for a little, not until its lease ends.
///
/// # Errors
/// The database fails.
pub async fn until_idle(app: &App) -> Result<usize, DbError> {
    let (mut total, mut waited) = (0, Duration::ZERO);
    loop {
        let done = round(app).await?;
        total += done;
        if done == 0 && (waited >= PATIENCE_WITH_OTHERS || nothing_due(app).await?) {
            return Ok(total);
        }
        if done == 0 {
            tokio::time::sleep(LOOK_AT_OTHERS_EVERY).await;
            waited += LOOK_AT_OTHERS_EVERY;
        }
    }
}

/// Neither jobs nor cases, under lease or lock or not.
async fn nothing_due(app: &App) -> Result<bool, DbError> {
    let now = app.clock.now();
    let jobs = app.db.transaction(Scope::System, async |conn| jobs::backlog(conn, now).await).await?;
    let cases = app.db.transaction(Scope::System, async |conn| cases::count_due(conn, now).await).await?;
    let in_line = app.db.transaction(Scope::System, async |conn| recovery::line::count_waiting(conn, now).await).await?;
    Ok(jobs.due == 0 && cases == 0 && in_line == 0)
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
    if let Err(error) = recovery::line::dissolve(&app).await {
        tracing::warn!(%error, "messages before a provider that is gone wait until the next start");
    }
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

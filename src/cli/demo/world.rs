//! The world of the story: who is logged in, what time it is, what was written, what the demo reckons.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entente::types::{Calendar, Clock, Country};
use serde_json::json;

use super::{
    cast::{Company, Debtor},
    client::{Client, Stop, Told},
    narrator::{Narrator, ZONE, moment},
    outbox::{Mail, Outbox},
    tally::{Engaged, Tally, Who},
};

const QUIET_WITHIN_TRIES: u32 = 600;
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// An organisation with its administrator logged in.
#[derive(Debug, Clone)]
pub struct Party {
    pub company: Company,
    pub id: String,
    pub client: Client,
}

/// A case as the story follows it.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: String,
    pub reference: String,
    pub creditor: Who,
    pub debtor: Debtor,
    pub page: String,
    pub engaged: Option<Engaged>,
}

/// Where an invoice went when it came in.
#[derive(Debug, Clone)]
pub struct Taken {
    pub receivable: String,
    pub debtor: String,
    pub principal: i64,
    pub due_on: NaiveDate,
}

pub struct World {
    pub tell: Narrator,
    pub tally: Tally,
    pub outbox: Outbox,
    pub nobody: Client,
    pub parties: BTreeMap<Who, Party>,
    pub invoices: BTreeMap<String, Taken>,
    /// Debtor pages worth a look when the story is over: what they show, where.
    pub pages: Vec<(String, String)>,
    pub password: String,
    pub base: String,
    clock: Clock,
}

impl World {
    pub fn new(base: &str, clock: Clock, outbox: Outbox, password: String) -> Told<Self> {
        Ok(Self {
            tell: Narrator::new(),
            tally: Tally::default(),
            outbox,
            nobody: Client::new(base, "Somebody")?,
            parties: BTreeMap::new(),
            invoices: BTreeMap::new(),
            pages: Vec::new(),
            password,
            base: base.to_owned(),
            clock,
        })
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The day in Madrid, which is the day in Lyon.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&ZONE).date_naive()
    }

    pub fn party(&self, who: Who) -> Told<&Party> {
        self.parties.get(&who).ok_or_else(|| Stop::because(format!("{who:?} has not signed up yet")))
    }

    /// Logs a member in.
    pub async fn log_in(&self, name: &str, email: &str) -> Told<Client> {
        let session = self.nobody.post("/api/v1/sessions", &json!({ "email": email, "password": self.password })).await?;
        Ok(self.nobody.for_person(name, session.json().text("/access_token")?))
    }

    /// Somebody in the story does something.
    pub fn step(&self, who: &str, what: &str) {
        self.tell.step(self.now(), who, what);
    }

    /// A company does something.
    pub fn does(&self, who: Who, what: &str) -> Told {
        self.step(self.party(who)?.company.short, what);
        Ok(())
    }

    /// Lets the workers finish what is due.
    pub async fn settle_down(&self) -> Told {
        self.move_clock(self.now() + TimeDelta::seconds(1)).await?;
        for _ in 0..QUIET_WITHIN_TRIES {
            let figures = self.nobody.get("/metrics").await?.text();
            match (figure(&figures, "entente_jobs_due"), figure(&figures, "entente_jobs_dead")) {
                (Some(0), Some(0)) => return Ok(()),
                (_, Some(0)) | (_, None) => tokio::time::sleep(LOOK_AGAIN).await,
                (_, Some(dead)) => {
                    return Err(Stop::because(format!("{dead} jobs were given up; their errors are in the log above")));
                }
            }
        }
        Err(Stop::because("the workers do not come to rest"))
    }

    async fn move_clock(&self, to: DateTime<Utc>) -> Told {
        let moved = self.party(Who::Entente)?.client.put("/api/v1/clock", None, &json!({ "now": to })).await;
        // Time itself goes on, on a busy machine past the wish before it arrives.
        if self.now() >= to { Ok(()) } else { moved.map(drop) }
    }

    /// Moves on to an instant; tells and returns what was written meanwhile.
    pub async fn pass_until(&mut self, to: DateTime<Utc>) -> Told<Vec<Mail>> {
        let mut written = self.mails().await?;
        if to > self.now() {
            self.move_clock(to).await?;
            self.tell.line("");
            self.tell.detail(&format!("… time passes until {}", moment(to)));
        }
        written.extend(self.mails().await?);
        Ok(written)
    }

    /// Moves on by working days, to `hour` o'clock.
    pub async fn pass_working_days(&mut self, days: u32, hour: u32) -> Told<Vec<Mail>> {
        let calendar = Calendar::of(Country::Spain);
        let day = calendar.add_working_days(self.today(), days);
        self.pass_until(calendar.instant(day, hour)).await
    }

    /// Tells the mails written since the last time; returns them.
    pub async fn mails(&mut self) -> Told<Vec<Mail>> {
        self.settle_down().await?;
        let mails = self.outbox.fresh()?;
        for mail in &mails {
            self.tell.detail(&format!("mail to {}: “{}” (outbox/{})", mail.to, mail.subject, mail.file));
        }
        Ok(mails)
    }

    pub async fn tell_mails(&mut self) -> Told {
        self.mails().await.map(drop)
    }

    /// The debtor sends one of the forms of its page.
    pub async fn submit_on_page(&self, case: &Case, form: &str, fields: &[(&str, &str)]) -> Told {
        self.nobody.submit(&format!("{}/{form}", case.page), fields).await.map(drop)
    }

    /// A page worth a look when the story is over.
    pub fn remember_page(&mut self, what: &str, case: &Case) {
        self.pages.push((format!("{}: {what}", case.debtor.name), case.page.clone()));
    }

    /// Ten in the morning there.
    pub fn morning_of(&self, day: NaiveDate) -> DateTime<Utc> {
        Calendar::of(Country::Spain).instant(day, 10)
    }

    /// Something that must hold for the story to go on.
    pub fn holds(&self, truth: bool, what: &str) -> Told {
        if truth {
            self.tell.holds(what);
            return Ok(());
        }
        Err(Stop::because(format!("this should hold and does not: {what}")))
    }
}

/// A figure of `/metrics`.
fn figure(figures: &str, name: &str) -> Option<i64> {
    figures.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

//! The debtor page as HTML: what is asked, why, by whom, and how to answer. Pure: a view in, a page out.
//!
//! What may never happen here: an amount without its ground; a demand while a dispute is open; a form that forgets what
//! was typed; a state that leaves the reader without a next step.

use askama::Template;
use chrono::NaiveDate;

use super::{
    Circumstance, DisputeReason, DisputeSide, Proof, Settlement,
    debtor_forms::{
        CardForm, CircumstanceForm, DayError, EvidenceError, EvidenceForm, ObjectionForm, PlanError, PlanForm, PromiseForm,
        SettlementError, SettlementForm, StatementError,
    },
    plans::Instalment,
};
use crate::{
    paper::{Claim, Credential, Frame, PaperError, Party, PaymentDetails, Texts, claim::SpokenGroup},
    types::{DisputeId, Language, Money, PaymentId},
};

/// What the page is made of.
#[derive(Debug, Clone)]
pub struct DebtorPage {
    pub language: Language,
    /// `/d/<token>`: the forms post below it.
    pub path: String,
    pub creditor: Party,
    /// The agency engaged on the case.
    pub agency: Option<AgencyShown>,
    pub debtor: String,
    pub case_reference: String,
    /// `F-17, F-18`, or how many.
    pub invoices: String,
    /// Oldest first; each has its receipt below `path`.
    pub payments: Vec<PaymentShown>,
    /// An agency's engagement has ended: how did it treat the debtor?
    pub may_rate: bool,
    pub state: State,
}

/// A payment that was confirmed.
#[derive(Debug, Clone)]
pub struct PaymentShown {
    pub payment: PaymentId,
    pub amount: Money,
    pub received_on: NaiveDate,
}

/// Who the agency is and what Entente has checked of it.
#[derive(Debug, Clone)]
pub struct AgencyShown {
    pub party: Party,
    pub licences: Vec<Credential>,
    pub insurances: Vec<Credential>,
}

#[derive(Debug, Clone)]
pub enum State {
    Owed(Box<Owed>),
    Settled,
    Closed,
}

/// Something is owed, asked for or not.
#[derive(Debug, Clone)]
pub struct Owed {
    pub claim: Claim,
    /// None where nobody has named an account.
    pub payment: Option<PaymentDetails>,
    /// None where nothing is taken by card, or money is on its way already.
    pub card: Option<CardForm>,
    pub hold: Option<HoldShown>,
    /// Open objections, to parts or to the whole.
    pub disputes: Vec<DisputeShown>,
    /// None where a day cannot be named now.
    pub promise: Option<PromiseForm>,
    /// None where the creditor allows no plan, or a hold stands.
    pub plan: Option<PlanForm>,
    /// Less, which the creditor would be content with: to be accepted.
    pub offer: Option<Settlement>,
    /// What was agreed to be enough, and is still to come.
    pub to_pay: Option<Money>,
    /// None where the creditor settles nothing, or a hold stands.
    pub settlement: Option<SettlementForm>,
    /// None while a hold stands.
    pub circumstance: Option<CircumstanceForm>,
    /// None while an objection to the whole is open.
    pub objection: Option<ObjectionForm>,
}

/// An objection that waits for an answer.
#[derive(Debug, Clone)]
pub struct DisputeShown {
    pub id: DisputeId,
    pub reason: DisputeReason,
    /// The part it is about, as invoices and amount; none: the whole.
    pub part: Option<(String, Money)>,
    pub awaited: DisputeSide,
    /// None where it was opened before there were terms.
    pub answer_on: Option<NaiveDate>,
    pub asked: Vec<EvidenceForm>,
    /// What was shown, by whom.
    pub given: Vec<(DisputeSide, Proof, String)>,
}

/// Why nobody asks at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldShown {
    Promise {
        promised_on: NaiveDate,
    },
    Plan {
        next: Instalment,
    },
    /// Agreed: so much is enough, by this day.
    Settlement {
        left: Money,
        pay_by: NaiveDate,
    },
    /// Asked for: the creditor has not answered.
    SettlementAsked {
        amount: Money,
    },
    Dispute {
        reason: DisputeReason,
    },
    Payment,
    Other,
}

impl DebtorPage {
    /// # Errors
    /// Rows of several currencies.
    pub fn html(&self) -> Result<String, PaperError> {
        let view = View::of(self)?;
        Ok(Html { frame: &view.frame, view: &view, page: self }.render()?)
    }

    /// Whoever the debtor talks to.
    fn sender(&self) -> &Party {
        self.agency.as_ref().map_or(&self.creditor, |agency| &agency.party)
    }

    fn has_errors(&self) -> bool {
        let State::Owed(owed) = &self.state else { return false };
        owed.card.as_ref().is_some_and(|form| form.is_wrong)
            || owed.promise.as_ref().is_some_and(|form| form.error.is_some())
            || owed.plan.as_ref().is_some_and(|form| form.error.is_some())
            || owed.settlement.as_ref().is_some_and(|form| form.error.is_some())
            || owed.circumstance.as_ref().is_some_and(|form| form.is_wrong)
            || owed.disputes.iter().flat_map(|dispute| &dispute.asked).any(|asked| asked.error.is_some())
            || owed.objection.as_ref().is_some_and(ObjectionForm::has_errors)
    }
}

#[derive(Template)]
#[template(path = "pages/debtor.html")]
struct Html<'a> {
    frame: &'a Frame,
    page: &'a DebtorPage,
    view: &'a View<'a>,
}

/// The page in the reader's words.
struct View<'a> {
    frame: Frame,
    texts: &'static Texts,
    values: Vec<(&'static str, String)>,
    owed: Option<OwedView<'a>>,
}

struct OwedView<'a> {
    groups: Vec<SpokenGroup>,
    total: String,
    total_label: String,
    payment: Option<&'a PaymentDetails>,
    qr: Option<String>,
    card: Option<CardView<'a>>,
    /// Title and text.
    hold: Option<(String, String)>,
    disputes: Vec<DisputeView<'a>>,
    promise: Option<PromiseView<'a>>,
    plan: Option<PlanView<'a>>,
    /// Title and text of the offer.
    offer: Option<(String, String)>,
    settlement: Option<SettlementView<'a>>,
    /// In the place of the total, where less was agreed.
    to_pay: String,
    circumstance: Option<&'a CircumstanceForm>,
    objection: Option<ObjectionView<'a>>,
}

struct CardView<'a> {
    form: &'a CardForm,
    hint: String,
    error: Option<String>,
}

struct PromiseView<'a> {
    form: &'a PromiseForm,
    hint: String,
    error: Option<String>,
}

struct PlanView<'a> {
    form: &'a PlanForm,
    hint: String,
    count_error: Option<String>,
    day_error: Option<String>,
}

struct SettlementView<'a> {
    form: &'a SettlementForm,
    amount_error: Option<String>,
    day_error: Option<String>,
}

struct DisputeView<'a> {
    shown: &'a DisputeShown,
    /// What it is about, and what follows when.
    about: String,
    term: Option<String>,
}

struct ObjectionView<'a> {
    form: &'a ObjectionForm,
    reason_error: Option<String>,
    statement_error: Option<String>,
    amount_error: Option<String>,
}

impl<'a> View<'a> {
    fn of(page: &'a DebtorPage) -> Result<Self, PaperError> {
        let language = page.language;
        let mut view = Self {
            frame: Frame { language, title: String::new(), path: page.path.clone() },
            texts: Texts::of(language),
            values: values(page),
            owed: None,
        };
        if let State::Owed(owed) = &page.state {
            view.owed = Some(view.owed_view(language, owed)?);
        }
        let title = view.say("title");
        view.frame.title = if page.has_errors() { view.texts.fill("debtor.title_error", &[("title", &title)]) } else { title };
        Ok(view)
    }

    /// A text of the page with what is known filled in.
    fn say(&self, key: &str) -> String {
        let values: Vec<(&str, &str)> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.texts.fill(&format!("debtor.{key}"), &values)
    }

    /// The title by its words, and which of them are numbers that stay on one line where there is room: a hyphen invites a
    /// phone to break them.
    fn title_words(&self) -> Vec<(String, bool)> {
        let title = self.say("title");
        title
            .split(' ')
            .map(|word| (word.to_owned(), word.contains('-') && word.contains(|c: char| c.is_ascii_digit())))
            .collect()
    }

    fn owed_view(&self, language: Language, owed: &'a Owed) -> Result<OwedView<'a>, PaperError> {
        let total = owed.claim.total()?;
        Ok(OwedView {
            groups: owed.claim.spoken(language)?,
            total: language.money(total),
            total_label: self.texts.fill("claim.total", &[("on", &language.day(owed.claim.on))]),
            payment: owed.payment.as_ref(),
            qr: owed.payment.as_ref().map(|payment| payment.qr(owed.to_pay.unwrap_or(total))).transpose()?.flatten(),
            card: owed.card.as_ref().map(|form| self.card_view(form)),
            to_pay: language.money(owed.to_pay.unwrap_or(total)),
            offer: owed.offer.as_ref().map(|offer| self.offer_words(offer)),
            settlement: owed.settlement.as_ref().map(|form| self.settlement_view(form)),
            hold: owed.hold.map(|hold| (self.say(&format!("{}_title", hold.key())), self.say(&format!("{}_text", hold.key())))),
            disputes: owed.disputes.iter().map(|shown| self.dispute_view(shown)).collect(),
            promise: owed.promise.as_ref().map(|form| self.promise_view(form)),
            plan: owed.plan.as_ref().map(|form| self.plan_view(form)),
            circumstance: owed.circumstance.as_ref(),
            objection: owed.objection.as_ref().map(|form| self.objection_view(form)),
        })
    }

    fn card_view(&self, form: &'a CardForm) -> CardView<'a> {
        let (due, least) = (self.frame.language.money(form.due), self.frame.language.money(form.least()));
        let fill = |key: &str| self.texts.fill(key, &[("due", &due), ("least", &least)]);
        CardView { form, hint: fill("debtor.card_hint"), error: form.is_wrong.then(|| fill("debtor.error_card_amount")) }
    }

    fn promise_view(&self, form: &'a PromiseForm) -> PromiseView<'a> {
        let error = form.error.map(|error| match error {
            DayError::NotADay => self.say("error_day"),
            DayError::OutOfRange => self.say("error_day_range"),
        });
        PromiseView { form, hint: self.say("promise_hint"), error }
    }

    fn plan_view(&self, form: &'a PlanForm) -> PlanView<'a> {
        let count_error = (form.error == Some(PlanError::Count)).then(|| self.say("error_plan_count"));
        let day_error = (form.error == Some(PlanError::Day)).then(|| self.say("error_plan_day"));
        PlanView { form, hint: self.say("plan_hint"), count_error, day_error }
    }

    fn settlement_view(&self, form: &'a SettlementForm) -> SettlementView<'a> {
        let amount_error = (form.error == Some(SettlementError::Amount)).then(|| self.say("error_settlement_amount"));
        let day_error = (form.error == Some(SettlementError::Day)).then(|| self.say("error_settlement_day"));
        SettlementView { form, amount_error, day_error }
    }

    fn offer_words(&self, offer: &Settlement) -> (String, String) {
        let language = self.frame.language;
        let (amount, pay_by) = (language.money(offer.amount), language.day(offer.pay_by));
        let answer_by = language.day(offer.answer_by.date_naive());
        let words = [("amount", amount.as_str()), ("pay_by", &pay_by), ("answer_by", &answer_by)];
        (self.texts.fill("debtor.offer_title", &words), self.texts.fill("debtor.offer_text", &words))
    }

    /// What may stand in the way, with its words.
    fn circumstances(&self) -> Vec<(Circumstance, &'static str)> {
        let words = |kind: Circumstance| self.texts.find(&format!("debtor.circumstance.{kind}")).unwrap_or(kind.as_str());
        Circumstance::ALL.iter().map(|kind| (*kind, words(*kind))).collect()
    }

    fn objection_view(&self, form: &'a ObjectionForm) -> ObjectionView<'a> {
        let statement_error = form.statement_error.map(|error| match error {
            StatementError::Missing => self.say("error_statement"),
            StatementError::TooLong { count } => {
                let count = self.frame.language.count(u64::try_from(count).unwrap_or(u64::MAX));
                self.texts.fill("debtor.error_statement_long", &[("count", &count)])
            }
        });
        let amount_error = form.amount_error.map(|most| {
            let most = self.frame.language.money(most);
            self.texts.fill("debtor.error_part", &[("most", &most)])
        });
        let reason_error = form.reason_missing.then(|| self.say("error_reason"));
        ObjectionView { form, reason_error, statement_error, amount_error }
    }

    fn dispute_view(&self, shown: &'a DisputeShown) -> DisputeView<'a> {
        let (reason, language) = (reason_words(self.texts, shown.reason), self.frame.language);
        let about = match &shown.part {
            Some((invoices, amount)) => {
                let amount = language.money(*amount);
                self.texts.fill("debtor.dispute_part", &[("reason", reason), ("amount", &amount), ("invoices", invoices)])
            }
            None => self.texts.fill("debtor.dispute_whole", &[("reason", reason)]),
        };
        let key = match shown.awaited {
            DisputeSide::Debtor => "dispute_awaits_you",
            DisputeSide::Creditor => "dispute_awaits_creditor",
        };
        let term = shown.answer_on.map(|day| {
            let mut values = self.values.clone();
            values.push(("answer_on", language.day(day)));
            let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.texts.fill(&format!("debtor.{key}"), &values)
        });
        DisputeView { shown, about, term }
    }

    fn proof(&self, item: &Proof) -> &'static str {
        self.texts.find(&format!("debtor.proof.{item}")).unwrap_or(item.as_str())
    }

    fn evidence_error(&self, error: &EvidenceError) -> String {
        self.say(match error {
            EvidenceError::Missing => "error_proof",
            EvidenceError::FileTooLarge => "error_proof_large",
            EvidenceError::FileUnknown => "error_proof_kind",
        })
    }

    fn shown_by(&self, side: &DisputeSide) -> String {
        self.say(match side {
            DisputeSide::Debtor => "proof_of_yours",
            DisputeSide::Creditor => "proof_of_creditor",
        })
    }

    fn money(&self, amount: &Money) -> String {
        self.frame.language.money(*amount)
    }

    /// The reasons to choose from, with their words.
    fn reasons(&self) -> Vec<(DisputeReason, &'static str)> {
        DisputeReason::ALL.iter().map(|reason| (*reason, reason_words(self.texts, *reason))).collect()
    }

    fn payment(&self, payment: &PaymentShown) -> String {
        let language = self.frame.language;
        let (amount, day) = (language.money(payment.amount), language.day(payment.received_on));
        self.texts.fill("debtor.payment", &[("amount", &amount), ("day", &day)])
    }

    fn valid_until(&self, credential: &Credential) -> String {
        self.texts.fill("debtor.valid_until", &[("day", &self.frame.language.short_day(credential.valid_until))])
    }
}

fn reason_words(texts: &'static Texts, reason: DisputeReason) -> &'static str {
    texts.find(&format!("debtor.reason.{reason}")).unwrap_or(reason.as_str())
}

impl HoldShown {
    const fn key(self) -> &'static str {
        match self {
            Self::Promise { .. } => "hold_promise",
            Self::Plan { .. } => "hold_plan",
            Self::Settlement { .. } => "hold_settlement",
            Self::SettlementAsked { .. } => "hold_asked",
            Self::Dispute { .. } => "hold_dispute",
            Self::Payment => "hold_payment",
            Self::Other => "hold_other",
        }
    }
}

/// What fills the places of the page's texts.
fn values(page: &DebtorPage) -> Vec<(&'static str, String)> {
    let language = page.language;
    let mut values = vec![
        ("creditor", page.creditor.name.clone()),
        ("sender", page.sender().name.clone()),
        ("debtor", page.debtor.clone()),
        ("invoices", page.invoices.clone()),
        ("reference", page.case_reference.clone()),
    ];
    let State::Owed(owed) = &page.state else { return values };
    values.push(("claim_on", language.day(owed.claim.on)));
    if let Some(form) = &owed.promise {
        values.push(("earliest", language.day(form.earliest)));
        values.push(("latest", language.day(form.latest)));
        values.push(("example", language.day(form.latest)));
    }
    if let Some(form) = &owed.plan {
        values.push(("most", form.most.to_string()));
        values.push(("plan_earliest", language.day(form.earliest)));
        values.push(("plan_latest", language.day(form.latest)));
    }
    if let Some(form) = &owed.settlement {
        values.push(("settle_earliest", language.day(form.earliest)));
        values.push(("settle_latest", language.day(form.latest)));
        values.push(("claimed", language.money(form.claimed)));
    }
    match owed.hold {
        Some(HoldShown::Plan { next }) => {
            values.push(("next_on", language.day(next.due_on)));
            values.push(("next_amount", language.money(next.amount)));
        }
        Some(HoldShown::Settlement { left, pay_by }) => {
            values.push(("left", language.money(left)));
            values.push(("pay_by", language.day(pay_by)));
        }
        Some(HoldShown::SettlementAsked { amount }) => values.push(("asked", language.money(amount))),
        Some(HoldShown::Promise { promised_on }) => values.push(("promised_on", language.day(promised_on))),
        Some(HoldShown::Dispute { reason }) => values.push(("reason", reason_words(Texts::of(language), reason).to_owned())),
        Some(HoldShown::Payment | HoldShown::Other) | None => {}
    }
    values
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Proposer, SettlementStatus,
            debtor_forms::{Disputable, TypedObjection},
        },
        *,
    };
    use crate::{
        paper::samples,
        types::{CaseId, Country, ReceivableId, SettlementId},
    };

    fn owed() -> Owed {
        Owed {
            claim: samples::claim(),
            payment: Some(samples::payment_details()),
            card: None,
            hold: None,
            disputes: Vec::new(),
            promise: Some(PromiseForm::empty(samples::day("2026-11-23"), samples::day("2027-01-22"))),
            offer: None,
            to_pay: None,
            settlement: Some(SettlementForm::empty(
                samples::eur(109_585),
                samples::day("2026-11-23"),
                samples::day("2026-12-23"),
            )),
            plan: Some(PlanForm::empty(6, samples::day("2026-11-23"), samples::day("2026-12-23"))),
            circumstance: Some(CircumstanceForm::default()),
            objection: Some(ObjectionForm::empty(vec![Disputable {
                id: ReceivableId(uuid::Uuid::from_u128(1)),
                number: "F-2026-0817".to_owned(),
                amount: samples::eur(123_456),
            }])),
        }
    }

    fn offer() -> Settlement {
        Settlement {
            id: SettlementId(uuid::Uuid::from_u128(4)),
            case_id: CaseId(uuid::Uuid::from_u128(5)),
            proposed_by: Proposer::Creditor,
            amount: samples::eur(80_000),
            claimed: samples::eur(109_585),
            pay_by: samples::day("2026-12-15"),
            answer_by: chrono::DateTime::UNIX_EPOCH,
            status: SettlementStatus::Open,
            waived: samples::eur(0),
            proposed_at: chrono::DateTime::UNIX_EPOCH,
            hold_id: None,
            recovered_before_minor: 0,
        }
    }

    fn disputed(awaited: DisputeSide) -> DisputeShown {
        DisputeShown {
            id: DisputeId(uuid::Uuid::from_u128(3)),
            reason: DisputeReason::Defective,
            part: Some(("invoice F-2026-0817".to_owned(), samples::eur(30_000))),
            awaited,
            answer_on: Some(samples::day("2026-12-08")),
            asked: vec![EvidenceForm::empty(Proof::DefectReport)],
            given: vec![(DisputeSide::Creditor, Proof::DeliveryProof, "signed by <Ana>".to_owned())],
        }
    }

    fn page(language: Language, state: State) -> DebtorPage {
        DebtorPage {
            language,
            path: "/d/AZrOs4j1f3uO2nT5bH1kq0xYp3cVd8mWlR2sQeUaLzA".to_owned(),
            creditor: samples::creditor(),
            agency: Some(AgencyShown {
                party: samples::agency(),
                licences: vec![samples::licence()],
                insurances: vec![samples::insurance()],
            }),
            debtor: samples::debtor().name,
            case_reference: "RF18 5390 0754 7034".to_owned(),
            invoices: "invoice F-2026-0817".to_owned(),
            payments: vec![PaymentShown {
                payment: PaymentId(uuid::Uuid::from_u128(7)),
                amount: samples::eur(50_000),
                received_on: samples::day("2026-11-20"),
            }],
            may_rate: !matches!(state, State::Owed(_)),
            state,
        }
    }

    fn asked(language: Language, change: impl FnOnce(&mut Owed)) -> DebtorPage {
        let mut owed = owed();
        change(&mut owed);
        page(language, State::Owed(Box::new(owed)))
    }

    fn wrong_forms(owed: &mut Owed) {
        owed.promise = owed.promise.take().map(|form| form.read("31/02/2027").expect_err("no day"));
        owed.plan = owed.plan.take().map(|form| form.read("99", "soon").expect_err("too many"));
        owed.settlement = owed.settlement.take().map(|form| form.read("all of it", "soon").expect_err("no amount"));
        owed.circumstance = CircumstanceForm::read("", "").err();
        let typed = TypedObjection {
            statement: "It was <b>torn</b> & wet".to_owned(),
            amount: "all".to_owned(),
            ..TypedObjection::default()
        };
        owed.objection = owed.objection.take().and_then(|form| form.read(&typed).err().map(|form| *form));
        let mut shown = disputed(DisputeSide::Debtor);
        assert!(!shown.asked[0].read(" ", false));
        owed.disputes = vec![shown];
    }

    /// Every state a reader can meet, by name.
    fn states(language: Language) -> Vec<(&'static str, DebtorPage)> {
        let held = |hold: HoldShown| {
            asked(language, |owed| {
                owed.hold = Some(hold);
                (owed.promise, owed.plan, owed.circumstance, owed.settlement) = (None, None, None, None);
                owed.objection = (!matches!(hold, HoldShown::Dispute { .. })).then(ObjectionForm::default);
            })
        };
        let mut own = asked(language, |_| {});
        own.agency = None;
        vec![
            ("owed", asked(language, |_| {})),
            ("own", own),
            ("errors", asked(language, wrong_forms)),
            ("promise", held(HoldShown::Promise { promised_on: samples::day("2026-12-15") })),
            (
                "plan",
                held(HoldShown::Plan { next: Instalment { due_on: samples::day("2026-12-15"), amount: samples::eur(25_000) } }),
            ),
            ("settlement", held(HoldShown::Settlement { left: samples::eur(80_000), pay_by: samples::day("2026-12-15") })),
            ("asked", held(HoldShown::SettlementAsked { amount: samples::eur(60_000) })),
            ("offer", asked(language, |owed| owed.offer = Some(offer()))),
            ("dispute", held(HoldShown::Dispute { reason: DisputeReason::Defective })),
            ("part_disputed", asked(language, |owed| owed.disputes = vec![disputed(DisputeSide::Debtor)])),
            ("part_answered", asked(language, |owed| owed.disputes = vec![disputed(DisputeSide::Creditor)])),
            ("payment", held(HoldShown::Payment)),
            ("other", held(HoldShown::Other)),
            ("no_account", asked(language, |owed| owed.payment = None)),
            ("settled", page(language, State::Settled)),
            ("closed", page(language, State::Closed)),
        ]
    }

    #[test]
    fn every_state_is_a_whole_page_in_every_language() {
        for language in Language::ALL {
            for (name, page) in states(*language) {
                let html = page.html().expect(name);
                assert!(html.contains(&format!("<html lang=\"{language}\">")), "{name}");
                assert_eq!(html.matches("<h1").count(), 1, "{name} has one first heading");
                for landmark in ["<main", "<header", "<footer", "<nav"] {
                    assert!(html.contains(landmark), "{name} has {landmark}");
                }
                assert!(!html.contains("<script") && !html.contains(" style=") && !html.contains("<style"), "{name}");
                let mut tags = html.split('<').filter_map(|part| part.split('>').next());
                assert!(!tags.any(|tag| tag.contains(" on")), "{name} has a handler");
            }
        }
    }

    #[test]
    fn every_text_that_the_page_names_is_there() {
        let sources = [include_str!("../../templates/pages/debtor.html"), include_str!("debtor_page.rs")];
        let named = sources.iter().flat_map(|source| source.split("say(\"").skip(1)).filter_map(|rest| rest.split_once('"'));
        let mut count = 0;
        for (key, _) in named.filter(|(key, _)| !key.is_empty()) {
            let key = if key.contains('.') { key.to_owned() } else { format!("debtor.{key}") };
            assert!(Texts::of(Language::English).find(&key).is_some(), "{key}");
            count += 1;
        }
        assert!(count > 40);
        for hold in [HoldShown::Other, HoldShown::Payment] {
            assert!(Texts::of(Language::English).find(&format!("debtor.{}_title", hold.key())).is_some());
        }
    }

    #[test]
    fn page_and_sheet_stay_small() {
        let css = include_str!("../../assets/entente.css");
        for (name, page) in states(Language::French) {
            assert!(page.html().expect(name).len() + css.len() < 60 * 1024, "{name}");
        }
    }

    #[test]
    fn every_line_shows_its_ground_and_every_number_its_arithmetic() {
        let html = asked(Language::English, |_| {}).html().expect("a page");
        for shown in [
            "Ley 3/2004 art. 7.2",
            "Ley 3/2004 art. 8",
            "62 days",
            "10.15%",
            "€1,095.85",
            "ES91 2100 0418 4502 0005 1332",
            "RF18 5390 0754 7034",
            "<svg",
        ] {
            assert!(html.contains(shown), "{shown}");
        }
    }

    #[test]
    fn what_was_typed_is_kept_beside_what_is_wrong_with_it() {
        let html = asked(Language::English, wrong_forms).html().expect("a page");
        assert!(html.contains("It was &#60;b&#62;torn&#60;/b&#62; &#38; wet"), "{html}");
        assert!(html.contains("value=\"31/02/2027\"") && html.contains("aria-invalid=\"true\""));
        assert!(html.contains("<title>Please look again: "));
        assert!(html.contains("href=\"#promised-on\"") && html.contains("href=\"#reason-not_ordered\""));
    }

    #[test]
    fn a_disputed_part_says_what_is_awaited_by_when_and_what_was_shown() {
        let html = asked(Language::English, |owed| owed.disputes = vec![disputed(DisputeSide::Debtor)]).html().expect("a page");
        for said in ["€300.00 of invoice F-2026-0817", "8\u{a0}December 2026", "signed by &#60;Ana&#62;", "/evidence?"] {
            assert!(html.contains(said), "{said} in {html}");
        }
    }

    #[test]
    fn an_open_objection_takes_no_second_one() {
        let html = asked(Language::English, |owed| {
            owed.hold = Some(HoldShown::Dispute { reason: DisputeReason::Defective });
            owed.objection = None;
        });
        let html = html.html().expect("a page");
        assert!(html.contains("It was defective or incomplete") && !html.contains("/objection?"));
    }

    #[test]
    fn what_was_paid_is_listed_with_its_receipt() {
        for state in [State::Settled, State::Closed] {
            let html = page(Language::English, state).html().expect("a page");
            assert!(html.contains("€500.00 on 20\u{a0}November 2026") && html.contains("/receipts/pay_"), "{html}");
        }
    }

    #[test]
    fn a_name_cannot_become_markup() {
        let mut page = asked(Language::Spanish, |_| {});
        page.creditor.name = "<img src=x onerror=alert(1)>".to_owned();
        page.creditor.country = Country::UnitedKingdom;
        page.debtor = "\"><script>alert(1)</script>".to_owned();
        let html = page.html().expect("a page");
        assert!(!html.contains("<img") && !html.contains("<script"), "{html}");
    }

    /// Writes every state to the folder named by `ENTENTE_SHEETS` when compiling, to be looked at.
    #[test]
    fn pages_to_look_at() {
        let Some(folder) = option_env!("ENTENTE_SHEETS") else { return };
        for language in Language::ALL {
            for (name, page) in states(*language) {
                std::fs::write(format!("{folder}/page-{name}-{language}.html"), page.html().expect(name)).expect("a file");
            }
        }
    }
}

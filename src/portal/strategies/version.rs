//! A version of a strategy as a timeline of its steps, the next version made of it, and its publication.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    super::{Fields, Refused, Shell, Visitor},
    HERE,
};
use crate::{
    app::App,
    http::Problem,
    parties::Permission,
    recovery::{
        strategies::{self, NewStrategy, StrategyVersion},
        strategy::{Anchor, Branch, Step, Target, Template as Wording, target},
        work_api::may_lead,
    },
    types::{StrategyId, Tone},
};

#[derive(Template)]
#[template(path = "portal/strategy.html")]
struct StrategyPage<'a> {
    shell: &'a Shell,
    version: &'a StrategyVersion,
    steps: Vec<Told<'a>>,
    is_own: bool,
    may_change: bool,
}

/// A step in the reader's words, and as the next version will have it.
struct Told<'a> {
    step: &'a Step,
    /// Counted from 0: the end of the names of its fields.
    position: usize,
    when: String,
    branches: Vec<String>,
    days: String,
    days_error: Option<&'a str>,
    template: String,
    tone: String,
    approval: bool,
    is_removed: bool,
}

impl<'a> Told<'a> {
    fn of(shell: &'a Shell, steps: &[Step], position: usize, step: &'a Step) -> Self {
        let typed = |name: &str, now: &str| shell.refused.value(FORM, &field(name, position)).unwrap_or(now).to_owned();
        let is_again = shell.refused.is_of(FORM);
        let ticked =
            |name: &str, now: bool| if is_again { shell.refused.chose(FORM, &field(name, position), "yes") } else { now };
        let leads =
            |branch: &Branch| format!("{} → {}", shell.word("answer", branch.on), leads_to(shell, steps, position, branch));
        Self {
            step,
            position,
            when: when(shell, step),
            branches: step.branches.iter().map(leads).collect(),
            days: typed("days", &step.days.to_string()),
            days_error: shell.refused.error(FORM, &field("days", position)),
            template: typed("template", step.template.as_str()),
            tone: typed("tone", step.tone.as_str()),
            approval: ticked("approval", step.approval),
            is_removed: ticked("remove", false),
        }
    }

    const fn number(&self) -> usize {
        self.position + 1
    }
}

/// When a step is taken.
fn when(shell: &Shell, step: &Step) -> String {
    let (days, away) = (step.days, step.days.unsigned_abs());
    match step.anchor {
        Anchor::PhaseStart => shell.fill("portal.strategies.after_start", days),
        Anchor::DueDate if days < 0 => shell.fill("portal.strategies.before_due", away),
        Anchor::DueDate => shell.fill("portal.strategies.after_due", days),
        Anchor::PreviousStep => shell.fill("portal.strategies.after_previous", days),
        Anchor::Answer => {
            let answer = step.after.map(|answer| shell.word("answer", answer)).unwrap_or_default();
            format!("{} {answer}", shell.fill("portal.strategies.after_answer", days))
        }
    }
}

/// Where a branch leads.
fn leads_to(shell: &Shell, steps: &[Step], from: usize, branch: &Branch) -> String {
    match target(steps, from, branch.on) {
        Some(Target::Step(position)) => shell.fill("portal.strategies.to_step", position + 1),
        Some(Target::Person) => shell.say("portal.strategies.to_person").to_owned(),
        Some(Target::End) => shell.say("portal.strategies.to_end").to_owned(),
        None => branch.go_to.clone(),
    }
}

impl StrategyPage<'_> {
    const fn wordings() -> &'static [Wording] {
        Wording::ALL
    }

    const fn tones() -> &'static [Tone] {
        Tone::ALL
    }
}

/// The form that makes the next version.
const FORM: &str = "version";

fn field(name: &str, position: usize) -> String {
    format!("{name}-{position}")
}

/// # Errors
/// Not visible.
pub async fn show(app: Data<App>, visitor: Visitor, id: Path<StrategyId>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, *id, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, id: StrategyId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let version = app.db.transaction(by.scope, async |conn| strategies::find(conn, &by, id).await).await?;
    let shell = Shell::of(visitor, version.label(), refused);
    let told = |(position, step)| Told::of(&shell, &version.steps, position, step);
    let page = StrategyPage {
        shell: &shell,
        steps: version.steps.iter().enumerate().map(told).collect(),
        is_own: version.owner_id == Some(visitor.org),
        may_change: may_lead(visitor).is_ok(),
        version: &version,
    };
    visitor.show(&shell, &page)
}

/// Keeps the next version, made of this one: a draft of one's own, which may have another name.
///
/// # Errors
/// What is not the form's fault.
pub async fn write(app: Data<App>, visitor: Visitor, id: Path<StrategyId>, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let by = visitor.by_now();
    let present = app.db.transaction(by.scope, async |conn| strategies::find(conn, &by, *id).await).await?;
    let mut kept: Option<StrategyId> = None;
    let refused = match steps_of(&present.steps, &fields) {
        Err(problem) => Some(fields.refused(problem)?),
        Ok(steps) => {
            let new = NewStrategy { name: fields.text("name").to_owned(), steps };
            fields
                .perform(&app, &visitor, async |conn, by| {
                    kept = Some(strategies::create(conn, by, visitor.org, &new).await?.id);
                    Ok::<_, crate::recovery::RecoveryError>(())
                })
                .await?
        }
    };
    match refused {
        None => {
            let at = kept.map_or_else(|| HERE.to_owned(), |id| format!("{HERE}/{id}"));
            visitor.done(&at, "strategy_kept")
        }
        Some(refused) => page(&app, &visitor, *id, refused).await,
    }
}

/// The steps of the next version: those of the present one as changed, without those that were ticked to go, and a new last one.
fn steps_of(present: &[Step], fields: &Fields) -> Result<Vec<Step>, Problem> {
    let mut steps = Vec::with_capacity(present.len() + 1);
    for (position, step) in present.iter().enumerate() {
        if fields.ticked(&field("remove", position)) {
            continue;
        }
        let template: Wording = fields.parse(&field("template", position))?;
        steps.push(Step {
            days: days(fields, &field("days", position))?,
            channel: template.channel(),
            template,
            tone: fields.parse(&field("tone", position))?,
            approval: fields.ticked(&field("approval", position)),
            // Another channel of the same kind as the step itself is none.
            fallback: step.fallback.filter(|fallback| fallback.channel != template.channel()),
            ..step.clone()
        });
    }
    if let Some(template) = fields.parse_optional::<Wording>("template-new")? {
        let anchor = if steps.is_empty() { Anchor::PhaseStart } else { Anchor::PreviousStep };
        steps.push(Step {
            key: None,
            anchor,
            after: None,
            days: days(fields, "days-new")?,
            channel: template.channel(),
            template,
            tone: fields.parse("tone-new")?,
            when: None,
            approval: false,
            fallback: None,
            branches: Vec::new(),
        });
    }
    Ok(steps)
}

fn days(fields: &Fields, name: &str) -> Result<i16, Problem> {
    fields.text(name).parse().map_err(|_| Problem::invalid(format!("/{name}"), "write a number of days"))
}

/// Publishes a draft: it never changes from then on.
///
/// # Errors
/// What is not the form's fault.
pub async fn publish(app: Data<App>, visitor: Visitor, id: Path<StrategyId>, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let refused = fields.perform(&app, &visitor, async |conn, by| strategies::publish(conn, by, visitor.org, *id).await).await?;
    match refused {
        None => visitor.done(&format!("{HERE}/{}", *id), "strategy_published"),
        Some(refused) => page(&app, &visitor, *id, refused).await,
    }
}

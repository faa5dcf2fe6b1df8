//! A step about to be taken, and the row it leaves.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    RecoveryError,
    dossier::{Dossier, pursuer_of},
    policy::Rule,
    records::ActionStatus,
    runs::{Run, Taken},
    store::actions,
    strategy::{Step, Template},
};
use crate::{
    cases::Case,
    db::Conn,
    types::{ActionId, Tone},
};

/// A step with everything it needs.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    pub id: ActionId,
    pub dossier: &'a Dossier,
    pub run: &'a Run,
    pub step: &'a Step,
    /// Counted from 0.
    pub position: i32,
    /// Whether it takes the step's other channel.
    pub is_fallback: bool,
    /// The step's own, or the ceiling it was lowered to.
    pub tone: Tone,
    /// Whose ceiling that was.
    pub lowered_by: Option<Rule>,
}

impl Act<'_> {
    /// Writes the action down.
    ///
    /// # Errors
    /// The step was taken already (`actions_once`), or the database fails.
    pub async fn keep(
        &self,
        conn: &mut Conn<'_>,
        case: &Case,
        status: ActionStatus,
        rule: Option<Rule>,
        at: DateTime<Utc>,
    ) -> Result<(), RecoveryError> {
        let action = actions::Insert {
            id: self.id,
            case: case.id,
            creditor: case.creditor,
            agency: pursuer_of(case),
            run: self.run.id,
            step: self.position,
            is_fallback: self.is_fallback,
            channel: self.step.channel,
            template: self.step.template,
            tone: self.tone,
            status,
            rule: rule.or(self.lowered_by),
            decided_at: at,
        };
        Ok(actions::insert(conn, &action).await?)
    }

    /// What is said, and how.
    #[must_use]
    pub const fn said(&self) -> (Template, Tone) {
        (self.step.template, self.tone)
    }

    #[must_use]
    pub const fn taken(&self) -> Taken {
        Taken { run: self.run.id, step: self.position, is_fallback: self.is_fallback }
    }

    /// What the timeline says of it, with `more`.
    #[must_use]
    pub fn told(&self, more: Value) -> Value {
        let Step { channel, template, .. } = *self.step;
        let mut told = json!({
            "action_id": self.id, "step": self.position + 1, "strategy": self.run.strategy,
            "channel": channel, "template": template, "tone": self.tone, "lowered_by": self.lowered_by,
            "instead": self.is_fallback.then_some(true),
        });
        merge(&mut told, more);
        told
    }
}

/// Adds the members of one object to another; nulls are left out.
pub fn merge(told: &mut Value, more: Value) {
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
        told.retain(|_, value| !value.is_null());
    }
}

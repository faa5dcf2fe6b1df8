//! What the engine writes down: actions, what became of messages, and work for people.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{policy::Rule, strategy::Template};
use crate::types::{ActionId, CaseId, Channel, DeliveryId, DocumentId, MemberId, OrgId, TaskId, Tone, text_enum};

text_enum! {
    /// How far an action has come.
    pub enum ActionStatus {
        /// Its message is on its way out, or its call is to be made.
        Prepared => "prepared",
        Done => "done",
        /// The contact policy did not allow the step.
        Refused => "refused",
        /// Something stopped contact before it left. The step is taken again when contact resumes.
        Stopped => "stopped",
        Failed => "failed",
        /// Its condition was false, its answer had not come, or a branch led past it.
        LeftOut => "left_out",
    }
}

text_enum! {
    /// What became of a message.
    pub enum DeliveryStatus {
        Queued => "queued",
        Sending => "sending",
        /// Its provider has taken it.
        Sent => "sent",
        /// It arrived, as its provider reports.
        Delivered => "delivered",
        Stopped => "stopped",
        Failed => "failed",
        /// It had left, and came back undelivered.
        Bounced => "bounced",
        /// The debtor wrote back.
        Answered => "answered",
    }
}

text_enum! {
    /// What a person is asked to do.
    pub enum TaskKind {
        Call => "call",
        Review => "review",
        /// Whether a step may be taken.
        Approval => "approval",
        /// Whether the account owner speaks with the customer first.
        Owner => "owner",
    }
}

text_enum! {
    /// Why a person is asked.
    pub enum TaskReason {
        /// A call is the next step.
        CallDue => "call_due",
        /// All steps are taken: somebody decides how the case goes on.
        StepsTaken => "steps_taken",
        /// The creditor does not want this customer contacted.
        DoNotContact => "do_not_contact",
        /// A message was refused for good.
        NotDelivered => "not_delivered",
        /// Nobody knows whether a message was accepted; it is not sent again by itself.
        DeliveryUnknown => "delivery_unknown",
        /// The debtor answered, and the strategy leads to a person.
        Answered => "answered",
        /// A step is not taken without a yes.
        ApprovalNeeded => "approval_needed",
        /// The creditor wants to read what an agency sends in its name.
        CreditorApproval => "creditor_approval",
        /// Before anybody writes to the customer its account owner has the first word.
        OwnerFirst => "owner_first",
        /// A step could not be prepared.
        StepFailed => "step_failed",
        /// A person asked for it.
        ByHand => "by_hand",
    }
}

text_enum! {
    pub enum TaskStatus {
        Open => "open",
        Done => "done",
        /// No longer to be done.
        Stopped => "stopped",
    }
}

text_enum! {
    /// What a call, a review or an approval came to.
    pub enum TaskResult {
        Reached => "reached",
        NoAnswer => "no_answer",
        Promise => "promise",
        Dispute => "dispute",
        Refused => "refused",
        /// For a review: somebody has decided.
        Reviewed => "reviewed",
        /// For an approval.
        Approved => "approved",
        /// For an approval: the step is left out.
        Declined => "declined",
        /// For an account owner: the strategy may begin.
        LetItRun => "let_it_run",
        /// For an account owner: I speak with them; everybody else waits for two weeks.
        TakeIt => "take_it",
        /// For an account owner: why they have not paid, in the note; contact rests for two weeks.
        ReasonGiven => "reason_given",
    }
}

impl TaskResult {
    /// Whether it is what a task of this kind may come to.
    #[must_use]
    pub const fn fits(self, kind: TaskKind) -> bool {
        match self {
            Self::Reached | Self::NoAnswer | Self::Promise | Self::Dispute | Self::Refused => matches!(kind, TaskKind::Call),
            Self::Reviewed => matches!(kind, TaskKind::Review),
            Self::Approved | Self::Declined => matches!(kind, TaskKind::Approval),
            Self::LetItRun | Self::TakeIt | Self::ReasonGiven => matches!(kind, TaskKind::Owner),
        }
    }
}

/// A step that was taken, or refused.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub struct Action {
    #[diesel(sql_type = SqlUuid)]
    pub id: ActionId,
    /// Who acted; null: the creditor itself.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub agency_id: Option<OrgId>,
    /// Counted from 1.
    #[diesel(sql_type = Integer)]
    pub step: i32,
    #[diesel(sql_type = Text)]
    pub channel: Channel,
    #[diesel(sql_type = Text)]
    pub template: Template,
    /// As sent: never above the ceiling of the relationship profile.
    #[diesel(sql_type = Text)]
    pub tone: Tone,
    #[diesel(sql_type = Text)]
    pub status: ActionStatus,
    /// The rule of the contact policy that refused, stopped or softened it.
    #[diesel(sql_type = Nullable<Text>)]
    pub rule: Option<Rule>,
    #[diesel(sql_type = Timestamptz)]
    pub decided_at: DateTime<Utc>,
}

/// A message, word by word, and what became of it.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub struct Delivery {
    #[diesel(sql_type = SqlUuid)]
    pub id: DeliveryId,
    #[diesel(sql_type = SqlUuid)]
    pub action_id: ActionId,
    #[diesel(sql_type = Text)]
    pub channel: Channel,
    #[diesel(sql_type = Text)]
    pub sender: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub reply_to: Option<String>,
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    /// Plain text; a letter's stands in its document.
    #[diesel(sql_type = Text)]
    pub body: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub document_id: Option<DocumentId>,
    /// How many a text message is sent as; null for everything else.
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub segments: Option<i16>,
    #[diesel(sql_type = Text)]
    pub status: DeliveryStatus,
    /// Why it was stopped, failed, or did not leave yet.
    #[diesel(sql_type = Nullable<Text>)]
    pub error: Option<String>,
    #[diesel(sql_type = Text)]
    pub message_id: String,
    #[diesel(sql_type = Timestamptz)]
    pub queued_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sent_at: Option<DateTime<Utc>>,
    /// When it arrived, where its provider reports that.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub delivered_at: Option<DateTime<Utc>>,
}

/// Work for a person.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub struct Task {
    #[diesel(sql_type = SqlUuid)]
    pub id: TaskId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[serde(skip)]
    #[diesel(sql_type = SqlUuid)]
    pub creditor_id: OrgId,
    /// Whose work it is; null: the creditor's own.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub agency_id: Option<OrgId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub action_id: Option<ActionId>,
    #[diesel(sql_type = Text)]
    pub kind: TaskKind,
    #[diesel(sql_type = Text)]
    pub reason: TaskReason,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub status: TaskStatus,
    #[diesel(sql_type = Nullable<Text>)]
    pub result: Option<TaskResult>,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub done_at: Option<DateTime<Utc>>,
    /// Whose it is; null: nobody's in particular.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub assignee_id: Option<MemberId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub done_by: Option<MemberId>,
}

//! What a creditor allows to be done to a customer, and what holds while it has said nothing.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::types::{Channel, Tone};
use crate::types::{DebtorId, MemberId};

/// The relationship profile of one debtor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Profile {
    pub debtor_id: DebtorId,
    /// Nobody writes more firmly than this.
    pub tone_ceiling: Tone,
    pub channels: Vec<Channel>,
    pub do_not_contact: bool,
    /// On the debtor's clock.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")]
    pub contact_from: NaiveTime,
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")]
    pub contact_until: NaiveTime,
    /// The creditor's person who speaks with this customer before anyone else writes.
    pub account_owner_id: Option<MemberId>,
    /// The creditor says yes to every mail, letter and text message before it is sent, whoever writes it.
    pub approves_texts: bool,
    /// 0 while the creditor has said nothing.
    pub version: i32,
}

/// A profile as a creditor sets it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileSetting {
    pub tone_ceiling: Tone,
    pub channels: Vec<Channel>,
    pub do_not_contact: bool,
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")]
    pub contact_from: NaiveTime,
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")]
    pub contact_until: NaiveTime,
    pub account_owner_id: Option<MemberId>,
    #[serde(default)]
    pub approves_texts: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileRefusal {
    #[error("contact must end after it begins, on the same day")]
    Hours,
    #[error("without a channel nobody can be reached: set do_not_contact instead")]
    NoChannel,
    #[error("a channel is named twice")]
    ChannelTwice,
    #[error("this person is no member of your organisation")]
    NoSuchMember,
}

impl ProfileRefusal {
    /// The field at fault.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Hours => "/contact_until",
            Self::NoChannel | Self::ChannelTwice => "/channels",
            Self::NoSuchMember => "/account_owner_id",
        }
    }
}

const DEFAULT_FROM: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
const DEFAULT_UNTIL: NaiveTime = match NaiveTime::from_hms_opt(19, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

impl Profile {
    /// What holds until the creditor says otherwise: every channel, by day, firm at most in tone.
    #[must_use]
    pub fn default_of(debtor_id: DebtorId) -> Self {
        Self {
            debtor_id,
            tone_ceiling: Tone::Firm,
            channels: Channel::ALL.to_vec(),
            do_not_contact: false,
            contact_from: DEFAULT_FROM,
            contact_until: DEFAULT_UNTIL,
            account_owner_id: None,
            approves_texts: false,
            version: 0,
        }
    }
}

impl ProfileSetting {
    /// # Errors
    /// Hours that end before they begin, no channel, or one twice.
    pub fn check(&self) -> Result<(), ProfileRefusal> {
        if self.contact_until <= self.contact_from {
            return Err(ProfileRefusal::Hours);
        }
        if self.channels.is_empty() {
            return Err(ProfileRefusal::NoChannel);
        }
        let mut seen = self.channels.clone();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() != self.channels.len() {
            return Err(ProfileRefusal::ChannelTwice);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(channels: &str, from: &str, until: &str) -> ProfileSetting {
        serde_json::from_value(serde_json::json!({
            "tone_ceiling": "gentle", "channels": channels.split(' ').filter(|c| !c.is_empty()).collect::<Vec<_>>(), "do_not_contact": false,
            "contact_from": from, "contact_until": until, "account_owner_id": null
        }))
        .unwrap()
    }

    #[test]
    fn a_profile_must_leave_a_way_and_a_time_to_reach_the_customer() {
        assert_eq!(setting("mail letter", "09:00", "18:30:00").check(), Ok(()));
        assert_eq!(setting("mail", "18:00", "09:00").check(), Err(ProfileRefusal::Hours));
        assert_eq!(setting("", "09:00", "18:00").check(), Err(ProfileRefusal::NoChannel));
        assert_eq!(setting("mail call mail", "09:00", "18:00").check(), Err(ProfileRefusal::ChannelTwice));
    }

    #[test]
    fn tones_grow_firmer_in_order() {
        assert!(Tone::Gentle < Tone::Neutral && Tone::Neutral < Tone::Firm);
        let default = Profile::default_of(DebtorId::fresh());
        assert!(default.contact_from < default.contact_until && default.channels.len() == 4);
    }
}

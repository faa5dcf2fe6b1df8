//! How people are written to and called: tone and channel.

use super::text_enum;

text_enum! {
    /// Wording changes with the tone; what is said does not, and no tone threatens. In order: each allows those before it.
    pub enum Tone {
        Gentle => "gentle",
        Neutral => "neutral",
        Firm => "firm",
    }
}

text_enum! {
    pub enum Channel {
        Mail => "mail",
        Letter => "letter",
        Call => "call",
        Sms => "sms",
    }
}

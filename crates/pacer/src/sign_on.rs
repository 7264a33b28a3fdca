//! The meaning of the answers of PACER's central sign-on.
//!
//! It answers 200 whether it accepts or not, with a code, a text and perhaps a token.

/// An answer of the sign-on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignOn {
    /// Accepted: the token is good, whatever the warning.
    LoggedIn(Option<Warning>),
    /// Not accepted.
    Refused(Refusal),
}

/// A warning of the sign-on at a successful login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Warning {
    /// The account must give a client code; until then it may not search.
    ClientCodeRequired,
    /// The account may not search any more.
    AccountDisabled,
    /// Something else, such as a password that is about to run out.
    Other,
}

/// Why the sign-on does not accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Wrong username, password or one-time code; it does not tell which.
    Credentials,
    /// A filer has to state that the notice on redaction was read.
    Redaction,
    /// The account is disabled.
    AccountDisabled,
    /// It accepted, and gave no token.
    NoToken,
    /// An unknown code.
    UnknownCode,
}

/// Tells what an answer means. `code` is its `loginResult`, empty if there was none; `text` its
/// `errorDescription`.
#[must_use]
pub fn answer(code: &str, has_token: bool, text: &str) -> SignOn {
    let says = |part: &str| text.to_ascii_lowercase().contains(part);
    match code {
        "0" if !has_token => SignOn::Refused(Refusal::NoToken),
        "0" if text.is_empty() => SignOn::LoggedIn(None),
        "0" => SignOn::LoggedIn(Some(if says("client code") {
            Warning::ClientCodeRequired
        } else if says("disabled") {
            Warning::AccountDisabled
        } else {
            Warning::Other
        })),
        "1" if says("redact") => SignOn::Refused(Refusal::Redaction),
        "" | "1" | "13" => SignOn::Refused(Refusal::Credentials),
        _ if says("disabled") => SignOn::Refused(Refusal::AccountDisabled),
        _ => SignOn::Refused(Refusal::UnknownCode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_a_meaning_of_its_own() {
        let check = |code: &str, has_token: bool, text: &str, meaning: SignOn| {
            assert_eq!(answer(code, has_token, text), meaning, "{code} {text}");
        };
        let (yes, no) = (SignOn::LoggedIn, SignOn::Refused);
        check("0", true, "", yes(None));
        let text = "A required Client Code was not entered. Searching is disabled.";
        check("0", true, text, yes(Some(Warning::ClientCodeRequired)));
        let text = "Your current account has been disabled";
        check("0", true, text, yes(Some(Warning::AccountDisabled)));
        let text = "Your password expires in 3 days.";
        check("0", true, text, yes(Some(Warning::Other)));
        check("0", false, "", no(Refusal::NoToken));
        check("1", false, "Login Failed", no(Refusal::Credentials));
        let text = "All filers must redact: Social Security numbers";
        check("1", false, text, no(Refusal::Redaction));
        let text = "Invalid username, password, or one-time passcode";
        check("13", false, text, no(Refusal::Credentials));
        check("", false, "", no(Refusal::Credentials));
        check("5", false, "disabled", no(Refusal::AccountDisabled));
        check("7", true, "no token counts", no(Refusal::UnknownCode));
    }
}

//! Pages that ask to log in.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::page::login_check::is_logged_in;

static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?-u)(?:document|window)\.location\s*=\s*["']https://[a-z-]*\.?login\.uscourts\.gov"#,
        r#"|(?i)name\s*=\s*["']?GetPass\b"#,
        r#"|loginForm:loginName|csologin/login\.jsf\?"#,
        r"|text.*Not logged in",
    ))
    .expect("pattern is tested")
});

/// Whether the page positively is one that asks to log in. Menus of the same sites link to the
/// sign-on, so ask only after the page proved to be nothing else; and a page that only somebody
/// logged in sees is none, whatever it links to: who takes it for one repeats a purchase.
pub(super) fn is_login_page(page: &[u8]) -> bool {
    LOGIN.is_match(page) && !is_logged_in(page)
}

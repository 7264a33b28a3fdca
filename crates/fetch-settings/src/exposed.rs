//! URLs to which secrets go.

use std::net::IpAddr;

use url::{Host, Url};

use crate::{PREFIX, Settings};

/// Whether what is sent to a URL can be read on its way: in plain text, to another machine. What is
/// no URL is taken for one that can. Placeholders such as `{court}` stand for a name.
#[must_use]
pub fn is_exposed(url: &str) -> bool {
    let Ok(url) = Url::parse(&url.trim().replace(['{', '}'], "")) else {
        return true;
    };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    url.scheme() != "https" && !is_here
}

impl Settings {
    /// An absolute URL to which passwords, sessions or keys are sent: over TLS or to this machine,
    /// unless the setting `allow_plain` says that nobody else can listen.
    pub fn url_of_secrets(&mut self, name: &str, default: &str, allow_plain: &str) -> String {
        let value = self.url(name, default);
        let is_allowed = self.flag(allow_plain, false);
        if !is_allowed && is_exposed(&value) {
            let why = format!(
                "names another host, so passwords and sessions would go there in plain text: use \
                 an https:// URL, or set {PREFIX}{allow_plain}=true if nobody else can listen on \
                 that network"
            );
            self.mistake(name, &why);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_on_this_machine() {
        for url in [
            "http://pacer.login.uscourts.gov",
            "HTTP://sign-on",
            "http:\\\\sign-on",
            "http://{host}",
            "http://192.0.2.7:8400/{court}",
            "http://[2001:db8::1]/",
            // What only looks like this machine.
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
            "http://127.0.0.1:80@sign-on/",
            "http://localhost:80@192.0.2.7/",
            "http://0.0.0.0/",
            "ws://sign-on",
            "sign-on",
            "",
        ] {
            assert!(is_exposed(url), "{url}");
        }
        for url in [
            "https://{host}",
            "https://pacer.login.uscourts.gov",
            "http://127.0.0.1:8400/{court}",
            "http://127.9.9.9",
            "http://[::1]:8400",
            "http://localhost:8400/{court}",
        ] {
            assert!(!is_exposed(url), "{url}");
        }
    }

    #[test]
    fn what_is_refused_says_what_to_do() {
        let mut settings = Settings::of([("CSO_URL", "http://me:canary@sign-on")]);
        settings.url_of_secrets("CSO_URL", "https://sign-on", "COURTS_ALLOW_PLAIN");
        let crate::Mistakes(mistakes) = settings.read::<()>().unwrap_err();
        let [said] = &mistakes[..] else {
            panic!("{mistakes:?}")
        };
        for word in [
            "PACER_FETCH_CSO_URL",
            "https://",
            "PACER_FETCH_COURTS_ALLOW_PLAIN=true",
        ] {
            assert!(said.contains(word), "{said}");
        }
        assert!(!said.contains("canary"), "{said}");
        let given = [
            ("CSO_URL", "http://sign-on"),
            ("COURTS_ALLOW_PLAIN", "true"),
        ];
        let mut settings = Settings::of(given);
        settings.url_of_secrets("CSO_URL", "https://sign-on", "COURTS_ALLOW_PLAIN");
        settings.read::<()>().unwrap();
    }
}

//! Where may be sent: to public addresses, over TLS, unless the operator says otherwise.
//!
//! Whoever names an endpoint has us connect to it, from inside of the operator's network. So every address is
//! judged that a connection would be made to: by what the registries of IANA say of it, and nothing that is not known
//! to be public is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fetch_settings::{FromEnv, Settings};
use ipnet::{Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Characters that a URL may have. CourtListener's limit.
pub const MOST_CHARACTERS: usize = 2000;

/// Why nothing is sent there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedTarget {
    /// It is no URL with a host.
    #[error("Enter a valid URL.")]
    Malformed,
    /// It has too many characters.
    #[error("Ensure this field has no more than {MOST_CHARACTERS} characters.")]
    TooLong,
    /// It would be sent in plain text, or by another protocol.
    #[error("Enter a URL that begins with https://.")]
    NotHttps,
    /// There is a user or a password in it.
    #[error("Leave user and password out of the URL. Deliveries are signed: check the signature.")]
    Userinfo,
    /// It is not public.
    #[error("{0} is not a public address, and this server sends to no others.")]
    Private(
        /// The address, or the name of this machine.
        String,
    ),
}

/// Where may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Targets {
    /// Private addresses and plain HTTP are allowed: where the receivers are the operator's own, and in tests.
    pub allow_private: bool,
}

impl FromEnv for Targets {
    fn from_env(settings: &mut Settings) -> Targets {
        let default = Targets::default();
        Targets {
            allow_private: settings.flag("WEBHOOKS_ALLOW_PRIVATE", default.allow_private),
        }
    }
}

impl Targets {
    /// Reads the URL of an endpoint. The addresses that its name leads to are judged when they are known.
    ///
    /// # Errors
    /// When nothing is sent there, whatever the name leads to.
    pub fn read(self, text: &str) -> Result<Url, RefusedTarget> {
        if text.chars().count() > MOST_CHARACTERS {
            return Err(RefusedTarget::TooLong);
        }
        // The parser leaves some out, and the text is shown in terminals.
        if text.chars().any(char::is_control) {
            return Err(RefusedTarget::Malformed);
        }
        let url = Url::parse(text).map_err(|_| RefusedTarget::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return Err(RefusedTarget::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RefusedTarget::Userinfo);
        }
        // The parser has turned every way of writing an address into the address.
        match url.host().ok_or(RefusedTarget::Malformed)? {
            Host::Ipv4(address) => self.judge(address.into())?,
            Host::Ipv6(address) => self.judge(address.into())?,
            Host::Domain(name) => self.judge_name(name)?,
        }
        Ok(url)
    }

    /// Judges an address that a connection is to be made to.
    ///
    /// # Errors
    /// When it is not public.
    pub fn judge(self, address: IpAddr) -> Result<(), RefusedTarget> {
        match self.allow_private || is_public(address) {
            true => Ok(()),
            false => Err(RefusedTarget::Private(address.to_string())),
        }
    }

    /// These names mean the machine itself (RFC 6761), whatever a resolver says.
    fn judge_name(self, name: &str) -> Result<(), RefusedTarget> {
        let bare = name.trim_end_matches('.');
        match !self.allow_private && (bare == "localhost" || bare.ends_with(".localhost")) {
            true => Err(RefusedTarget::Private(name.to_owned())),
            false => Ok(()),
        }
    }
}

/// What is not public of IPv4, from IANA's registry of special-purpose addresses and that of multicast.
const SPECIAL_IPV4: [Ipv4Net; 16] = [
    // This network (RFC 791).
    ipv4([0, 0, 0, 0], 8),
    // Private (RFC 1918).
    ipv4([10, 0, 0, 0], 8),
    // Shared by the customers of a provider (RFC 6598).
    ipv4([100, 64, 0, 0], 10),
    // This machine (RFC 1122).
    ipv4([127, 0, 0, 0], 8),
    // This link, and the metadata of clouds (RFC 3927).
    ipv4([169, 254, 0, 0], 16),
    // Private (RFC 1918).
    ipv4([172, 16, 0, 0], 12),
    // For protocols (RFC 6890).
    ipv4([192, 0, 0, 0], 24),
    // For documentation (RFC 5737).
    ipv4([192, 0, 2, 0], 24),
    // Relays of 6to4 (RFC 7526).
    ipv4([192, 88, 99, 0], 24),
    // Private (RFC 1918).
    ipv4([192, 168, 0, 0], 16),
    // For benchmarks (RFC 2544).
    ipv4([198, 18, 0, 0], 15),
    // For documentation (RFC 5737).
    ipv4([198, 51, 100, 0], 24),
    ipv4([203, 0, 113, 0], 24),
    // Multicast (RFC 5771).
    ipv4([224, 0, 0, 0], 4),
    // For later, and broadcast (RFC 1112, RFC 8190).
    ipv4([240, 0, 0, 0], 4),
    // The host of each virtual machine of Azure, by its documentation.
    ipv4([168, 63, 129, 16], 32),
];

/// Where addresses are that hosts of the internet have. Outside of it are: unspecified, this machine, those of IPv4
/// written as IPv6 (`::ffff:0:0/96`), of translators (`64:ff9b::/96`, `64:ff9b:1::/48`), unique-local, of the link, and
/// multicast.
const GLOBAL_IPV6: Ipv6Net = ipv6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What is not public of that, from IANA's registry.
const SPECIAL_IPV6: [Ipv6Net; 4] = [
    // For protocols, Teredo among them, which has addresses of IPv4 in it (RFC 2928, RFC 4380).
    ipv6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    // For documentation (RFC 3849, RFC 9637).
    ipv6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ipv6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
    // 6to4, which has addresses of IPv4 in it (RFC 3056).
    ipv6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
];

const fn ipv4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn ipv6(groups: [u16; 8], prefix: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = groups;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

/// Whether hosts of the internet have such addresses.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_IPV4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            let is_special = SPECIAL_IPV6.iter().any(|net| net.contains(&address));
            GLOBAL_IPV6.contains(&address) && !is_special
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC_ONLY: Targets = Targets {
        allow_private: false,
    };
    const ANY: Targets = Targets {
        allow_private: true,
    };

    #[test]
    fn every_kind_of_address_that_is_not_public_is_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.7",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let ip: IpAddr = address.parse().unwrap();
            let refused = Err(RefusedTarget::Private(ip.to_string()));
            assert_eq!(PUBLIC_ONLY.judge(ip), refused, "{address}");
            assert_eq!(ANY.judge(ip), Ok(()), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_let_through_up_to_the_edges() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001:80b::200e",
        ] {
            assert_eq!(
                PUBLIC_ONLY.judge(address.parse().unwrap()),
                Ok(()),
                "{address}"
            );
        }
    }

    #[test]
    fn a_url_is_judged_by_what_it_means_and_not_by_how_it_is_written() {
        let private = |text: &str| RefusedTarget::Private(text.to_owned());
        for (text, refused) in [
            ("https://127.0.0.1/hook", private("127.0.0.1")),
            ("https://127.1/hook", private("127.0.0.1")),
            ("https://2130706433/hook", private("127.0.0.1")),
            ("https://0x7f.0.0.1/hook", private("127.0.0.1")),
            ("https://0177.0.0.1/hook", private("127.0.0.1")),
            ("https://127。0。0。1/hook", private("127.0.0.1")),
            ("https://[::1]/hook", private("::1")),
            (
                "https://[::ffff:169.254.169.254]/",
                private("::ffff:169.254.169.254"),
            ),
            (
                "https://169.254.169.254/latest/",
                private("169.254.169.254"),
            ),
            ("https://localhost/hook", private("localhost")),
            ("https://LOCALHOST./hook", private("localhost.")),
            ("https://a.localhost:8443/hook", private("a.localhost")),
            ("http://hooks.example.com/", RefusedTarget::NotHttps),
            ("ftp://hooks.example.com/", RefusedTarget::NotHttps),
            ("file:///etc/passwd", RefusedTarget::NotHttps),
            ("gopher://hooks.example.com/", RefusedTarget::NotHttps),
            ("https://ann@hooks.example.com/", RefusedTarget::Userinfo),
            ("https://ann:pw@hooks.example.com/", RefusedTarget::Userinfo),
            ("https://:pw@hooks.example.com/", RefusedTarget::Userinfo),
            ("https://", RefusedTarget::Malformed),
            ("hooks.example.com/hook", RefusedTarget::Malformed),
            ("/hook", RefusedTarget::Malformed),
            ("", RefusedTarget::Malformed),
        ] {
            assert_eq!(PUBLIC_ONLY.read(text), Err(refused), "{text}");
        }
        for text in [
            "https://hooks.example.com/3f1c9a52e7",
            "https://hooks.example.com:8443/a?b=c",
            "https://8.8.8.8/hook",
            "https://localhost.example.com/",
        ] {
            assert_eq!(PUBLIC_ONLY.read(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn an_operator_may_allow_plain_http_to_private_addresses_and_nothing_else() {
        for text in [
            "http://127.0.0.1:8080/hook",
            "http://localhost/hook",
            "https://10.0.0.1/",
        ] {
            assert_eq!(ANY.read(text).unwrap().as_str(), text);
        }
        for text in ["ftp://127.0.0.1/", "http://ann:pw@127.0.0.1/", "hook"] {
            assert!(ANY.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_url_has_two_thousand_characters_at_most() {
        let of_length = |length: usize| {
            let begin = "https://hooks.example.com/";
            format!("{begin}{}", "x".repeat(length - begin.len()))
        };
        assert!(PUBLIC_ONLY.read(&of_length(2000)).is_ok());
        assert_eq!(
            PUBLIC_ONLY.read(&of_length(2001)),
            Err(RefusedTarget::TooLong)
        );
    }
}

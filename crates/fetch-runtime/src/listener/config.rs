//! The settings of what listens.

use std::{net::SocketAddr, time::Duration};

use tracing::warn;

use super::{Proxies, TlsFiles};
use crate::{FromEnv, Settings};

/// What connections may take, in one process and for each port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most connections. When there is no room, the one that has been idle for longest goes; a
    /// newcomer is refused only while requests are under way on all of them.
    pub connections: usize,
    /// The same for those from one address (of IPv6, one /64), if there is such a limit.
    pub per_address: Option<usize>,
    /// Who brings the calls of many, and is not held to that limit.
    pub proxies: Proxies,
    /// How long a caller may take for the head of a request, counted from the end of the one
    /// before. So it is also how long an idle connection stays.
    pub head_within: Duration,
    /// How long a caller may take nothing of an answer.
    pub read_within: Duration,
    /// The most requests at once on one connection of HTTP/2.
    pub streams: u32,
}

impl ConnectionLimits {
    /// For a port that is asked by machines of the operator's, a few at a time.
    #[must_use]
    pub fn of_a_few() -> ConnectionLimits {
        ConnectionLimits {
            connections: 64,
            per_address: None,
            proxies: Proxies::default(),
            head_within: Duration::from_secs(10),
            read_within: Duration::from_secs(10),
            streams: 16,
        }
    }
}

/// Descriptors for all that is no caller's connection: files, the database, NATS.
const DESCRIPTORS_BESIDE: usize = 256;

impl ConnectionLimits {
    /// The same, and no more than the system lets this process have on so many ports. What it
    /// lets it have is raised as far as may be.
    #[must_use]
    pub fn within_descriptors(mut self, ports: usize) -> ConnectionLimits {
        let wanted = self.connections * ports + DESCRIPTORS_BESIDE;
        let allowed = rlimit::increase_nofile_limit(u64::try_from(wanted).unwrap_or(u64::MAX));
        let allowed = match allowed {
            Ok(allowed) => usize::try_from(allowed).unwrap_or(usize::MAX),
            Err(_) => 1024,
        };
        let room = allowed.saturating_sub(DESCRIPTORS_BESIDE) / ports.max(1);
        if room < self.connections {
            let wanted = self.connections;
            warn!(
                wanted,
                room, "the limit on open files allows fewer connections than configured"
            );
            self.connections = room.max(1);
        }
        self
    }
}

/// How a process accepts callers.
#[derive(Debug, Clone)]
pub struct ListenerConfig {
    /// The certificate and its key, if connections are encrypted here.
    pub tls: Option<TlsFiles>,
    /// A proxy stands in front, which encrypts.
    pub behind_proxy: bool,
    /// Who is believed about who calls, and where.
    pub proxies: Proxies,
    /// What connections may take.
    pub limits: ConnectionLimits,
}

impl FromEnv for ListenerConfig {
    fn from_env(settings: &mut Settings) -> ListenerConfig {
        let tls = tls_files(settings);
        let behind_proxy = settings.flag("BEHIND_PROXY", false);
        let proxies = settings.parsed("TRUSTED_PROXIES", Proxies::default(), str::parse);
        let connections = settings.number("CONNECTIONS", 4096, 1..=1_000_000);
        let per_address = settings.number("CONNECTIONS_PER_ADDRESS", 1024, 1..=1_000_000);
        let seconds = Duration::from_secs;
        ListenerConfig {
            tls,
            behind_proxy,
            proxies: proxies.clone(),
            limits: ConnectionLimits {
                connections,
                // All that comes through a proxy has its address, and one that is not named is
                // not known from a caller.
                per_address: (!behind_proxy || !proxies.is_empty()).then_some(per_address),
                proxies,
                head_within: settings.duration_ms("HEAD_TIMEOUT_MS", seconds(30)),
                read_within: settings.duration_ms("WRITE_TIMEOUT_MS", seconds(60)),
                streams: settings.number("HTTP2_STREAMS", 200, 1..=10_000),
            },
        }
    }
}

impl ListenerConfig {
    /// An address to listen on. One that others can reach is a mistake unless what passes there is
    /// encrypted, by us or by the proxy in front.
    pub fn address(&self, settings: &mut Settings, name: &str, default: SocketAddr) -> SocketAddr {
        let address = settings.parsed(name, default, |text| {
            text.parse()
                .map_err(|_| "must be an address such as 127.0.0.1:8000".to_owned())
        });
        if !address.ip().is_loopback() && self.tls.is_none() && !self.behind_proxy {
            settings.mistake(
                name,
                &format!(
                    "is {address}, which other hosts can reach, so passwords would cross the \
                     network in plain text: set PACER_FETCH_TLS_CERTIFICATE and \
                     PACER_FETCH_TLS_KEY, or set PACER_FETCH_BEHIND_PROXY=true if a proxy that \
                     terminates TLS is in front of it, or listen on 127.0.0.1"
                ),
            );
        }
        address
    }
}

fn tls_files(settings: &mut Settings) -> Option<TlsFiles> {
    let certificate = settings.optional("TLS_CERTIFICATE");
    let key = settings.optional("TLS_KEY");
    match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsFiles {
            certificate: certificate.into(),
            key: key.into(),
        }),
        (None, None) => None,
        (Some(_), None) => {
            settings.mistake("TLS_KEY", "is missing, but TLS_CERTIFICATE is set");
            None
        }
        (None, Some(_)) => {
            settings.mistake("TLS_CERTIFICATE", "is missing, but TLS_KEY is set");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Front(ListenerConfig);

    impl FromEnv for Front {
        fn from_env(settings: &mut Settings) -> Front {
            let config = ListenerConfig::from_env(settings);
            let default = SocketAddr::from(([127, 0, 0, 1], 8000));
            config.address(settings, "HTTP_LISTEN", default);
            Front(config)
        }
    }

    fn mistakes(variables: &[(&str, &str)]) -> Vec<String> {
        let read = Settings::of(variables.iter().copied()).read::<Front>();
        read.err().map(|mistakes| mistakes.0).unwrap_or_default()
    }

    #[test]
    fn a_port_that_others_can_reach_is_refused_in_plain() {
        for open in ["0.0.0.0:8000", "[::]:8000", "192.0.2.7:8000"] {
            let said = mistakes(&[("HTTP_LISTEN", open)]);
            assert_eq!(said.len(), 1, "{open}: {said:?}");
            for word in [open, "TLS_CERTIFICATE", "TLS_KEY", "BEHIND_PROXY=true"] {
                assert!(said[0].contains(word), "{word}: {}", said[0]);
            }
        }
        for fine in ["127.0.0.1:8000", "[::1]:8000", "127.8.8.8:1"] {
            assert!(mistakes(&[("HTTP_LISTEN", fine)]).is_empty(), "{fine}");
        }
        let open = ("HTTP_LISTEN", "0.0.0.0:8000");
        assert!(mistakes(&[open, ("BEHIND_PROXY", "true")]).is_empty());
        let files = [("TLS_CERTIFICATE", "/c"), ("TLS_KEY", "/k")];
        assert!(mistakes(&[open, files[0], files[1]]).is_empty());
        assert_eq!(mistakes(&[files[0]]).len(), 1);
        assert_eq!(mistakes(&[files[1]]).len(), 1);
    }

    #[test]
    fn behind_a_proxy_that_is_not_named_addresses_tell_callers_apart_no_more() {
        let limits = |variables: &[(&str, &str)]| {
            let read = Settings::of(variables.iter().copied()).read::<Front>();
            read.unwrap().0.limits.per_address
        };
        assert_eq!(limits(&[]), Some(1024));
        assert_eq!(limits(&[("BEHIND_PROXY", "true")]), None);
        let named = ("TRUSTED_PROXIES", "10.0.0.0/8");
        assert_eq!(limits(&[("BEHIND_PROXY", "true"), named]), Some(1024));
        assert_eq!(mistakes(&[("TRUSTED_PROXIES", "everybody")]).len(), 1);
    }
}

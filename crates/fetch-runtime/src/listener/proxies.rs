//! Which other ends of a connection are proxies of the operator's.

use std::{
    fmt::{self, Display},
    net::IpAddr,
    str::FromStr,
    sync::Arc,
};

use ipnet::{IpNet, Ipv4Net};

/// Networks of proxies, as the operator names them. Only what they say of a caller is believed; nobody
/// is one unless named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Whether no proxy is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is that of a proxy.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Proxies, String> {
        let parts = text.split(',').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(network).collect::<Result<_, _>>().map(Proxies)
    }
}

impl Display for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks: Vec<String> = self.0.iter().map(IpNet::to_string).collect();
        formatter.write_str(&networks.join(","))
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = text.parse::<IpNet>();
    let network = network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let network = network
        .map_err(|_| "must be networks or addresses such as 10.0.0.0/8,192.0.2.7".to_owned())?;
    let network = canonical(network);
    match network.prefix_len() {
        0 => Err("must not name everybody: whoever calls could say who calls".to_owned()),
        _ => Ok(network.trunc()),
    }
}

/// A network of IPv4 that is written as one of IPv6 (`::ffff:10.0.0.0/104`) as what it is: addresses are
/// looked for in that form.
fn canonical(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let mapped = match network {
        IpNet::V6(network) => {
            let address = network.addr().to_ipv4_mapped();
            address.zip(network.prefix_len().checked_sub(MAPPED))
        }
        IpNet::V4(_) => None,
    };
    let mapped = mapped.and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    mapped.map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_addresses_are_named() {
        let proxies: Proxies = "10.1.2.3/8, 192.0.2.7 ,2001:db8::/32,".parse().unwrap();
        assert_eq!(proxies.to_string(), "10.0.0.0/8,192.0.2.7/32,2001:db8::/32");
        let contain = |address: &str| proxies.contain(address.parse().unwrap());
        for inside in ["10.255.0.1", "192.0.2.7", "2001:db8::1", "::ffff:10.0.0.1"] {
            assert!(contain(inside), "{inside}");
        }
        for outside in [
            "11.0.0.1",
            "192.0.2.8",
            "2001:db9::1",
            "::ffff:11.0.0.1",
            "::1",
        ] {
            assert!(!contain(outside), "{outside}");
        }
    }

    #[test]
    fn a_network_is_the_same_in_either_spelling() {
        let proxies: Proxies = "::ffff:10.1.2.3/104,::ffff:192.0.2.7".parse().unwrap();
        assert_eq!(proxies.to_string(), "10.0.0.0/8,192.0.2.7/32");
        for inside in ["10.255.0.1", "::ffff:10.0.0.1", "192.0.2.7"] {
            assert!(proxies.contain(inside.parse().unwrap()), "{inside}");
        }
        assert!(!proxies.contain([192, 0, 2, 8].into()));
    }

    #[test]
    fn nobody_is_a_proxy_unless_named_and_everybody_is_none() {
        let nobody: Proxies = " ".parse().unwrap();
        assert!(nobody.is_empty() && !nobody.contain([127, 0, 0, 1].into()));
        for wrong in [
            "proxy.example.org",
            "10.0.0.0/33",
            "0.0.0.0/0",
            "::/0",
            "::ffff:0.0.0.0/96",
            "10.0.0.1:80",
        ] {
            assert!(wrong.parse::<Proxies>().is_err(), "{wrong}");
        }
    }
}

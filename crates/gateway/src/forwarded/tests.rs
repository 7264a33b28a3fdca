use axum::http::HeaderName;

use super::*;

const CALLER: &str = "203.0.113.9";

/// The origin of a call from `peer`, over TLS or not, with these headers, where 10.0.0.0/8 are proxies.
fn told_to(peer: &str, encrypted: bool, headers: &[(&str, &str)]) -> Origin {
    let proxies: Proxies = "10.0.0.0/8".parse().unwrap();
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        map.append(name, value.as_bytes().try_into().unwrap());
    }
    let mut extensions = Extensions::new();
    extensions.insert(Peer {
        address: (peer.parse::<IpAddr>().unwrap(), 1).into(),
        encrypted,
    });
    origin(&proxies, &map, &extensions)
}

fn behind_proxy(headers: &[(&str, &str)]) -> Origin {
    told_to("10.0.0.1", false, headers)
}

fn origin_of(address: &str, encrypted: bool, host: Option<&str>) -> Origin {
    Origin {
        address: Some(address.parse().unwrap()),
        encrypted,
        host: host.map(str::to_owned),
    }
}

#[test]
fn who_is_no_proxy_is_not_believed() {
    let lies = [
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "evil.example.org"),
        ("forwarded", "for=10.0.0.1;proto=http;host=evil.example.org"),
    ];
    for stranger in [CALLER, "2001:db8::1", "127.0.0.1", "::ffff:203.0.113.9"] {
        let told = told_to(stranger, true, &lies);
        assert_eq!(told, origin_of(stranger, true, None));
    }
    let nobody = origin(&Proxies::default(), &HeaderMap::new(), &Extensions::new());
    assert_eq!(nobody.address, None);
}

#[test]
fn a_proxy_says_who_calls_and_where() {
    let there = origin_of(CALLER, true, Some("api.example.org"));
    let x_forwarded = [
        ("x-forwarded-for", CALLER),
        ("x-forwarded-proto", "HTTPS"),
        ("x-forwarded-host", "api.example.org"),
    ];
    assert_eq!(behind_proxy(&x_forwarded), there);
    let forwarded = "for=203.0.113.9;proto=https;host=api.example.org;by=_p";
    assert_eq!(behind_proxy(&[("forwarded", forwarded)]), there);
    let both = [&x_forwarded[..], &[("forwarded", forwarded)]].concat();
    assert_eq!(behind_proxy(&both), there);
    // What it does not say is as the connection is.
    let told = told_to("::ffff:10.0.0.1", true, &[("x-forwarded-for", CALLER)]);
    assert_eq!(told, origin_of(CALLER, true, None));
    assert_eq!(behind_proxy(&[]), origin_of("10.0.0.1", false, None));
}

#[test]
fn only_what_proxies_added_is_believed() {
    // What the caller wrote itself stands in front, in the same header or in one of its own.
    for lies in [
        &[
            ("x-forwarded-for", "10.0.0.9, 198.51.100.1, 203.0.113.9"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "evil.example.org, api.example.org"),
        ][..],
        &[
            ("x-forwarded-for", "10.0.0.9, 198.51.100.1"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example.org"),
            ("x-forwarded-host", "api.example.org"),
        ],
        &[(
            "forwarded",
            "for=198.51.100.1;host=evil.example.org, For=203.0.113.9;Proto=https;Host=api.example.org",
        )],
        &[
            ("forwarded", "for=\"10.0.0.9\";host=evil.example.org"),
            (
                "forwarded",
                "for=203.0.113.9;proto=https;host=api.example.org",
            ),
        ],
    ] {
        let there = origin_of(CALLER, true, Some("api.example.org"));
        assert_eq!(behind_proxy(lies), there, "{lies:?}");
    }
}

#[test]
fn proxies_behind_proxies_are_passed_by() {
    let outer = [
        ("x-forwarded-for", "198.51.100.1, 203.0.113.9, 10.0.0.7"),
        ("x-forwarded-proto", "https, http"),
        ("x-forwarded-host", "api.example.org"),
    ];
    let there = origin_of(CALLER, true, Some("api.example.org"));
    assert_eq!(behind_proxy(&outer), there);
    let forwarded = "for=203.0.113.9;proto=https;host=api.example.org, for=10.0.0.7;proto=http";
    assert_eq!(behind_proxy(&[("forwarded", forwarded)]), there);
    // Somebody of the operator's own calls.
    let own = [("x-forwarded-for", "10.0.0.8, 10.0.0.7")];
    assert_eq!(behind_proxy(&own), origin_of("10.0.0.8", false, None));
}

#[test]
fn who_contradicts_is_not_believed() {
    for (name, value) in [
        ("forwarded", "for=198.51.100.1"),
        ("forwarded", "for=203.0.113.9;proto=http"),
        ("forwarded", "for=203.0.113.9;host=evil.example.org"),
    ] {
        let told = behind_proxy(&[
            ("x-forwarded-for", CALLER),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "api.example.org"),
            (name, value),
        ]);
        assert_eq!(told, origin_of("10.0.0.1", false, None), "{value}");
    }
}

#[test]
fn what_cannot_be_read_is_nobody() {
    let proxy = origin_of("10.0.0.1", false, None);
    for (name, value) in [
        ("x-forwarded-for", ""),
        ("x-forwarded-for", "unknown"),
        ("x-forwarded-for", "203.0.113.9, ä"),
        ("x-forwarded-for", "203.0.113.9,"),
        ("x-forwarded-for", "203.0.113.999"),
        ("x-forwarded-proto", "javascript"),
        ("x-forwarded-host", "evil/<script>"),
        ("x-forwarded-host", "user@evil"),
        ("x-forwarded-host", ""),
        ("forwarded", ""),
        ("forwarded", "for=unknown"),
        ("forwarded", "for=_hidden"),
        ("forwarded", "for=\"203.0.113.9"),
        ("forwarded", "for=203.0.113.9;for=198.51.100.1"),
        ("forwarded", "203.0.113.9"),
        ("forwarded", "for=\"203.0.113.9\"x"),
    ] {
        assert_eq!(behind_proxy(&[(name, value)]), proxy, "{name}: {value}");
    }
    // Who was passed by is named; before that nothing is believed.
    let told = behind_proxy(&[("x-forwarded-for", "198.51.100.1, ?, 10.0.0.7")]);
    assert_eq!(told, origin_of("10.0.0.7", false, None));
}

#[test]
fn addresses_have_ports_and_brackets() {
    for (text, address) in [
        ("203.0.113.9:4711", CALLER),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", CALLER),
    ] {
        let told = behind_proxy(&[("x-forwarded-for", text)]);
        assert_eq!(told, origin_of(address, false, None), "{text}");
        let told = behind_proxy(&[("forwarded", &format!("for=\"{text}\""))]);
        assert_eq!(told, origin_of(address, false, None), "{text}");
    }
}

//! Which addresses are public: IANA's special-purpose registries, and IPv4 in every IPv6 form that carries it.

use std::net::IpAddr;

use convene::outbound::FetchPolicy;

#[test]
fn only_what_anybody_can_reach_is_public() {
    for address in PUBLIC {
        check("", address, 443, true);
    }
    for address in NOT_PUBLIC {
        check("", address, 443, false);
    }
    assert!(PUBLIC.len() + NOT_PUBLIC.len() >= 60);
}

const PUBLIC: &[&str] = &[
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001:82a::200e",
    "2001:4860:4860::8888",
    // The IPv4 address within is public.
    "::ffff:1.1.1.1",
    "::1.1.1.1",
    "::ffff:0:1.1.1.1",
    "64:ff9b::1.1.1.1",
    "64:ff9b:1::1.1.1.1",
    "2002:101:101::1",
    "2001:0:101:101::fefe:fefe",
    "2606:4700::5efe:1.1.1.1",
    "2606:4700::200:5efe:1.1.1.1",
];

const NOT_PUBLIC: &[&str] = &[
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "100::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    // IPv4-mapped, -compatible and -translated.
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::ffff:0:192.168.0.1",
    // NAT64; a prefix of one's own that is no longer known to be 96 bits.
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::10.0.0.1",
    "64:ff9b:1:a00:1::1.1.1.1",
    "64:ff9b:2::1.1.1.1",
    // 6to4.
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::",
    "2002:c0a8:1::1",
    // Teredo: the server within, and the client, whose bits are turned.
    "2001:0:7f00:1::fefe:fefe",
    "2001:0:101:101::80ff:fffe",
    // ISATAP, in a public network and in one that is not.
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:127.0.0.1",
    "fe80::5efe:1.1.1.1",
];

#[test]
fn an_operator_opens_ranges_on_any_port() {
    let home = "10.0.0.0/8, 192.168.1.7,fd00::/8,";
    for (address, is_open) in [
        ("10.1.2.3", true),
        ("11.1.2.3", true),
        ("192.168.1.7", true),
        ("192.168.1.8", false),
        ("fd12::1", true),
        ("fc12::1", false),
        ("::ffff:10.1.2.3", true),
        ("64:ff9b::10.1.2.3", true),
        ("2002:a01:203::1", true),
        ("2001:0:a01:203::f5fe:fdfc", true),
        ("2001:0:a01:203::80ff:fffe", false),
        ("127.0.0.1", false),
    ] {
        check(home, address, 443, is_open);
    }
    for (address, is_open) in [
        ("10.1.2.3", true),
        ("fd12::1", true),
        ("::ffff:10.1.2.3", true),
        ("1.1.1.1", false),
        ("2606:4700::1111", false),
        ("::ffff:1.1.1.1", false),
        ("192.168.1.8", false),
    ] {
        check(home, address, 5232, is_open);
    }
    check("0.0.0.0/0", "127.0.0.1", 22, true);
    check("0.0.0.0/0", "::1", 22, false);
    check("::/0", "::1", 22, true);
    check("::/0", "10.0.0.1", 80, false);
}

#[test]
fn public_addresses_are_reached_on_the_ports_of_the_web_and_of_calendar_servers() {
    for port in [80, 443, 8008, 8443] {
        check("", "1.1.1.1", port, true);
    }
    for port in [1, 22, 25, 81, 3306, 5432, 6379, 8000, 11211, 65535] {
        check("", "1.1.1.1", port, false);
    }
}

#[track_caller]
fn check(allow: &str, address: &str, port: u16, expected: bool) {
    let policy = FetchPolicy { allow: allow.parse().unwrap(), ..FetchPolicy::default() };
    let parsed: IpAddr = address.parse().unwrap();
    assert_eq!(policy.allows(parsed, port), expected, "{address} port {port}, {allow:?} allowed");
}

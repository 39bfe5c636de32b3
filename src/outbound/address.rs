//! Which addresses are public.
//!
//! IANA's special-purpose registries (RFC 6890 and its updates) as of 2025, read strictly: an IPv6 address that carries an
//! IPv4 one is judged by it, since a translator or tunnel on the way would deliver there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// Ranges of addresses, as in `10.0.0.0/8,192.168.1.7,fd00::/8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressRanges(Vec<Range>);

/// All addresses whose first `bits` are those of `base`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    base: IpAddr,
    bits: u32,
}

/// The addresses that a connection may be made to.
#[derive(Clone, Debug)]
pub(super) enum Reach {
    /// Public ones, and those that the operator allows: on the allowed ports.
    Public(Arc<AddressRanges>),
    /// Only those that the operator allows: on any other port.
    Allowed(Arc<AddressRanges>),
}

impl Reach {
    pub(super) fn includes(&self, address: IpAddr) -> bool {
        match self {
            Self::Public(allow) => allow.contain(address) || is_public(address, allow),
            Self::Allowed(allow) => allow.contain(address) || carries_allowed(address, allow),
        }
    }

    /// Whether no address at all is within.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Allowed(allow) if allow.0.is_empty())
    }
}

impl AddressRanges {
    /// Whether an address is in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }
}

impl FromStr for AddressRanges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be ranges of addresses, such as 10.0.0.0/8,192.168.1.7,fd00::/8".to_owned();
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let base: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| wrong())?;
        let range = Self { base, bits };
        match bits {
            bits if bits > width => Err(wrong()),
            _ if range.first() != number(base) => {
                Err(format!("begins within its range; write {}/{bits}", address_of(range.first(), base)))
            }
            _ => Ok(range),
        }
    }
}

impl Range {
    const fn v4(a: u8, b: u8, c: u8, bits: u32) -> Self {
        Self { base: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), bits }
    }

    const fn v6(a: u16, b: u16, c: u16, bits: u32) -> Self {
        Self { base: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), bits }
    }

    fn contains(&self, address: IpAddr) -> bool {
        let is_kin = address.is_ipv4() == self.base.is_ipv4();
        is_kin && (number(address) ^ number(self.base)) & self.mask() == 0
    }

    fn first(&self) -> u128 {
        number(self.base) & self.mask()
    }

    fn mask(&self) -> u128 {
        let width: u32 = if self.base.is_ipv4() { 32 } else { 128 };
        let rest = width.saturating_sub(self.bits);
        u128::MAX.checked_shl(rest).unwrap_or(0)
    }
}

/// Whether an address is one that anybody on the internet can be reached at. An IPv4 address within counts as it does by
/// itself, with what the operator allows.
fn is_public(address: IpAddr, allow: &AddressRanges) -> bool {
    match address {
        IpAddr::V4(_) => !NOT_PUBLIC_V4.iter().any(|range| range.contains(address)),
        IpAddr::V6(v6) => match Carried::by(v6) {
            Carried::Whole(inner) => inner.into_iter().all(|v4| may_carry(v4, allow)),
            Carried::Beside(inner) => is_global_v6(address) && may_carry(inner, allow),
            Carried::Nothing => is_global_v6(address),
        },
    }
}

fn may_carry(inner: Ipv4Addr, allow: &AddressRanges) -> bool {
    allow.contain(inner.into()) || is_public(inner.into(), allow)
}

fn carries_allowed(address: IpAddr, allow: &AddressRanges) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => match Carried::by(v6) {
            Carried::Whole(inner) => !inner.is_empty() && inner.into_iter().all(|v4| allow.contain(v4.into())),
            Carried::Beside(_) | Carried::Nothing => false,
        },
    }
}

fn is_global_v6(address: IpAddr) -> bool {
    GLOBAL_V6.contains(address) && !NOT_PUBLIC_V6.iter().any(|range| range.contains(address))
}

/// The IPv4 addresses in an IPv6 address.
enum Carried {
    /// They are all that it means.
    Whole(Vec<Ipv4Addr>),
    /// One is in its lower half; the upper half is a network by itself.
    Beside(Ipv4Addr),
    Nothing,
}

impl Carried {
    fn by(v6: Ipv6Addr) -> Self {
        let pair = |high: u16, low: u16| {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Ipv4Addr::new(a, b, c, d)
        };
        match v6.segments() {
            // Nothing and loopback (RFC 4291, 2.5.2, 2.5.3) look like what follows.
            [0, 0, 0, 0, 0, 0, 0, _] => Self::Nothing,
            // IPv4-compatible (2.5.5.1), IPv4-mapped (2.5.5.2), translated (RFC 2765).
            [0, 0, 0, 0, 0, 0, g, h] | [0, 0, 0, 0, 0, 0xffff, g, h] | [0, 0, 0, 0, 0xffff, 0, g, h] => {
                Self::Whole(vec![pair(g, h)])
            }
            // NAT64 (RFC 6052), and with a prefix of a local network (RFC 8215) of 96 bits; its shorter ones are no one's.
            [0x64, 0xff9b, 0 | 1, 0, 0, 0, g, h] => Self::Whole(vec![pair(g, h)]),
            // 6to4 (RFC 3056, 2).
            [0x2002, b, c, ..] => Self::Whole(vec![pair(b, c)]),
            // Teredo (RFC 4380, 4): its server, and the client's address with each bit turned.
            [0x2001, 0, c, d, _, _, g, h] => Self::Whole(vec![pair(c, d), pair(!g, !h)]),
            // ISATAP (RFC 5214, 6.1).
            [.., 0 | 0x200, 0x5efe, g, h] => Self::Beside(pair(g, h)),
            _ => Self::Nothing,
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u32::from(v4).into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

fn address_of(number: u128, kin: IpAddr) -> IpAddr {
    match u32::try_from(number) {
        Ok(number) if kin.is_ipv4() => Ipv4Addr::from(number).into(),
        _ => Ipv6Addr::from(number).into(),
    }
}

const NOT_PUBLIC_V4: &[Range] = &[
    // This network (RFC 791, 3.2).
    Range::v4(0, 0, 0, 8),
    // Private (RFC 1918).
    Range::v4(10, 0, 0, 8),
    // Behind a carrier's translator (RFC 6598); Alibaba's metadata.
    Range::v4(100, 64, 0, 10),
    // Loopback (RFC 1122, 3.2.1.3).
    Range::v4(127, 0, 0, 8),
    // Link-local (RFC 3927); metadata of most clouds.
    Range::v4(169, 254, 0, 16),
    // Azure's metadata and name server.
    Range { base: IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)), bits: 32 },
    Range::v4(172, 16, 0, 12),
    // Protocol assignments (RFC 6890, 2.1); Oracle's metadata.
    Range::v4(192, 0, 0, 24),
    // Documentation (RFC 5737).
    Range::v4(192, 0, 2, 24),
    // 6to4 relays (RFC 7526).
    Range::v4(192, 88, 99, 24),
    Range::v4(192, 168, 0, 16),
    // Benchmarks (RFC 2544).
    Range::v4(198, 18, 0, 15),
    Range::v4(198, 51, 100, 24),
    Range::v4(203, 0, 113, 24),
    // Multicast (RFC 5771), reserved and broadcast (RFC 1112, 4).
    Range::v4(224, 0, 0, 4),
    Range::v4(240, 0, 0, 4),
];

/// All that is given to networks (RFC 4291, 2.4): outside it lie loopback, unique local, link-local, site-local, multicast.
const GLOBAL_V6: Range = Range::v6(0x2000, 0, 0, 3);

const NOT_PUBLIC_V6: &[Range] = &[
    // Protocol assignments (RFC 2928), with benchmarks (RFC 5180) and ORCHID (RFC 7343).
    Range::v6(0x2001, 0, 0, 23),
    // Documentation (RFC 3849, RFC 9637).
    Range::v6(0x2001, 0xdb8, 0, 32),
    Range::v6(0x3fff, 0, 0, 20),
];

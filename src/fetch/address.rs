//! Which addresses lie on the public internet, and what the others are called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IANA IPv4 Special-Purpose Address Registry, with the deprecated 6to4 relay and everything above 224.
const SPECIAL_V4: [(Ipv4Addr, u32, &str); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "an unspecified"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a carrier-grade NAT"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "a loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "a protocol assignment"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "a documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a 6to4 relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "a benchmarking"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "a documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "a documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "a multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "a reserved"),
];

/// IANA IPv6 Special-Purpose Address Registry. What is not named here is public only inside 2000::/3, the one block
/// of global unicast handed out so far: a list of exceptions alone would let tomorrow's special range through.
const SPECIAL_V6: [(Ipv6Addr, u32, &str); 14] = [
    (Ipv6Addr::UNSPECIFIED, 128, "an unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "a loopback"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an IPv4-mapped"),
    (Ipv6Addr::UNSPECIFIED, 96, "an IPv4-compatible"),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, "a NAT64"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "a NAT64"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "a documentation"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "a documentation"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "a protocol assignment"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "a 6to4"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "a link-local"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "a site-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "a multicast"),
];

/// `None` for a public address, else what it is, with its article: "a loopback".
pub fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => {
            let bits = u32::from(v4);
            let inside = |net: Ipv4Addr, len: u32| (bits ^ u32::from(net)) >> (32 - len) == 0;
            SPECIAL_V4.iter().find(|(net, len, _)| inside(*net, *len)).map(|row| row.2)
        }
        IpAddr::V6(v6) => {
            let bits = u128::from(v6);
            let inside = |net: Ipv6Addr, len: u32| (bits ^ u128::from(net)) >> (128 - len) == 0;
            let named = SPECIAL_V6.iter().find(|(net, len, _)| inside(*net, *len)).map(|row| row.2);
            named.or_else(|| (bits >> 125 != 1).then_some("an unassigned"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_of_the_ranges() {
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::8888",
            "2001:200::1",
            "2003::1",
        ];
        for text in public {
            assert_eq!(special(text.parse().unwrap()), None, "{text}");
        }
        let refused = [
            ("0.0.0.0", "an unspecified"),
            ("10.255.255.255", "a private"),
            ("100.64.0.1", "a carrier-grade NAT"),
            ("100.127.255.255", "a carrier-grade NAT"),
            ("127.255.255.254", "a loopback"),
            ("169.254.169.254", "a link-local"),
            ("172.31.255.255", "a private"),
            ("192.0.0.8", "a protocol assignment"),
            ("192.0.2.1", "a documentation"),
            ("192.88.99.1", "a 6to4 relay"),
            ("192.168.0.1", "a private"),
            ("198.19.255.255", "a benchmarking"),
            ("198.51.100.7", "a documentation"),
            ("203.0.113.9", "a documentation"),
            ("239.1.1.1", "a multicast"),
            ("255.255.255.255", "a reserved"),
            ("::", "an unspecified"),
            ("::1", "a loopback"),
            ("::2", "an IPv4-compatible"),
            ("::ffff:8.8.8.8", "an IPv4-mapped"),
            ("64:ff9b::7f00:1", "a NAT64"),
            ("64:ff9b:1::1", "a NAT64"),
            ("100::1", "an unassigned"),
            ("2001::1", "a protocol assignment"),
            ("2001:db8::1", "a documentation"),
            ("2002:7f00:1::", "a 6to4"),
            ("3fff::1", "a documentation"),
            ("5f00::1", "an unassigned"),
            ("fd12::1", "a private"),
            ("fe80::1", "a link-local"),
            ("fec0::1", "a site-local"),
            ("ff02::1", "a multicast"),
            ("4000::", "an unassigned"),
        ];
        for (text, what) in refused {
            assert_eq!(special(text.parse().unwrap()), Some(what), "{text}");
        }
    }
}

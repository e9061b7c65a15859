//! Lists of addresses and subnets.

use std::net::IpAddr;

/// A subnet, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    base: IpAddr,
    prefix: u8,
}

impl Subnet {
    /// Reads `10.0.0.0/8`, `::1` and the like. Which network a local address of IPv6 is meant in (`fe80::1%eth0`) is
    /// not told by those who connect, and not looked at.
    pub fn parse(text: &str) -> Option<Self> {
        let Some((start, prefix)) = text.split_once('/') else {
            let base = address(text)?;
            return Some(Self {
                base,
                prefix: width(base),
            });
        };
        let base = address(start)?;
        let canonical = prefix == "0" || !prefix.starts_with(['0', '+']);
        let prefix = prefix.parse().ok()?;
        (canonical && prefix <= width(base)).then_some(Self { base, prefix })
    }

    /// Says whether an address lies in it. IPv4 addresses written as IPv6 are IPv4 addresses.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) => v6.to_bits(),
        };
        let address = address.to_canonical();
        if address.is_ipv4() != self.base.is_ipv4() {
            return false;
        }
        let differing = bits(address) ^ bits(self.base);
        differing.leading_zeros() >= u32::from(self.prefix)
    }
}

fn address(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => Some(IpAddr::V6(address.parse().ok()?)),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

#[cfg(test)]
mod tests {
    use super::Subnet;

    #[test]
    fn subnets_contain_their_addresses() {
        for (subnet, inside, outside) in [
            ("1.2.3.4", "1.2.3.4", "1.2.3.5"),
            ("127.0.0.1/8", "127.9.9.9", "128.0.0.1"),
            ("0.0.0.0/0", "9.9.9.9", "::1"),
            ("::/0", "::1", "9.9.9.9"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
            ("fe80::1%eth0", "fe80::1", "fe80::2"),
        ] {
            let subnet = Subnet::parse(subnet).unwrap();
            assert!(subnet.contains(inside.parse().unwrap()), "{subnet:?}");
            assert!(!subnet.contains(outside.parse().unwrap()), "{subnet:?}");
        }
    }

    #[test]
    fn what_is_no_subnet_is_refused() {
        for text in [
            "",
            "x",
            " 127.0.0.1",
            "1.2.3",
            "1.2.3.4/33",
            "1.2.3.4/",
            "1.2.3.4/08",
            "1.2.3.4/+8",
            "::1/129",
            "1.2.3.4/8/8",
            "01.2.3.4",
        ] {
            assert_eq!(Subnet::parse(text), None, "{text}");
        }
    }
}

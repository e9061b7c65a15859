//! From when to when a certificate is valid: the one thing of X.509 that renewing needs.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The bounds of a certificate in DER, in seconds since 1970.
pub(super) fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (mut body, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(body, VERSION) {
        body = rest;
    }
    // Serial number, algorithm, issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, body) = element(body, tag)?;
    }
    let (bounds, _) = element(body, SEQUENCE)?;
    let (from, rest) = moment(bounds)?;
    let (until, _) = moment(rest)?;
    Some((from, until))
}

/// The content of the first element and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = bytes.split_first_chunk()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let fold = |sum: usize, digit: &u8| (sum << 8) | usize::from(*digit);
            (digits.iter().fold(0, fold), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn moment(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (text, format, rest) = if let Some((text, rest)) = element(bytes, UTC_TIME) {
        (text, "%y%m%d%H%M%SZ", rest)
    } else {
        let (text, rest) = element(bytes, GENERALIZED_TIME)?;
        (text, "%Y%m%d%H%M%SZ", rest)
    };
    let text = std::str::from_utf8(text).ok()?;
    // Two digits from 50 on are of the last century, says RFC 5280.
    let full = match text.get(..2)?.parse::<u8>().ok()? {
        _ if format.starts_with("%Y") => text.to_owned(),
        50.. => format!("19{text}"),
        _ => format!("20{text}"),
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%SZ", full).ok()?;
    let moment = moment.to_zoned(TimeZone::UTC).ok()?;
    Some((moment.timestamp().as_second(), rest))
}

#[cfg(test)]
mod tests {
    use super::validity;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    #[test]
    fn bounds_are_found() {
        for (from, until) in [(2026, 2027), (1999, 2049), (2020, 2060)] {
            let mut params = CertificateParams::new(vec!["example.com".to_owned()]).unwrap();
            params.not_before = date_time_ymd(from, 1, 2);
            params.not_after = date_time_ymd(until, 1, 2);
            let key = KeyPair::generate().unwrap();
            let certificate = params.self_signed(&key).unwrap();
            let expect = (
                params.not_before.unix_timestamp(),
                params.not_after.unix_timestamp(),
            );
            assert_eq!(validity(certificate.der()), Some(expect));
            for cut in [0, 1, 5, 40, 100] {
                assert_eq!(validity(&certificate.der()[..cut]), None);
            }
        }
    }
}

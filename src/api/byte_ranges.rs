//! The `Range` header: which bytes of a file a client asks for.

/// Most ranges that are answered one by one. Each is a read of its own, from a bucket a request.
const MAX_PARTS: usize = 100;

/// A stretch of bytes within a file; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) start: u64,
    pub(super) length: u64,
}

impl Part {
    /// The value of `Content-Range`.
    pub(super) fn content_range(self, size: u64) -> String {
        let Self { start, length } = self;
        format!("bytes {start}-{}/{size}", start + length - 1)
    }
}

/// What a client wants of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Whole,
    Part(Part),
    /// In the order in which they are asked for, together no longer than the file.
    Parts(Vec<Part>),
    Invalid,
    /// Nothing that the file has.
    Outside,
}

impl Wanted {
    /// Reads the header for a file of a size. Ranges that begin behind the end are left out; who asks for more than the
    /// file in all, or for very many pieces of it, gets it once.
    pub(super) fn read(header: &str, size: u64) -> Self {
        let Some(list) = header.strip_prefix("bytes=") else {
            return Self::Invalid;
        };
        let (mut parts, mut is_any_outside) = (Vec::new(), false);
        let specs = list.split(',').map(str::trim);
        for spec in specs.filter(|spec| !spec.is_empty()) {
            match one(spec, size) {
                One::Part(part) => parts.push(part),
                One::Outside => is_any_outside = true,
                One::Invalid => return Self::Invalid,
            }
        }
        let asked = parts
            .iter()
            .fold(0_u64, |sum, part| sum.saturating_add(part.length));
        match (parts.as_slice(), is_any_outside) {
            // Of an empty file nothing can be left out; clients that always ask for its beginning get it.
            ([], true) if size > 0 => Self::Outside,
            ([], _) => Self::Whole,
            ([part], _) => Self::Part(*part),
            _ if asked > size || parts.len() > MAX_PARTS => Self::Whole,
            _ => Self::Parts(parts),
        }
    }
}

enum One {
    Part(Part),
    Outside,
    Invalid,
}

/// One range: `first-last`, `first-` or `-length`.
fn one(spec: &str, size: u64) -> One {
    let Some((first, last)) = spec.split_once('-') else {
        return One::Invalid;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() {
        let Some(suffix) = number(last) else {
            return One::Invalid;
        };
        let length = suffix.min(size);
        if length == 0 {
            return One::Outside;
        }
        let start = size - length;
        return One::Part(Part { start, length });
    }
    let Some(start) = number(first) else {
        return One::Invalid;
    };
    let end = if last.is_empty() {
        Some(u64::MAX)
    } else {
        number(last)
    };
    match end {
        Some(end) if end >= start => {
            if start >= size {
                return One::Outside;
            }
            let length = end.min(size - 1) - start + 1;
            One::Part(Part { start, length })
        }
        _ => One::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_PARTS, Part, Wanted};

    #[test]
    fn ranges_are_cut_to_the_file() {
        let part = |start, length| Wanted::Part(Part { start, length });
        let parts = |list: &[(u64, u64)]| {
            let parts = list.iter().copied();
            Wanted::Parts(
                parts
                    .map(|(start, length)| Part { start, length })
                    .collect(),
            )
        };
        for (range, expect) in [
            ("bytes=1-3", part(1, 3)),
            ("bytes=2-", part(2, 4)),
            ("bytes=-2", part(4, 2)),
            ("bytes=-20", part(0, 6)),
            ("bytes=0-99999999999999999999", part(0, 6)),
            ("bytes=0-1,3-4", parts(&[(0, 2), (3, 2)])),
            ("bytes= 0-1 ,, -2", parts(&[(0, 2), (4, 2)])),
            ("bytes=0-2,0-2", parts(&[(0, 3), (0, 3)])),
            ("bytes=0-2,0-3", Wanted::Whole),
            ("bytes=0-1,", part(0, 2)),
            ("bytes=,", Wanted::Whole),
            ("bytes=9-,0-1", part(0, 2)),
            ("bytes=9-,8-9", Wanted::Outside),
            ("bytes=0-1,3-2", Wanted::Invalid),
            ("bytes=9-20", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=3-1", Wanted::Invalid),
            ("bytes=x-1", Wanted::Invalid),
            ("bytes=+1-2", Wanted::Invalid),
            ("bytes=5", Wanted::Invalid),
            ("x=1-2", Wanted::Invalid),
        ] {
            assert_eq!(Wanted::read(range, 6), expect, "{range}");
        }
        let many = |count| Wanted::read(&format!("bytes={}", "0-0,".repeat(count)), 1 << 20);
        assert!(matches!(many(MAX_PARTS), Wanted::Parts(parts) if parts.len() == MAX_PARTS));
        assert_eq!(many(MAX_PARTS + 1), Wanted::Whole);
        for range in ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-"] {
            assert_eq!(Wanted::read(range, 0), Wanted::Whole, "{range}");
        }
        assert_eq!(Wanted::read("bytes=1-0", 0), Wanted::Invalid);
    }
}

//! Removing what is too old to be wanted.

use crate::base::time::Timestamp;
use crate::replica::error::Result;
use crate::replica::names::{self, Base, Segment};
use crate::replica::place::{Child, Place};

/// A generation's name and what is in it.
type Generation = (String, Vec<Child>);

/// The newest moment that is in a place.
pub(super) async fn newest(place: &Place) -> Result<Option<Timestamp>> {
    let generations = generations(place).await?;
    Ok(generations
        .iter()
        .filter_map(|(_, children)| newest_of(children))
        .max())
}

async fn generations(place: &Place) -> Result<Vec<Generation>> {
    let mut generations = Vec::new();
    for child in place.list(&[]).await? {
        if child.is_folder && names::is_generation(&child.name) {
            let children = place.list(&[&child.name]).await?;
            generations.push((child.name, children));
        }
    }
    Ok(generations)
}

fn newest_of(children: &[Child]) -> Option<Timestamp> {
    names::newest(children.iter().map(|child| child.name.as_str()))
}

/// Removes everything that is not needed to go back to any moment from `oldest` on.
pub(super) async fn run(place: &Place, oldest: Timestamp) -> Result<()> {
    let generations = generations(place).await?;
    // The newest image that is old enough to go back to the oldest moment.
    let needed = generations
        .iter()
        .flat_map(|(name, children)| {
            let bases = children.iter().filter_map(|child| Base::parse(&child.name));
            bases.map(move |base| (base, name))
        })
        .filter(|(base, _)| base.at <= oldest)
        .max_by_key(|(base, _)| base.at);
    let Some((needed, within)) = needed else {
        return Ok(());
    };
    let mut useless = Vec::new();
    for (name, children) in &generations {
        // One that was begun with a clock that was behind has a name that is too old.
        if name < within && newest_of(children) <= Some(oldest) {
            useless.push(vec![name.clone()]);
        } else if name == within {
            let old = children
                .iter()
                .filter(|child| is_before(&child.name, needed));
            useless.extend(old.map(|child| vec![name.clone(), child.name.clone()]));
        }
    }
    place.remove(useless).await
}

/// Says whether a piece belongs to the time before an image.
fn is_before(name: &str, base: Base) -> bool {
    if let Some(segment) = Segment::parse(name) {
        return segment.number < base.first;
    }
    if let Some(other) = Base::parse(name) {
        return other.first < base.first;
    }
    name.starts_with("base-") && name < Base::folder(base.first).as_str()
}

#[cfg(test)]
mod tests {
    use super::is_before;
    use crate::base::time::Timestamp;
    use crate::replica::names::{Base, Segment};

    #[test]
    fn only_what_precedes_an_image_is_too_old() {
        let at = Timestamp::from_unix_ms(9);
        let base = |first| Base {
            first,
            settled: first + 3,
            at,
        };
        let segment = |number| Segment { number, at }.name();
        for (name, expect) in [
            (segment(4), true),
            (segment(5), false),
            (segment(10), false),
            (base(4).name(), true),
            (base(5).name(), false),
            (base(10).name(), false),
            (Base::folder(4), true),
            (Base::folder(5), false),
            (Base::folder(10), false),
            ("notes.txt".to_owned(), false),
        ] {
            assert_eq!(is_before(&name, base(5)), expect, "{name}");
        }
    }
}

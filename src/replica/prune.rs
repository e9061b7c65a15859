//! Removing what is too old to be wanted.

use crate::base::time::Timestamp;
use crate::replica::error::Result;
use crate::replica::names::{self, Base, Segment};
use crate::replica::place::Place;

/// Removes everything that is not needed to go back to any moment from `oldest` on.
pub(super) async fn run(place: &Place, oldest: Timestamp) -> Result<()> {
    let mut generations = Vec::new();
    for child in place.list(&[]).await? {
        if child.is_folder && names::is_generation(&child.name) {
            let children = place.list(&[&child.name]).await?;
            generations.push((child.name, children));
        }
    }
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
        if name < within {
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

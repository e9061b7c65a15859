//! The first so many of rows that come in any order, by the bytes of their keys.
//!
//! Rows are told apart by number; among equals whoever came first is first. They are sorted in heaps of [`ROOM`], and
//! what is worse than all that is wanted goes at once. For rows that come in an order, or against it, that is little
//! work.

use std::cmp::Ordering;
use std::mem;
use std::ops::Range;

use crate::sql::ValueRef;

/// Keys that have no bytes to compare or too many, or rows that do not get better: another way is faster, or the only
/// one.
#[derive(Debug)]
pub(super) struct InVain;

/// So many rows are kept before the best of them are picked.
const ROOM: usize = 1024;

/// Longest keys of the rows that are kept, in bytes.
const MAX_TEXT: usize = 256 << 10;

/// After so many rows it is given up if most of them were worse than what was there.
const TRIAL: usize = 4096;

/// The best rows so far, and those that came after them and are not compared yet.
#[derive(Debug)]
pub(super) struct Best<'a> {
    wanted: usize,
    descending: &'a [bool],
    rows: Vec<Kept>,
    keys: Keys,
    met: usize,
    /// How many rows were taken.
    taken: usize,
    /// So many of the rows are in order, and as good as they are wanted.
    sorted: usize,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    number: i64,
    /// Where its keys begin.
    at: usize,
}

impl<'a> Best<'a> {
    /// For so many rows, by as many keys as there are directions.
    pub(super) fn new(wanted: usize, descending: &'a [bool]) -> Self {
        Self {
            wanted,
            descending,
            rows: Vec::new(),
            keys: Keys::default(),
            met: 0,
            taken: 0,
            sorted: 0,
        }
    }

    /// Adds a row with its keys.
    pub(super) fn take<'b>(
        &mut self,
        number: i64,
        key: impl Fn(usize) -> ValueRef<'b>,
    ) -> Result<(), InVain> {
        self.met += 1;
        if self.met > TRIAL && self.taken < self.met / 2 {
            return Err(InVain);
        }
        let n_keys = self.descending.len();
        let at = self.keys.len();
        for index in 0..n_keys {
            match key(index) {
                ValueRef::Text(text) if self.keys.texts.len() + text.len() <= MAX_TEXT => {
                    self.keys.push(text.as_bytes());
                }
                _ => return Err(InVain),
            }
        }
        if self.sorted == self.wanted
            && let Some(worst) = self
                .wanted
                .checked_sub(1)
                .and_then(|last| self.rows.get(last))
            && self.compare(at, worst.at) != Ordering::Less
        {
            self.keys.truncate(at);
            return Ok(());
        }
        self.taken += 1;
        self.rows.push(Kept { number, at });
        if self.rows.len() >= ROOM {
            self.pick();
        }
        Ok(())
    }

    /// Keeps the wanted ones.
    fn pick(&mut self) {
        self.sort();
        self.rows.truncate(self.wanted);
        self.sorted = self.rows.len();
        let n_keys = self.descending.len();
        let mut keys = Keys::default();
        for row in &mut self.rows {
            let at = keys.len();
            for index in 0..n_keys {
                keys.push(self.keys.get(row.at + index));
            }
            row.at = at;
        }
        self.keys = keys;
    }

    /// Rows that are alike stay as they were met.
    fn sort(&mut self) {
        let mut rows = mem::take(&mut self.rows);
        rows.sort_by(|a, b| self.compare(a.at, b.at));
        self.rows = rows;
    }

    fn compare(&self, left: usize, right: usize) -> Ordering {
        for (index, descending) in self.descending.iter().enumerate() {
            let order = self
                .keys
                .get(left + index)
                .cmp(self.keys.get(right + index));
            if order != Ordering::Equal {
                return if *descending { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    }

    /// The numbers of the wanted rows in their order.
    pub(super) fn into_numbers(mut self) -> impl Iterator<Item = i64> {
        self.sort();
        self.rows
            .into_iter()
            .take(self.wanted)
            .map(|row| row.number)
    }
}

/// Texts one behind the other.
#[derive(Debug, Default)]
struct Keys {
    places: Vec<Range<usize>>,
    texts: Vec<u8>,
}

impl Keys {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn push(&mut self, text: &[u8]) {
        let start = self.texts.len();
        self.texts.extend_from_slice(text);
        self.places.push(start..self.texts.len());
    }

    fn truncate(&mut self, len: usize) {
        if let Some(place) = self.places.get(len) {
            self.texts.truncate(place.start);
            self.places.truncate(len);
        }
    }

    fn get(&self, index: usize) -> &[u8] {
        let place = self.places.get(index).cloned();
        place
            .and_then(|place| self.texts.get(place))
            .unwrap_or_default()
    }
}

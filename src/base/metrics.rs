//! Counting what happens, and writing the counts down in the text format of Prometheus.
//!
//! Counting is a few atomic additions and allocates nothing. Counts belong to the process: they only grow.

use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// A number that grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Begins at 0.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts one more.
    pub fn count(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Upper bounds of how long things take, in microseconds.
pub const TIMES: [u64; 12] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000, 10_000_000,
];

/// Upper bounds of how many things there are.
pub const SIZES: [u64; 12] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048];

/// How often values fell between bounds.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64; 12],
    within: [AtomicU64; 12],
    beyond: AtomicU64,
    sum: AtomicU64,
}

impl Histogram {
    /// For durations.
    pub const fn of_times() -> Self {
        Self::new(&TIMES)
    }

    /// For numbers of things.
    pub const fn of_sizes() -> Self {
        Self::new(&SIZES)
    }

    const fn new(bounds: &'static [u64; 12]) -> Self {
        Self {
            bounds,
            within: [const { AtomicU64::new(0) }; 12],
            beyond: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts a duration.
    pub fn took(&self, time: Duration) {
        self.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts a number of things.
    pub fn add(&self, value: u64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        self.within
            .get(at)
            .unwrap_or(&self.beyond)
            .fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// Says whether nothing was counted yet.
    pub fn is_empty(&self) -> bool {
        let all = self.within.iter().chain([&self.beyond]);
        all.map(|count| count.load(Relaxed)).sum::<u64>() == 0
    }
}

/// Time that calls of scripts took, whatever they waited for included.
pub static SCRIPTS: Histogram = Histogram::of_times();

/// Statements that were found compiled.
pub static STATEMENTS_FOUND: Counter = Counter::new();
/// Statements that had to be compiled.
pub static STATEMENTS_COMPILED: Counter = Counter::new();
/// Totals of lists that a connection still knew.
pub static TOTALS_REMEMBERED: Counter = Counter::new();

/// What a family of values is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A page of metrics in the making.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// Begins a family; its values follow.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(&format_args!("# HELP {name} {help}"));
        self.line(&format_args!("# TYPE {name} {kind}"));
    }

    /// A value; `labels` are written as `a="b"`, separated by commas, or are empty.
    pub fn value(&mut self, name: &str, labels: &str, value: impl Display) {
        if labels.is_empty() {
            self.line(&format_args!("{name} {value}"));
        } else {
            self.line(&format_args!("{name}{{{labels}}} {value}"));
        }
    }

    /// A family with one value.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.value(name, "", value);
    }

    /// The values of a histogram.
    pub fn histogram(&mut self, name: &str, labels: &str, histogram: &Histogram) {
        let is_time = *histogram.bounds == TIMES;
        let shown = |value: u64| {
            if is_time {
                seconds(value)
            } else {
                value.to_string()
            }
        };
        let comma = if labels.is_empty() { "" } else { "," };
        let mut so_far = 0;
        for (bound, count) in histogram.bounds.iter().zip(&histogram.within) {
            so_far += count.load(Relaxed);
            let bound = shown(*bound);
            let labels = format!("{labels}{comma}le=\"{bound}\"");
            self.value(&format!("{name}_bucket"), &labels, so_far);
        }
        so_far += histogram.beyond.load(Relaxed);
        let all = format!("{labels}{comma}le=\"+Inf\"");
        self.value(&format!("{name}_bucket"), &all, so_far);
        let sum = shown(histogram.sum.load(Relaxed));
        self.value(&format!("{name}_sum"), labels, sum);
        self.value(&format!("{name}_count"), labels, so_far);
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, text: &std::fmt::Arguments<'_>) {
        if writeln!(self.0, "{text}").is_err() {
            tracing::error!("a metric cannot be written");
        }
    }
}

/// Microseconds as seconds.
pub fn seconds(microseconds: u64) -> String {
    let (whole, part) = (microseconds / 1_000_000, microseconds % 1_000_000);
    if part == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{part:06}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Histogram, Kind, Page, seconds};

    #[test]
    fn histograms_are_cumulative() {
        let histogram = Histogram::of_times();
        assert!(histogram.is_empty());
        for micros in [50, 100, 101, 20_000_000] {
            histogram.took(Duration::from_micros(micros));
        }
        let mut page = Page::default();
        page.family("x_seconds", Kind::Histogram, "How long.");
        page.histogram("x_seconds", "a=\"b\"", &histogram);
        let text = page.into_text();
        assert!(text.starts_with("# HELP x_seconds How long.\n# TYPE x_seconds histogram\n"));
        for line in [
            "x_seconds_bucket{a=\"b\",le=\"0.0001\"} 2",
            "x_seconds_bucket{a=\"b\",le=\"0.00025\"} 3",
            "x_seconds_bucket{a=\"b\",le=\"10\"} 3",
            "x_seconds_bucket{a=\"b\",le=\"+Inf\"} 4",
            "x_seconds_sum{a=\"b\"} 20.000251",
            "x_seconds_count{a=\"b\"} 4",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} in {text}");
        }
    }

    #[test]
    fn seconds_have_no_needless_digits() {
        for (micros, expect) in [
            (0, "0"),
            (1, "0.000001"),
            (2_500_000, "2.5"),
            (10_000_000, "10"),
        ] {
            assert_eq!(seconds(micros), expect);
        }
    }
}

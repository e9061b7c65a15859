//! What the parts of the running product count, as a page for Prometheus.

use std::sync::LazyLock;

use crate::app::{App, replica};
use crate::base::metrics::{
    Kind, Page, SCRIPTS, STATEMENTS_COMPILED, STATEMENTS_FOUND, TOTALS_REMEMBERED, seconds,
};
use crate::base::time::Timestamp;
use crate::engine::Engine;

/// About when the process started.
static STARTED: LazyLock<Timestamp> = LazyLock::new(Timestamp::now);

/// Remembers that the process starts now.
pub fn start_clock() {
    LazyLock::force(&STARTED);
}

/// Writes everything but the requests, which `api` counts.
pub fn write(app: &App, page: &mut Page) {
    process(page);
    databases(app, page);
    page.family(
        "stead_statements_total",
        Kind::Counter,
        "Statements of lists and rules, by whether they were compiled already.",
    );
    page.value(
        "stead_statements_total",
        "cache=\"hit\"",
        STATEMENTS_FOUND.get(),
    );
    page.value(
        "stead_statements_total",
        "cache=\"miss\"",
        STATEMENTS_COMPILED.get(),
    );
    page.single(
        "stead_totals_remembered_total",
        Kind::Counter,
        "Totals of lists that were still known from an earlier page.",
        TOTALS_REMEMBERED.get(),
    );
    page.family(
        "stead_script_seconds",
        Kind::Histogram,
        "Time that calls of scripts took, with what they waited for.",
    );
    page.histogram("stead_script_seconds", "", &SCRIPTS);
    page.single(
        "stead_realtime_clients",
        Kind::Gauge,
        "Open realtime streams.",
        app.realtime().len(),
    );
    replication(app, page);
}

fn process(page: &mut Page) {
    page.family("stead_build_info", Kind::Gauge, "The version that runs.");
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    page.value("stead_build_info", &version, 1);
    page.single(
        "process_start_time_seconds",
        Kind::Gauge,
        "When the process started, in seconds since 1970.",
        STARTED.unix_seconds(),
    );
    if let Some(bytes) = resident_bytes() {
        page.single(
            "process_resident_memory_bytes",
            Kind::Gauge,
            "Memory in use.",
            bytes,
        );
    }
}

fn databases(app: &App, page: &mut Page) {
    let all: [(&str, &Engine); 2] = [
        ("database=\"data\"", app.engine()),
        ("database=\"auxiliary\"", app.logs().engine()),
    ];
    let mut gauge = |name: &str, help: &str, value: fn(&Engine) -> u64| {
        page.family(name, Kind::Gauge, help);
        for (labels, engine) in &all {
            page.value(name, labels, value(engine));
        }
    };
    gauge(
        "stead_writes_waiting",
        "Writes that wait for the writer.",
        |engine| engine.load().writes as u64,
    );
    gauge(
        "stead_reads_waiting",
        "Long reads that wait for the pool.",
        |engine| engine.load().reads as u64,
    );
    gauge("stead_reads_running", "Long reads that run.", |engine| {
        engine.load().running_reads as u64
    });
    gauge(
        "stead_read_connections",
        "Open connections for reading.",
        |engine| engine.load().connections.into(),
    );
    gauge(
        "stead_wal_bytes",
        "Bytes in the write-ahead log.",
        |engine| engine.load().log_bytes,
    );
    page.family(
        "stead_pooled_reads_total",
        Kind::Counter,
        "Reads that went to the pool.",
    );
    for (labels, engine) in &all {
        page.value(
            "stead_pooled_reads_total",
            labels,
            engine.counts().pooled_reads.get(),
        );
    }
    page.family(
        "stead_write_group_size",
        Kind::Histogram,
        "Writes per transaction.",
    );
    for (labels, engine) in &all {
        page.histogram("stead_write_group_size", labels, &engine.counts().groups);
    }
    page.family(
        "stead_flush_seconds",
        Kind::Histogram,
        "Time to bring a transaction to the disk.",
    );
    for (labels, engine) in &all {
        page.histogram("stead_flush_seconds", labels, &engine.counts().flushes);
    }
}

fn replication(app: &App, page: &mut Page) {
    let facts = replica::status(app);
    page.single(
        "stead_replica_enabled",
        Kind::Gauge,
        "Whether a replica is kept.",
        u8::from(facts.place.is_some()),
    );
    if facts.place.is_none() {
        return;
    }
    let lag = facts
        .lag_ms(Timestamp::now())
        .and_then(|ms| u64::try_from(ms).ok());
    let lag = lag.map_or_else(|| "+Inf".to_owned(), |ms| seconds(ms.saturating_mul(1000)));
    page.single(
        "stead_replica_lag_seconds",
        Kind::Gauge,
        "Age of the moment up to which the replica has everything.",
        lag,
    );
    page.single(
        "stead_replica_failing",
        Kind::Gauge,
        "Whether the place does not take what it is given.",
        u8::from(facts.error.is_some()),
    );
    page.single(
        "stead_replica_segments_total",
        Kind::Counter,
        "Segments put.",
        facts.segments,
    );
    page.single(
        "stead_replica_bytes_total",
        Kind::Counter,
        "Bytes of segments put.",
        facts.bytes,
    );
}

/// Memory of the process that is in use, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

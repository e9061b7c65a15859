//! Replays the conformance corpus (`tests/conformance/*.json`) against the product.
//!
//! Each file holds scenarios: requests with the answers PocketBase gave when the corpus was
//! recorded. By default the recorded answers are the expectation. `STEAD_CONFORMANCE=record` runs
//! the requests against the binary named by `STEAD_REFERENCE` and rewrites the answers;
//! `STEAD_CONFORMANCE=compare` runs both binaries side by side. `STEAD_CONFORMANCE_ONLY=text` limits
//! any mode to the files whose name, or the scenarios whose `file/name`, contains the text.
//! `STEAD_CONFORMANCE=directory` leaves the corpus alone and passes a data directory back and forth.
//!
//! A difference fails the test unless `exceptions.json` explains it; an explanation that no longer
//! explains anything fails it too. The corpus covers what is visible over HTTP, event streams included, not timing
//! or mail.

mod corpus;
mod diff;
mod directory;
mod exceptions;
mod format;
mod normalise;
mod run;
mod server;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, thread};

use corpus::CorpusFile;
use diff::{Comparison, Difference};
use exceptions::Exceptions;
use server::Program;

/// Arguments only the reference gets: it must not write migration files or watch folders.
const REFERENCE_ARGS: [&str; 2] = ["--automigrate=false", "--hooksWatch=false"];

/// What the run does with the answers.
enum Mode {
    Replay {
        product: Program,
    },
    Record {
        reference: Program,
    },
    Compare {
        product: Program,
        reference: Program,
    },
}

#[test]
fn answers_match_the_recordings() {
    if directory::is_wanted() {
        return;
    }
    let report = run_corpus().unwrap_or_else(|error| panic!("{error}"));
    // The summary is useful even when everything passes (`--nocapture`).
    writeln!(std::io::stderr(), "{}", report.text).unwrap();
    assert_eq!(
        report.failures, 0,
        "{} failures, see above",
        report.failures
    );
}

/// The readable outcome of a run.
struct Report {
    text: String,
    failures: usize,
}

/// The outcome of one step: where it is in the corpus and how it differs from the expectation.
struct Outcome {
    scenario: String,
    step: String,
    request: String,
    differences: Vec<Difference>,
}

fn corpus_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

fn product() -> Result<Program, String> {
    Program::prepare(Path::new(env!("CARGO_BIN_EXE_stead")), &[])
}

fn reference() -> Result<Program, String> {
    let path = env::var("STEAD_REFERENCE")
        .map_err(|_| "STEAD_REFERENCE must name the reference binary".to_owned())?;
    Program::prepare(Path::new(&path), &REFERENCE_ARGS)
}

fn mode() -> Result<Mode, String> {
    match env::var("STEAD_CONFORMANCE").unwrap_or_default().as_str() {
        "" | "replay" => Ok(Mode::Replay {
            product: product()?,
        }),
        "record" => Ok(Mode::Record {
            reference: reference()?,
        }),
        "compare" => Ok(Mode::Compare {
            product: product()?,
            reference: reference()?,
        }),
        other => Err(format!("unknown STEAD_CONFORMANCE={other}")),
    }
}

fn run_corpus() -> Result<Report, String> {
    let only = env::var("STEAD_CONFORMANCE_ONLY").unwrap_or_default();
    let mode = mode()?;
    let mut files = corpus::load(&corpus_dir())?;
    files.retain(|file| file.matches(&only));
    let exceptions = Exceptions::load(&corpus_dir().join("exceptions.json"))?;

    let queue = Mutex::new(files);
    let finished = Mutex::new((Vec::new(), Vec::new()));
    let workers = thread::available_parallelism()
        .map_or(2, usize::from)
        .max(2);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(mut file) = pop(&queue) {
                    let result = run_file(&mode, &mut file, &only);
                    let mut finished = lock(&finished);
                    match result {
                        Ok(outcomes) => finished.0.extend(outcomes),
                        Err(error) => finished.1.push(format!("{}: {error}", file.name)),
                    }
                }
            });
        }
    });
    let (outcomes, errors) = finished
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(summarise(outcomes, errors, &exceptions, only.is_empty()))
}

fn pop(queue: &Mutex<Vec<CorpusFile>>) -> Option<CorpusFile> {
    lock(queue).pop()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn run_file(mode: &Mode, file: &mut CorpusFile, only: &str) -> Result<Vec<Outcome>, String> {
    match mode {
        Mode::Replay { product } => {
            let got = run::run(&product.start()?, file, only)?;
            Ok(compare(
                file,
                got.iter().map(|(at, got)| (*at, file.recorded(*at), got)),
                only,
            ))
        }
        Mode::Record { reference } => {
            // A file is always recorded as a whole, so that its answers come from one run.
            let got = run::run(&reference.start()?, file, "")?;
            file.record(got);
            file.write()?;
            Ok(Vec::new())
        }
        Mode::Compare { product, reference } => {
            let expected = run::run(&reference.start()?, file, only)?;
            let got = run::run(&product.start()?, file, only)?;
            let pairs = expected
                .iter()
                .zip(&got)
                .map(|((at, want), (_, got))| (*at, Some(want), got));
            Ok(compare(file, pairs, only))
        }
    }
}

/// A step's place in a file: scenario index and step index.
type Place = (usize, usize);

fn compare<'a>(
    file: &CorpusFile,
    pairs: impl Iterator<Item = (Place, Option<&'a serde_json::Value>, &'a serde_json::Value)>,
    only: &str,
) -> Vec<Outcome> {
    let mut comparisons: BTreeMap<usize, Comparison> = BTreeMap::new();
    pairs
        .filter(|(place, ..)| file.scenario_id(place.0).contains(only))
        .map(|(place, expected, got)| Outcome {
            scenario: file.scenario_id(place.0),
            step: file.step_name(place),
            request: file.request_line(place),
            differences: expected.map_or_else(
                || vec![Difference::missing_recording()],
                |expected| {
                    comparisons
                        .entry(place.0)
                        .or_default()
                        .differences(expected, got)
                },
            ),
        })
        .collect()
}

fn summarise(
    mut outcomes: Vec<Outcome>,
    errors: Vec<String>,
    exceptions: &Exceptions,
    complete: bool,
) -> Report {
    outcomes.sort_by(|a, b| a.scenario.cmp(&b.scenario));
    let mut failures = errors.len();
    let mut text = String::new();
    let (mut steps, mut same, mut explained) = (0, 0, 0);
    for scenario in outcomes.chunk_by(|a, b| a.scenario == b.scenario) {
        let mut lines = String::new();
        let mut failed = 0;
        for outcome in scenario {
            steps += 1;
            let (known, unknown): (Vec<_>, Vec<_>) = outcome
                .differences
                .iter()
                .partition(|difference| exceptions.explains(outcome, difference));
            same += usize::from(outcome.differences.is_empty());
            if unknown.is_empty() {
                explained += usize::from(!known.is_empty());
                continue;
            }
            failed += 1;
            writeln!(lines, "    {}: {}", outcome.step, outcome.request)
                .expect("writing to memory");
            for difference in unknown {
                writeln!(lines, "        {difference}").expect("writing to memory");
            }
        }
        failures += failed;
        let verdict = if failed == 0 { "ok    " } else { "FAILED" };
        let total = scenario.len();
        writeln!(
            text,
            "{verdict} {} ({} of {total})",
            scenario[0].scenario,
            total - failed
        )
        .expect("writing to memory");
        text.push_str(&lines);
    }
    for error in errors {
        writeln!(text, "ERROR  {error}").expect("writing to memory");
    }
    if complete && steps > 0 {
        for unused in exceptions.unused() {
            failures += 1;
            writeln!(text, "UNUSED exception: {unused}").expect("writing to memory");
        }
    }
    writeln!(
        text,
        "{steps} steps: {same} the same, {explained} with explained differences; {failures} failures"
    )
    .expect("writing to memory");
    Report { text, failures }
}

//! `stead schema …`: the collections as a file, what a file would change, and changing it.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Map, Value as Json, json};

use crate::app::schema_plan::{self, Wanted};
use crate::app::{App, rules};
use crate::cli::console::{self, Failure};
use crate::cli::lock;
use crate::cli::shared::Shared;
use crate::cli::work;

/// What to do with the collections.
#[derive(Debug, Subcommand)]
pub(super) enum Schema {
    /// Write all collections and the tests of their rules to a file; `-` prints them.
    Export { file: PathBuf },
    /// Show what applying a file would do: statements, what follows renames, what is lost. Changes nothing.
    Diff {
        file: PathBuf,
        /// Also delete collections and fields that the file does not have.
        #[arg(long)]
        delete_missing: bool,
        /// Print the plan as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make the collections what a file says; rules, views, indexes and scripts follow renames. No server may run.
    Apply {
        file: PathBuf,
        /// Also delete collections and fields that the file does not have.
        #[arg(long)]
        delete_missing: bool,
        /// Apply it although it loses data.
        #[arg(long = "lose-data")]
        lose: bool,
    },
}

pub(super) fn run(shared: &Shared, action: &Schema) -> Result<(), Failure> {
    let config = shared.config()?;
    work::database_in(&config.dir)?;
    let is_change = matches!(action, Schema::Apply { .. });
    let alone = match action {
        Schema::Apply { .. } => lock::without_server(&config.dir)?,
        Schema::Export { .. } | Schema::Diff { .. } => None,
    };
    let runtime = work::runtime_for_scripts()?;
    let result = runtime.block_on(async {
        let app = work::open(config).await?;
        if is_change {
            schema_plan::recover(&app).await;
        }
        let result = match action {
            Schema::Export { file } => export(&app, file),
            Schema::Diff {
                file,
                delete_missing,
                json,
            } => diff(&app, file, *delete_missing, *json).await,
            Schema::Apply {
                file,
                delete_missing,
                lose,
            } => apply(&app, file, *delete_missing, *lose).await,
        };
        app.close().await;
        result
    });
    drop(alone);
    result
}

fn export(app: &App, file: &Path) -> Result<(), Failure> {
    let snapshot = app.snapshot();
    let mut collections = Vec::new();
    for entry in snapshot.collections() {
        let mut body = Vec::new();
        entry.write_json(&mut body);
        collections.push(serde_json::from_slice::<Json>(&body).unwrap_or_default());
    }
    let tests = app.engine().read(rules::export);
    let tests = tests.map_err(|error| Failure::of("cannot read the tests of rules", &error))?;
    let schema = json!({"collections": collections, "ruleTests": tests});
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    if file == Path::new("-") {
        console::out(&text);
        return Ok(());
    }
    text.push('\n');
    fs::write(file, text)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display())))?;
    console::out(&format!("Wrote {}.", file.display()));
    Ok(())
}

/// The collections of a file, and the tests that come with them.
fn read(file: &Path, delete_missing: bool) -> Result<(Wanted, Vec<Json>), Failure> {
    let unreadable =
        |error: String| Failure::new(format!("cannot read {}: {error}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    let parsed: Json =
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    let (collections, tests) = match parsed {
        Json::Object(mut members) => {
            let collections = members.remove("collections").unwrap_or_default();
            match members.remove("ruleTests") {
                Some(Json::Array(tests)) => (collections, tests),
                _ => (collections, Vec::new()),
            }
        }
        other => (other, Vec::new()),
    };
    let mut form = Map::new();
    form.insert("collections".to_owned(), collections);
    form.insert("deleteMissing".to_owned(), Json::from(delete_missing));
    let wanted = Wanted::read(&form)
        .map_err(|_| unreadable("it holds no list of collections".to_owned()))?;
    Ok((wanted, tests))
}

async fn diff(app: &App, file: &Path, delete_missing: bool, as_json: bool) -> Result<(), Failure> {
    let (wanted, _) = read(file, delete_missing)?;
    let plan = schema_plan::plan_as_operator(app, wanted).await;
    let plan = plan.map_err(|error| Failure::of("there is no plan", &error))?;
    if as_json {
        let text = serde_json::to_string_pretty(&plan.to_json()).unwrap_or_default();
        console::out(&text);
    } else {
        show(&plan.to_json());
    }
    if plan.is_possible() {
        Ok(())
    } else {
        Err(Failure::new("this cannot be applied"))
    }
}

async fn apply(app: &App, file: &Path, delete_missing: bool, lose: bool) -> Result<(), Failure> {
    let (wanted, tests) = read(file, delete_missing)?;
    let plan = schema_plan::plan_as_operator(app, wanted).await;
    let plan = plan.map_err(|error| Failure::of("there is no plan", &error))?;
    show(&plan.to_json());
    if !plan.is_possible() {
        return Err(Failure::new("this cannot be applied"));
    }
    if plan.loses() && !lose {
        return Err(Failure::new(
            "this loses data; say --lose-data if that is meant",
        ));
    }
    if !plan.is_empty() {
        let applied = schema_plan::apply_as_operator(app, plan).await;
        applied.map_err(|error| Failure::of("nothing was changed", &error))?;
        console::out("Applied.");
    }
    if !tests.is_empty() {
        let taken = rules::import(app, tests).await;
        let taken = taken.map_err(|error| Failure::of("the tests were not taken in", &error))?;
        console::out(&format!("{taken} tests of rules."));
    }
    Ok(())
}

/// A plan for people.
fn show(plan: &Json) {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let all = |name: &str| plan[name].as_array().cloned().unwrap_or_default();
    let mut is_empty = true;
    let mut say = |line: &str| {
        is_empty = false;
        console::out(line);
    };
    for change in all("changes") {
        let members: Vec<String> = change["members"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        let kind = text(&change["kind"]);
        let what = if members.is_empty() {
            String::new()
        } else {
            format!(": {}", members.join(", "))
        };
        say(&format!("{kind} {}{what}", text(&change["collection"])));
    }
    for step in all("steps") {
        let rows = step["rows"].as_u64();
        let rows = rows.map_or_else(String::new, |rows| format!("  -- {rows} rows"));
        say(&format!("  {};{rows}", text(&step["sql"])));
    }
    for found in all("refs") {
        let line = found["line"].as_u64();
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let verb = if found["fix"] == json!(true) {
            "follows"
        } else {
            "LEFT AS IT IS"
        };
        say(&format!(
            "{verb}: {} {}{line}",
            text(&found["kind"]),
            text(&found["where"])
        ));
        say(&format!("    - {}", text(&found["before"]).trim()));
        say(&format!("    + {}", text(&found["after"]).trim()));
    }
    for broken in all("broken") {
        say(&format!(
            "BREAKS: {} {}: {}",
            text(&broken["kind"]),
            text(&broken["where"]),
            text(&broken["error"])
        ));
    }
    for loss in all("loss") {
        let field = loss["field"]
            .as_str()
            .map_or_else(String::new, |field| format!(".{field}"));
        let values = loss["values"].as_u64();
        let values = values.map_or_else(|| "many".to_owned(), |values| values.to_string());
        let kind = if loss["field"].is_null() {
            "records"
        } else {
            "values"
        };
        say(&format!(
            "LOSES: {values} {kind} of {}{field}",
            text(&loss["collection"])
        ));
    }
    for blocked in all("blocked") {
        say(&format!(
            "BLOCKED: {} {}",
            text(&blocked["message"]),
            blocked["data"]
        ));
    }
    if is_empty {
        console::out("There is nothing to do.");
    }
}

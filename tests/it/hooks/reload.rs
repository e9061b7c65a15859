//! Scripts that change while the server runs, and the commands about scripts.

use super::{with_scripts, write};
use crate::support::{Server, SetOnDrop, json, run_in, text, until};

/// Waits until a route answers something.
#[track_caller]
fn await_answer(server: &Server, expect: &str) {
    until(expect, || {
        text(&server.guest().get("/api/app/version")) == expect
    });
}

fn version(n: &str) -> String {
    format!(
        "import \"lib/version\" as lib; route(\"GET\", \"/api/app/version\", |e| e.text(200, lib::shown(\"{n}\")));"
    )
}

#[test]
fn changed_scripts_replace_the_old_ones_unless_they_are_broken() {
    let server = with_scripts(&[
        ("lib/version.rhai", "fn shown(n) { `v${n}` }"),
        ("a.rhai", &version("1")),
    ]);
    await_answer(&server, "v1");
    let home = server.home();
    write(home.path(), "a.rhai", &version("2"));
    await_answer(&server, "v2");
    write(home.path(), "a.rhai", "route(\"GET\", ");
    write(home.path(), "lib/version.rhai", "fn shown(n) { `w${n}` }");
    for _ in 0..20 {
        assert_eq!(text(&server.guest().get("/api/app/version")), "v2");
    }
    write(home.path(), "a.rhai", &version("3"));
    await_answer(&server, "w3");
    std::fs::remove_dir_all(home.path().join("hooks")).unwrap();
    until("the route is gone", || {
        server.guest().get("/api/app/version").status != 200
    });
    assert_eq!(json(&server.guest().get("/api/app/version"))["status"], 404);
}

#[test]
fn check_names_file_line_and_column() {
    let home = tempfile::TempDir::new().unwrap();
    write(home.path(), "good.rhai", "on_bootstrap(|e| { });");
    let check = || {
        let output = run_in(home.path(), &["hooks", "check", "hooks"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), told)
    };
    assert!(check().0);
    write(home.path(), "bad.rhai", "let a = 1;\nlet b = ;\n");
    write(
        home.path(),
        "clash.rhai",
        "\nroute(\"GET\", \"/api/collections/x\", |e| ());",
    );
    write(home.path(), "ring.rhai", "import \"_ring\" as ring;");
    write(home.path(), "_ring.rhai", "import \"_ring\" as ring;");
    write(
        home.path(),
        "outside.rhai",
        "import \"../outside\" as outside;",
    );
    let (succeeded, told) = check();
    assert!(!succeeded);
    for expect in [
        "bad.rhai:2:",
        "clash.rhai:2:",
        "The route GET /api/collections/x clashes with the built-in /api/collections.",
        "modules import each other",
        "Module not found: ../outside",
    ] {
        assert!(told.contains(expect), "{expect} is not in {told}");
    }
}

#[test]
fn definitions_have_every_function_with_its_doc() {
    let home = tempfile::TempDir::new().unwrap();
    let output = run_in(home.path(), &["hooks", "types", "-"]);
    let definitions = String::from_utf8_lossy(&output.stdout).into_owned();
    for expect in [
        "fn find_record(app: App, collection: string, id: string) -> Record;",
        "fn on_record_create(collection: string, handler: Fn);",
        "module security {",
        "    /// The digest in hexadecimal.\n    fn sha256(text: string) -> string;",
    ] {
        assert!(
            definitions.contains(expect),
            "{expect} is not in {definitions}"
        );
    }
    let undocumented: Vec<&str> = definitions
        .split("\n\n")
        .filter(|part| part.trim_start().starts_with("fn "))
        .collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[test]
fn the_reference_page_is_that_of_the_sources() {
    let home = tempfile::TempDir::new().unwrap();
    let output = run_in(home.path(), &["hooks", "types", "--reference", "-"]);
    let made = String::from_utf8_lossy(&output.stdout).into_owned();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hooks/reference.md");
    let kept = std::fs::read_to_string(page).unwrap();
    assert!(
        made.trim() == kept.trim(),
        "run `stead hooks types --reference docs/hooks/reference.md`"
    );
}

/// Resident memory in kB.
#[cfg(target_os = "linux")]
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Reloads of the soak; the long form is `STEAD_TEST_RELOADS=10000 cargo test --test it many_reloads -- --nocapture`.
fn n_reloads() -> usize {
    let wanted = std::env::var("STEAD_TEST_RELOADS").ok();
    wanted.and_then(|n| n.parse().ok()).unwrap_or(120)
}

#[test]
#[cfg(target_os = "linux")]
fn many_reloads_under_load_lose_no_request_and_no_memory() {
    let server = with_scripts(&[
        ("lib/version.rhai", "fn shown(n) { `v${n}` }"),
        ("a.rhai", &version("1")),
    ]);
    let superuser = server.superuser();
    // What the log keeps of all these requests is not what this is about.
    crate::support::accepted(&superuser.patch(
        "/api/settings",
        &serde_json::json!({ "logs": { "maxDays": 0 } }),
    ));
    let reload = |n: usize| {
        for _ in 0..n {
            let answer = crate::support::accepted(
                &superuser.post("/api/stead/hooks/reload", &serde_json::json!({})),
            );
            assert_eq!(answer["problems"], serde_json::json!([]));
        }
    };
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut asked = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                assert_eq!(text(&server.guest().get("/api/app/version")), "v1");
                asked += 1;
            }
            asked
        });
        let over = SetOnDrop(&stop);
        // The allocator and the caches find their size first.
        let n = n_reloads();
        reload((n / 10).max(30));
        let mut sizes = vec![resident(&server)];
        // A set that stayed would be a hundred kilobytes each, in every round. What else runs may need room in one of
        // them.
        let is_steady = (0..4).any(|_| {
            let before = sizes[sizes.len() - 1];
            reload(n);
            let after = resident(&server);
            sizes.push(after);
            after < before + 8 * 1024
        });
        drop(over);
        let asked = asking.join().unwrap();
        assert!(asked > 0);
        println!("{n} reloads a round, {asked} requests answered meanwhile: {sizes:?} kB");
        assert!(is_steady, "{sizes:?} kB");
    });
}

#[test]
fn new_writes_a_script_that_loads() {
    let home = tempfile::TempDir::new().unwrap();
    let made = run_in(home.path(), &["hooks", "new", "first"]);
    assert!(made.status.success(), "{made:?}");
    assert!(run_in(home.path(), &["hooks", "check"]).status.success());
    assert!(
        !run_in(home.path(), &["hooks", "new", "first"])
            .status
            .success()
    );
    assert!(
        !run_in(home.path(), &["hooks", "new", "../x"])
            .status
            .success()
    );
}

#[test]
fn scripts_learn_that_the_server_starts() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_bootstrap(|e| { app.store().incr("starts", 1); });
        on_serve(|e| { app.store().incr("starts", 1); });
        route("GET", "/api/app/version", |e| e.text(200, app.store().get("starts").to_string()));
        "#,
    )]);
    await_answer(&server, "2");
}

/// Names of the threads of a server.
#[cfg(target_os = "linux")]
fn threads(server: &Server) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", server.id())).unwrap();
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    tasks
        .filter_map(|task| name(task.ok()?))
        .map(|name| name.trim().to_owned())
        .collect()
}

#[test]
#[cfg(target_os = "linux")]
fn without_scripts_nothing_of_them_runs_until_the_first_one_is_written() {
    let server = with_scripts(&[]);
    assert_eq!(server.guest().get("/api/health").status, 200);
    let is_ours = |name: &String| name.starts_with("script") || name.starts_with("notify");
    assert_eq!(
        threads(&server).iter().find(|name| is_ours(name)),
        None::<&String>
    );
    let home = server.home();
    write(home.path(), "lib/version.rhai", "fn shown(n) { `v${n}` }");
    write(home.path(), "a.rhai", &version("1"));
    await_answer(&server, "v1");
    write(home.path(), "a.rhai", &version("2"));
    await_answer(&server, "v2");
}

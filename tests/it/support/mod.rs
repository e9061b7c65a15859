//! A real server on a private directory, and the people who call it.
//!
//! The server is the built executable; nothing is shared between two of them, so tests run side by side.

pub(crate) mod events;
pub(crate) mod http;
pub(crate) mod provider;
pub(crate) mod smtp;
pub(crate) mod wait;

use std::io::{BufRead as _, BufReader};
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Barrier, Mutex, PoisonError};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

pub(crate) use http::Response;
pub(crate) use wait::{SetOnDrop, until, until_some};

const EMAIL: &str = "root@example.com";
const PASSWORD: &str = "1234567890";

/// The executable with a clean environment.
pub(crate) fn stead() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stead"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STEAD_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs the executable to its end in a directory of its own.
pub(crate) fn run_in(dir: &Path, arguments: &[&str]) -> Output {
    stead()
        .current_dir(dir)
        .args(arguments)
        .output()
        .expect("the executable starts")
}

/// Runs a command that must succeed.
pub(crate) fn run(mut command: Command) {
    let output = command.output().expect("the executable starts");
    assert!(output.status.success(), "{output:?}");
}

/// A running server. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    home: Arc<TempDir>,
    /// What it printed after the first line.
    printed: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server whose data directory has nothing but what a fresh one has.
    pub(crate) fn start() -> Self {
        Self::start_with(&[], |_| {})
    }

    /// Starts a server with more arguments, after `prepare` filled its home directory.
    ///
    /// The home holds the data as `data` and the static files as `public`.
    pub(crate) fn start_with(arguments: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let home = TempDir::new().expect("a temporary directory");
        prepare(home.path());
        Self::start_at(Arc::new(home), arguments)
    }

    /// Starts a server that trusts the certificates of a file and no others.
    pub(crate) fn start_trusting(certificates: &Path) -> Self {
        let mut command = stead();
        command.env("SSL_CERT_FILE", certificates);
        let home = TempDir::new().expect("a temporary directory");
        Self::launch(command, Arc::new(home), &[])
    }

    /// Starts a server in a home that another one may have left.
    pub(crate) fn start_at(home: Arc<TempDir>, arguments: &[&str]) -> Self {
        Self::launch(stead(), home, arguments)
    }

    /// Starts a server with a command of its own for the executable.
    pub(crate) fn launch(command: Command, home: Arc<TempDir>, arguments: &[&str]) -> Self {
        Self::try_launch(command, home, arguments).expect("the server says where it listens")
    }

    /// Starts a server that may refuse to; then what it said instead.
    pub(crate) fn try_launch(
        mut command: Command,
        home: Arc<TempDir>,
        arguments: &[&str],
    ) -> Result<Self, String> {
        if !arguments.contains(&"--dir") {
            command.env("STEAD_DIR", "data");
        }
        let mut child = command
            .current_dir(home.path())
            .args(["serve", "--http", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the executable starts");
        let output = child.stdout.take().expect("the output is piped");
        let mut lines = BufReader::new(output);
        let mut first = String::new();
        lines.read_line(&mut first).expect("the server prints");
        let address = first
            .trim_end()
            .rsplit_once("http://")
            .and_then(|(_, address)| address.parse().ok());
        let printed = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&printed);
        // The pipe must stay open and empty for as long as the server writes.
        drop(std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
        }));
        let Some(address) = address else {
            drop(child.kill());
            drop(child.wait());
            return Err(first);
        };
        Ok(Self {
            child,
            address,
            home,
            printed,
        })
    }

    /// The directory that holds `data` and `public`; it stays for as long as someone holds it.
    pub(crate) fn home(&self) -> Arc<TempDir> {
        Arc::clone(&self.home)
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it printed at the start behind these words.
    pub(crate) fn printed(&self, before: &str) -> String {
        until_some(before, || {
            let lines = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
            lines
                .iter()
                .find_map(|line| Some(line.strip_prefix(before)?.to_owned()))
        })
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Someone who is not signed in.
    pub(crate) const fn guest(&self) -> Caller<'_> {
        Caller::at(self.address, None)
    }

    /// A superuser, made on the command line.
    pub(crate) fn superuser(&self) -> Caller<'_> {
        self.superuser_at(EMAIL)
    }

    /// One of several superusers.
    pub(crate) fn superuser_at(&self, email: &str) -> Caller<'_> {
        let arguments = ["superuser", "upsert", email, PASSWORD, "--dir", "data"];
        let output = run_in(self.home.path(), &arguments);
        assert!(output.status.success(), "{output:?}");
        self.sign_in("_superusers", email)
    }

    /// A superuser, made with a command of its own for the executable.
    pub(crate) fn superuser_with(&self, mut command: Command) -> Caller<'_> {
        command.current_dir(self.home.path());
        command.args(["superuser", "upsert", EMAIL, PASSWORD, "--dir", "data"]);
        run(command);
        self.sign_in("_superusers", EMAIL)
    }

    /// A record of the collection `users` a fresh directory has.
    pub(crate) fn user(&self, name: &str) -> Caller<'_> {
        let email = format!("{name}@example.com");
        let data = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        let created = self.guest().post("/api/collections/users/records", &data);
        assert_eq!(created.status, 200, "{}", text(&created));
        self.sign_in("users", &email)
    }

    /// Someone who signs in with the password all have.
    pub(crate) fn sign_in(&self, collection: &str, email: &str) -> Caller<'_> {
        let path = format!("/api/collections/{collection}/auth-with-password");
        let data = json!({"identity": email, "password": PASSWORD});
        let answer = self.guest().post(&path, &data);
        let token = json(&answer)["token"].as_str().map(str::to_owned);
        assert!(token.is_some(), "{}", text(&answer));
        Caller::at(self.address, token)
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    /// Waits for the process to end by itself.
    #[track_caller]
    pub(crate) fn wait(mut self) -> ExitStatus {
        until_some("the end of the process", || {
            self.child
                .try_wait()
                .expect("the process can be waited for")
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended on its own; there is nothing left to do then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Someone who sends requests.
#[derive(Debug)]
pub(crate) struct Caller<'a> {
    address: SocketAddr,
    token: Option<String>,
    server: PhantomData<&'a Server>,
}

impl Caller<'_> {
    /// Someone who talks to whatever listens at the address.
    pub(crate) const fn at(address: SocketAddr, token: Option<String>) -> Self {
        Self {
            address,
            token,
            server: PhantomData,
        }
    }

    /// The auth token; empty for a guest.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, data: &Json) -> Response {
        let body = data.to_string().into_bytes();
        self.send(
            "POST",
            path,
            &[("Content-Type", "application/json")],
            Some(body),
        )
    }

    pub(crate) fn patch(&self, path: &str, data: &Json) -> Response {
        let body = data.to_string().into_bytes();
        let headers = [("Content-Type", "application/json")];
        self.send("PATCH", path, &headers, Some(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, &[], None)
    }

    /// Sends a form with texts `(name, value)` and files `(name, file name, content)`.
    pub(crate) fn form(
        &self,
        method: &str,
        path: &str,
        texts: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Response {
        self.try_form(method, path, texts, files)
            .expect("the server answers")
    }

    /// Sends a form to a server that may go away meanwhile.
    pub(crate) fn try_form(
        &self,
        method: &str,
        path: &str,
        texts: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Result<Response, String> {
        const BOUNDARY: &str = "----form-boundary";
        let mut body = Vec::new();
        for (name, value) in texts {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        for (name, file, content) in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.try_send(method, path, &[("Content-Type", &kind)], Some(body))
    }

    /// Creates a collection that must be accepted.
    pub(crate) fn make_collection(&self, data: &Json) -> Json {
        accepted(&self.post("/api/collections", data))
    }

    /// Creates a record that must be accepted.
    pub(crate) fn make(&self, collection: &str, data: &Json) -> Json {
        accepted(&self.post(&records(collection), data))
    }

    /// A record that must be visible.
    pub(crate) fn look(&self, collection: &str, id: &str) -> Json {
        accepted(&self.get(&record(collection, id)))
    }

    /// The items of the first thousand records of a list that must be answered.
    pub(crate) fn items(&self, collection: &str, query: &str) -> Vec<Json> {
        let path = format!("{}?perPage=1000&{query}", records(collection));
        let items = accepted(&self.get(&path))["items"].as_array().cloned();
        items.expect("a list")
    }

    /// Sends exactly this; an `Authorization` header is added for callers who are signed in.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Response {
        self.try_send(method, path, headers, body)
            .expect("the server answers")
    }

    /// Sends a request to a server that may go away meanwhile.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Response, String> {
        let mut headers: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        if let Some(token) = &self.token {
            headers.push(("Authorization".to_owned(), token.clone()));
        }
        let request = http::Request {
            method: method.to_owned(),
            target: path.to_owned(),
            headers,
            body,
        };
        http::send(self.address, &request)
    }
}

/// The body as text.
pub(crate) fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// The body as JSON; null when it is none.
pub(crate) fn json(response: &Response) -> Json {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// Status and message of an error, as one text.
pub(crate) fn outcome(response: &Response) -> String {
    let message = json(response)["message"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    format!("{} {message}", response.status)
}

/// The path of a collection's records.
pub(crate) fn records(collection: &str) -> String {
    format!("/api/collections/{collection}/records")
}

/// The path of a record.
pub(crate) fn record(collection: &str, id: &str) -> String {
    format!("/api/collections/{collection}/records/{id}")
}

/// The JSON of an answer that must be a success.
#[track_caller]
pub(crate) fn accepted(response: &Response) -> Json {
    assert!(
        (200..300).contains(&response.status),
        "{} {}",
        response.status,
        text(response)
    );
    json(response)
}

/// Runs `act` on `n` threads that begin together; the answers are in order of the threads.
pub(crate) fn together<T: Send>(n: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(n);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n)
            .map(|i| {
                let (start, act) = (&start, &act);
                scope.spawn(move || {
                    start.wait();
                    act(i)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread panics"))
            .collect()
    })
}

/// Every file below a directory, as sorted paths relative to it; nothing when there is no directory.
pub(crate) fn files_in(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                waiting.push(entry.path());
            } else if let Ok(path) = entry.path().strip_prefix(dir) {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort_unstable();
    found
}

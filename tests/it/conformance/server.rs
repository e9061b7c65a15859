//! Starts and stops a server binary on a private data directory.
//!
//! It does not know which of the two products it runs beyond the extra arguments it is given.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::http::{self, Request};

pub(super) const EMAIL: &str = "root@example.com";
pub(super) const PASSWORD: &str = "1234567890";

/// How long a server may take from start to the first healthy answer.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A server binary together with a data directory that already holds the superuser.
#[derive(Debug)]
pub(super) struct Program {
    binary: PathBuf,
    serve_args: Vec<String>,
    template: TempDir,
}

impl Program {
    /// Creates the template data directory every server of this program starts from.
    pub(super) fn prepare(binary: &Path, serve_args: &[&str]) -> Result<Self, String> {
        let template = tempfile::tempdir().map_err(|error| error.to_string())?;
        let output = Command::new(binary)
            .args(["superuser", "upsert", EMAIL, PASSWORD, "--dir"])
            .arg(template.path().join("data"))
            .output()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            return Err(format!("superuser upsert failed: {message}"));
        }
        let serve_args = serve_args.iter().map(|arg| (*arg).to_owned()).collect();
        Ok(Self {
            binary: binary.to_owned(),
            serve_args,
            template,
        })
    }

    /// Starts a server on a copy of the template and signs the superuser in.
    pub(super) fn start(&self) -> Result<Server, String> {
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        let data = home.path().join("data");
        copy_dir(&self.template.path().join("data"), &data).map_err(|error| error.to_string())?;
        self.start_at(Arc::new(home))
    }

    /// Starts a server on the directory `data` of a home that has the superuser already.
    pub(super) fn start_at(&self, home: Arc<TempDir>) -> Result<Server, String> {
        let data = home.path().join("data");
        let address = free_address()?;
        let child = Command::new(&self.binary)
            .arg("serve")
            .arg("--dir")
            .arg(&data)
            .args(["--http", &address.to_string()])
            .args(&self.serve_args)
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.binary.display()))?;
        let mut server = Server {
            child,
            address,
            superuser: String::new(),
            home,
        };
        server.wait_until_healthy()?;
        server.superuser = server.sign_in()?;
        Ok(server)
    }
}

/// A running server; dropping it ends the process and removes its files.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// An auth token of the superuser.
    pub(super) superuser: String,
    home: Arc<TempDir>,
}

impl Server {
    fn wait_until_healthy(&mut self) -> Result<(), String> {
        let started = Instant::now();
        let request = Request {
            method: "GET".to_owned(),
            target: "/api/health".to_owned(),
            headers: Vec::new(),
            body: None,
        };
        while started.elapsed() < START_TIMEOUT {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the server ended during start: {status}"));
            }
            if http::send(self.address, &request).is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err("the server did not become healthy in time".to_owned())
    }

    fn sign_in(&self) -> Result<String, String> {
        let request = Request {
            method: "POST".to_owned(),
            target: "/api/collections/_superusers/auth-with-password".to_owned(),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(
                json!({"identity": EMAIL, "password": PASSWORD})
                    .to_string()
                    .into_bytes(),
            ),
        };
        let answer = http::send(self.address, &request)?;
        serde_json::from_slice::<Value>(&answer.body)
            .ok()
            .and_then(|body| body["token"].as_str().map(str::to_owned))
            .ok_or_else(|| format!("the superuser could not sign in: {}", answer.status))
    }
}

impl Server {
    /// Stops the server as its operator would and gives back the home with its directory.
    pub(super) fn stop(mut self) -> Result<Arc<TempDir>, String> {
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .and_then(|_| self.child.wait())
            .map_err(|error| error.to_string())?;
        Ok(Arc::clone(&self.home))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended on its own; there is nothing left to do then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_address() -> Result<SocketAddr, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| error.to_string())
}

fn copy_dir(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

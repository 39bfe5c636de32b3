//! The program itself, as an operator runs it: a process with its own folder, variables and log.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server that runs until this is dropped.
pub struct Program {
    child: Child,
    log: Arc<Log>,
    /// Reads the log, until the program has ended.
    reading: Option<JoinHandle<()>>,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    pub folder: TempDir,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
}

/// The program in a folder, with no variables but these. It listens on a port that is free.
pub fn command(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convene"));
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("CONVENE_LISTEN", "127.0.0.1:0").envs(variables.iter().copied());
    command
}

/// What the program says and how it ends, given this on standard input.
pub fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may well end before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A program from tests/requirements.txt.
pub fn python_tool(name: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/venv/bin").join(name);
    assert!(path.exists(), "{} is not there: `make tools` installs it", path.display());
    Command::new(path)
}

/// A client for the program's HTTP.
pub fn http_client() -> reqwest::Client {
    http_client_builder().build().unwrap()
}

/// A client to be, which trusts nobody's certificate: nothing here speaks TLS, and to read the machine's list of authorities
/// takes longer than most tests.
pub fn http_client_builder() -> reqwest::ClientBuilder {
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy()
}

/// A file of this project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a command that is to succeed, and answers what it said.
#[track_caller]
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{command:?} ended with {}:\n{}\n{}", output.status, said[0], said[1]);
    said[0].clone()
}

impl Program {
    /// Starts a server with a database file of its own.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with these variables.
    pub fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), variables)
    }

    /// Starts a server in a folder.
    pub fn start_in(folder: TempDir, variables: &[(&str, &str)]) -> Self {
        let mut child = command(folder.path(), variables).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Log::default());
        let (stderr, kept) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        let reading = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                kept.lines.lock().unwrap().push(line);
                kept.changed.notify_all();
            }
        });
        let mut program = Self { child, log, reading: Some(reading), base: String::new(), folder };
        let line = program.wait_for("listening on http://");
        let address = line.split("listening on ").nth(1).unwrap();
        program.base = address.split([',', ' ']).next().unwrap().to_owned();
        program
    }

    /// The first line of the log that has these words, once it is there.
    #[track_caller]
    pub fn wait_for(&mut self, words: &str) -> String {
        let until = Instant::now() + Duration::from_secs(30);
        let mut lines = self.log.lines.lock().unwrap();
        loop {
            if let Some(line) = lines.iter().find(|line| line.contains(words)) {
                return line.clone();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "no {words:?} in the log; {ended:?}: {lines:#?}");
            lines = self.log.changed.wait_timeout(lines, Duration::from_millis(50)).unwrap().0;
        }
    }

    /// All that it said on standard error up to here.
    pub fn log(&self) -> String {
        self.log.lines.lock().unwrap().join("\n")
    }

    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        succeed(Command::new("kill").args(["-s", name, &self.id().to_string()]));
    }

    /// How it ends, within so long. Then all that it said is in the log.
    #[track_caller]
    pub fn wait(&mut self, at_most: Duration) -> ExitStatus {
        let until = Instant::now() + at_most;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.reading.take().into_iter().for_each(|reading| reading.join().unwrap());
                return status;
            }
            assert!(Instant::now() < until, "it did not end within {at_most:?}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it where it stands, and answers its folder.
    pub fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

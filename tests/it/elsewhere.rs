//! A web server elsewhere, which does what a test tells it and remembers what it was asked. It writes bytes as they are:
//! what is wrong with an answer is wrong on purpose.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// Runs until it is dropped.
pub struct Elsewhere {
    pub address: SocketAddr,
    told: Arc<Told>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Told {
    answers: Mutex<HashMap<String, Make>>,
    asked: Mutex<Vec<Asked>>,
    /// How often it was asked.
    count: watch::Sender<usize>,
    /// What is said to whoever speaks no HTTP; none for what ordinary servers say.
    to_noise: Mutex<Option<Vec<u8>>>,
}

type Make = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    headers: Vec<(String, String)>,
}

/// What is sent back; then the connection is closed.
#[derive(Clone, Debug)]
pub struct Answer(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    /// Each byte by itself, after this time.
    Drip(Vec<u8>, Duration),
    /// These over and over, until the client hangs up.
    Repeat(Vec<u8>),
    /// Nothing more, until the client hangs up.
    Wait,
    /// Nothing more, until the test says so.
    Until(watch::Receiver<bool>),
}

impl Elsewhere {
    /// On a port of 127.0.0.1.
    pub async fn start() -> Self {
        Self::start_at([127, 0, 0, 1].into()).await
    }

    /// On a port of another address of this machine, such as 127.0.0.2.
    pub async fn start_at(address: IpAddr) -> Self {
        Self::listen(address, None).await
    }

    /// With TLS, on a port of 127.0.0.1.
    pub async fn start_with_tls(acceptor: TlsAcceptor) -> Self {
        Self::listen([127, 0, 0, 1].into(), Some(acceptor)).await
    }

    async fn listen(address: IpAddr, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let (address, told) = (listener.local_addr().unwrap(), Arc::new(Told::default()));
        let listening = tokio::spawn(listen(listener, Arc::clone(&told), tls));
        Self { address, told, listening }
    }

    /// The address of a path, such as `http://127.0.0.1:4711/calendar.ics`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The same with `webcal://`.
    pub fn webcal_url(&self, path: &str) -> String {
        format!("webcal://{}{path}", self.address)
    }

    /// From here on, a path is answered like this. Any other path is not found.
    pub fn answer(&self, path: &str, answer: Answer) {
        self.answer_by(path, move |_| answer.clone());
    }

    /// From here on, a path is answered by this.
    pub fn answer_by(&self, path: &str, make: impl Fn(&Asked) -> Answer + Send + Sync + 'static) {
        self.told.answers.lock().unwrap().insert(path.to_owned(), Arc::new(make));
    }

    /// From here on, a path is a calendar with a strong entity tag, as a good server has it: 304 to whoever knows it.
    pub fn publish(&self, path: &str, calendar: &str) {
        let (tag, calendar) = (tag_of(calendar), calendar.to_owned());
        self.answer_by(path, move |asked| match asked.header("if-none-match") == Some(&tag) {
            true => Answer::status(304).with("ETag", &tag).end(),
            false => Answer::calendar(&calendar, &[("ETag", &tag)]),
        });
    }

    /// From here on, what is no HTTP, such as the beginning of TLS, is answered by these bytes.
    pub fn answer_noise(&self, bytes: &[u8]) {
        *self.told.to_noise.lock().unwrap() = Some(bytes.to_owned());
    }

    /// All that it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.told.asked.lock().unwrap().clone()
    }

    /// Waits until it was asked for a path so often.
    pub async fn until_asked(&self, path: &str, times: usize) {
        self.until_all_asked(&[path.to_owned()], times).await;
    }

    /// Waits until it was asked for each of these paths so often.
    pub async fn until_all_asked(&self, paths: &[String], times: usize) {
        let mut counts = self.told.count.subscribe();
        let is_enough = |_: &usize| paths.iter().all(|path| self.times_asked(path) >= times);
        let waited = timeout(PATIENCE, counts.wait_for(is_enough)).await;
        assert!(waited.is_ok(), "{paths:?} not {times} times: {:#?}", self.asked());
    }

    /// How often it was asked for a path.
    pub fn times_asked(&self, path: &str) -> usize {
        self.told.asked.lock().unwrap().iter().filter(|asked| asked.path == path).count()
    }

    /// What it was asked since this was last called.
    pub fn asked_since(&self) -> Vec<Asked> {
        std::mem::take(&mut self.told.asked.lock().unwrap())
    }
}

/// Longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(60);

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Asked {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Answer {
    /// 200 with a calendar and these headers.
    pub fn calendar(text: &str, headers: &[(&str, &str)]) -> Self {
        let begun = Self::status(200).with("Content-Type", "text/calendar; charset=utf-8");
        headers.iter().fold(begun, |answer, (name, value)| answer.with(name, value)).body(text)
    }

    /// To another place.
    pub fn redirect(code: u16, location: &str) -> Self {
        Self::status(code).with("Location", location).body("elsewhere")
    }

    /// A status line, to be followed by headers and [`Answer::body`] or [`Answer::end`].
    pub fn status(code: u16) -> Self {
        Self::bytes(format!("HTTP/1.1 {code} Said\r\nConnection: close\r\n"))
    }

    /// These bytes, whatever they are.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Step::Send(bytes.into())])
    }

    pub fn with(self, name: &str, value: &str) -> Self {
        self.then(format!("{name}: {value}\r\n"))
    }

    /// The end of the head, and a body of the length that it says.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let length = body.len().to_string();
        self.with("Content-Length", &length).end().then(body)
    }

    /// The end of the head.
    pub fn end(self) -> Self {
        self.then("\r\n")
    }

    pub fn then(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Send(bytes.into()))
    }

    pub fn then_drip(self, bytes: impl Into<Vec<u8>>, every: Duration) -> Self {
        self.step(Step::Drip(bytes.into(), every))
    }

    pub fn then_for_ever(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Repeat(bytes.into()))
    }

    pub fn then_nothing(self) -> Self {
        self.step(Step::Wait)
    }

    /// The rest is sent when this turns true.
    pub fn then_when(self, open: &watch::Receiver<bool>) -> Self {
        self.step(Step::Until(open.clone()))
    }

    fn step(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }
}

async fn listen(listener: TcpListener, told: Arc<Told>, tls: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (told, tls) = (Arc::clone(&told), tls.clone());
        tokio::spawn(async move {
            // A client that hangs up is part of many tests.
            let _ = match tls {
                None => converse(stream, &told).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => converse(stream, &told).await,
                    Err(refused) => Err(refused),
                },
            };
        });
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, told: &Told) -> io::Result<()> {
    let Some(asked) = read_head(&mut stream).await? else {
        let ordinary = || b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec();
        let noise = told.to_noise.lock().unwrap().clone().unwrap_or_else(ordinary);
        stream.write_all(&noise).await?;
        return stream.shutdown().await;
    };
    told.asked.lock().unwrap().push(asked.clone());
    told.count.send_modify(|count| *count += 1);
    let path = asked.path.split('?').next().unwrap_or_default();
    let make = told.answers.lock().unwrap().get(path).cloned();
    let answer = make.map_or_else(|| Answer::status(404).body("nothing here"), |make| make(&asked));
    for step in answer.0 {
        perform(step, &mut stream).await?;
    }
    stream.shutdown().await?;
    // What is closed with something unread is reset, and the client may lose the end.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

async fn perform<S: AsyncRead + AsyncWrite + Unpin>(step: Step, stream: &mut S) -> io::Result<()> {
    match step {
        Step::Send(bytes) => stream.write_all(&bytes).await,
        Step::Drip(bytes, every) => {
            for byte in bytes {
                tokio::time::sleep(every).await;
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
            }
            Ok(())
        }
        Step::Repeat(bytes) => loop {
            stream.write_all(&bytes).await?;
        },
        Step::Wait => {
            stream.flush().await?;
            while stream.read(&mut [0; 64]).await? > 0 {}
            Ok(())
        }
        Step::Until(mut open) => {
            stream.flush().await?;
            // A test that has come to its end opens everything.
            open.wait_for(|is_open| *is_open).await.map(drop).unwrap_or_default();
            Ok(())
        }
    }
}

/// The head of a request; none where this is no HTTP.
async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Option<Asked>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await?;
        if bytes.is_empty() && !byte.is_ascii_uppercase() {
            return Ok(None);
        }
        bytes.push(byte);
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Ok(Some(Asked { method, path, headers: lines.filter_map(header).collect() }))
}

/// A tag for a text.
fn tag_of(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("\"{:x}\"", hasher.finish())
}

//! The Unix socket of the serving process: one request on a line, one answer on a line.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{LocalAct, LocalAnswer, perform, refused};
use crate::base::localized::Localized;
use crate::service::office::Office;

/// Asks the serving process of the office. `None` when there is none.
pub fn ask(folder: &Path, act: &LocalAct) -> Result<Option<LocalAnswer>, Unanswered> {
    let Ok(stream) = UnixStream::connect(socket(folder)) else { return Ok(None) };
    exchange(stream, act).map(Some).map_err(Unanswered)
}

fn exchange(mut stream: UnixStream, act: &LocalAct) -> io::Result<LocalAnswer> {
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let mut line = serde_json::to_vec(act)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}

/// The office ended, or was too slow, before it answered.
#[derive(Debug, thiserror::Error)]
#[error(
    "the office did not answer ({0}). What was asked may have been done: start the office again and look, with `yinzheng list` for instance, before you ask once more"
)]
pub struct Unanswered(#[source] io::Error);

/// Answers operators until the process ends. The socket belongs to its owner alone.
pub fn listen(folder: &Path, office: Arc<Office>) -> io::Result<Socket> {
    let path = socket(folder);
    // The store's lock is held: the process that made a socket still there is gone.
    if let Err(error) = fs::remove_file(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    let listener = Arc::new(listener);
    // As many as cores: a command that verifies many files sends as many requests at once.
    for _ in 0..std::thread::available_parallelism().map_or(1, NonZeroUsize::get) {
        let (listener, office) = (Arc::clone(&listener), Arc::clone(&office));
        std::thread::Builder::new().name("local".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                answered_or_told(serve(stream, &office));
            }
        })?;
    }
    Ok(Socket(path))
}

/// Removes the socket when the process stops.
#[derive(Debug)]
pub struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        // A socket already removed is no error.
        drop(fs::remove_file(&self.0));
    }
}

fn serve(stream: UnixStream, office: &Arc<Office>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut line = String::new();
    BufReader::new(&stream).take(LINE_BYTES).read_line(&mut line)?;
    match serde_json::from_str::<LocalAct>(&line) {
        // Other commands do not wait until a foreign server answers.
        Ok(act) if act.asks_elsewhere() => {
            let office = Arc::clone(office);
            let ask = move || answered_or_told(answer(stream, &perform(&office, act)));
            std::thread::Builder::new().name("local-test".to_owned()).spawn(ask).map(drop)
        }
        Ok(act) => answer(stream, &perform(office, act)),
        Err(_) => answer(stream, &refused(another_version())),
    }
}

fn another_version() -> Localized {
    Localized::new(
        "提供服务的进程不认识这个命令：它是另一个版本，请重新启动机构",
        "the process that serves does not know this command: it is another version; start the office again",
    )
}

fn answer(mut stream: UnixStream, answer: &LocalAnswer) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(answer)?;
    bytes.push(b'\n');
    stream.write_all(&bytes)
}

fn answered_or_told(answered: io::Result<()>) {
    if let Err(error) = answered {
        tracing::warn!(%error, "a local command was not answered");
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("office.sock")
}

/// A file of 64 MB in base64, and its frame.
const LINE_BYTES: u64 = 96 << 20;

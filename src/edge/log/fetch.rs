//! A copy of a log from where it is served (C2SP tlog-tiles): the newest checkpoint, and the tiles
//! that the copy lacks.

use std::fs;
use std::path::Path;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::base::limits::{Budget, LogFetching};
use crate::edge::files::{self, FileError};
use crate::edge::http_client::{Connection, HttpClient, LinkError};
use crate::format::merkle::tile::Tile;
use crate::format::note::BadNote;
use crate::format::note::checkpoint::{LogSigned, NotSigned, SignedCheckpoint};
use crate::format::note::key::NoteKey;

/// The newest checkpoint as it was served. The signature of the log holds.
#[derive(Debug)]
pub struct Served {
    /// Its text.
    pub note: String,
    /// What the log signed in it.
    pub head: LogSigned,
}

/// A log that is served, and a conversation with its server.
#[derive(Debug)]
pub struct Source<'a> {
    link: &'a HttpClient,
    talk: Connection<'a>,
    /// When the run ends.
    ends: Instant,
    /// Bytes that may still come, and as many as there were at first.
    left: (usize, usize),
    time: Duration,
}

/// Why the copy is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum FetchLogError {
    /// The server.
    #[error(transparent)]
    HttpClient(#[from] LinkError),
    /// It answered with something else.
    #[error("{0}: answered with HTTP {1}; redirects are not followed")]
    Status(String, StatusCode),
    /// What it served is no checkpoint.
    #[error("the checkpoint that is served: {0}")]
    Note(#[from] BadNote),
    /// Nobody whom we know signed it.
    #[error("the checkpoint that is served: {0}")]
    NotSigned(#[from] NotSigned),
    /// More than one run fetches.
    #[error(
        "more than {0} tiles are missing, which is what one run fetches; run it again to go on"
    )]
    TooMany(u64),
    /// The server is slow, or the log long.
    #[error(
        "not done after {} minutes, which is what one run takes; run it again to go on",
        .0.as_secs() / 60
    )]
    TooLong(Duration),
    /// More than one run takes from a server.
    #[error("the server sent {0} bytes, which is what one run takes; run it again to go on")]
    TooMuch(usize),
    /// A tile of another size than it must have.
    #[error("{0}: a tile of {1} bytes, not {2}")]
    Size(String, usize, usize),
    /// A file of the copy.
    #[error(transparent)]
    File(#[from] FileError),
}

impl<'a> Source<'a> {
    /// The log behind this address; nothing is asked yet.
    pub fn new(link: &'a HttpClient, bounds: &LogFetching) -> Self {
        let ends = Instant::now() + bounds.time;
        Self {
            link,
            talk: link.talk(),
            ends,
            left: (bounds.bytes, bounds.bytes),
            time: bounds.time,
        }
    }

    /// Its newest checkpoint. The signature is checked before anything in it is believed.
    pub async fn newest(&mut self, keys: &[NoteKey]) -> Result<Served, FetchLogError> {
        let budget = &mut Budget::default();
        let bytes = self.get("/checkpoint", budget.note_bytes).await?;
        let note = String::from_utf8(bytes.to_vec()).map_err(|_| BadNote::Form("not text"))?;
        let head = SignedCheckpoint::parse(&note, budget)?.by_log(keys, budget)?;
        Ok(Served { note, head })
    }

    /// Fetches the tiles of a tree of `size` leaves that `copy` lacks, and says how many came.
    /// Whether they lead to any root is the next question: until it is answered, what was fetched
    /// may be wrong, and whoever answers no takes it out again ([`super::quarantine::quarantine`]).
    pub async fn tiles(
        &mut self,
        copy: &Path,
        size: u64,
        bounds: &LogFetching,
    ) -> Result<u64, FetchLogError> {
        let folder = copy.join("tile");
        let io = |source| FileError::Io { path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(io)?;
        let mut tiles = 0;
        for tile in Tile::all_of(size) {
            let path = folder.join(tile.path());
            // What a tile says never changes.
            if path.is_file() {
                continue;
            }
            if tiles == bounds.tiles {
                return Err(FetchLogError::TooMany(bounds.tiles));
            }
            let address = format!("/tile/{}", tile.path());
            let wanted = usize::from(tile.width()) * 32;
            let bytes = self.get(&address, wanted).await?;
            if bytes.len() != wanted {
                let address = format!("{}{address}", self.link.base());
                return Err(FetchLogError::Size(address, bytes.len(), wanted));
            }
            fs::create_dir_all(path.parent().unwrap_or(&folder)).map_err(io)?;
            files::write_durably(&path, &bytes, 0o644)?;
            tiles += 1;
        }
        Ok(tiles)
    }

    async fn get(&mut self, path: &str, most: usize) -> Result<Bytes, FetchLogError> {
        let request =
            Request::get(self.link.target(path)).body(Body::empty()).map_err(LinkError::from)?;
        let answer = timeout_at(self.ends, self.talk.ask(request, most)).await;
        let answer = answer.map_err(|_| FetchLogError::TooLong(self.time))??;
        let left = self.left.0.checked_sub(answer.body.len());
        self.left.0 = left.ok_or(FetchLogError::TooMuch(self.left.1))?;
        if answer.status == StatusCode::OK {
            return Ok(answer.body);
        }
        Err(FetchLogError::Status(format!("{}{path}", self.link.base()), answer.status))
    }
}

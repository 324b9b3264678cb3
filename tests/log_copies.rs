//! Copies of a log that are updated from its server: what is refused, which evidence is kept, and
//! that an honest log is accepted again afterwards.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::edge::config::OfficeFolder;
use yinzheng::store::OpenOptions;

fn yinzheng(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn done(arguments: &[&str]) -> String {
    let (code, said) = yinzheng(arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    said
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
}

/// A demo office whose log is exported at several sizes, and a server of one of these exports.
struct World {
    folder: TempDir,
    served: Arc<Mutex<PathBuf>>,
    url: String,
    vkey: String,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = folder.path().join("office");
        let toml = include_str!("../keys-example/office.toml");
        OfficeFolder::new(&office).create_demo(toml).unwrap();
        let served = Arc::new(Mutex::new(folder.path().to_owned()));
        let url = serve(Arc::clone(&served));
        let vkey = done(&["log", "vkey", "--dir", office.to_str().unwrap()]).trim().to_owned();
        Self { folder, served, url, vkey }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    /// Adds `acts` acts, and exports the log.
    fn grow(&self, office: &str, acts: usize, export: &str) {
        {
            let folder = OfficeFolder::new(&self.at(office));
            let (office, _) = folder.open(None, OpenOptions::default()).unwrap();
            for _ in 0..acts {
                office.confirm_clock(&Actor::LocalOperator).unwrap();
            }
        }
        done(&["log", "export", "--dir", &self.path(office), "--to", &self.path(export)]);
    }

    fn duplicate(&self, from: &str, to: &str) {
        let arguments = ["-r", &self.path(from), &self.path(to)];
        assert!(Command::new("cp").args(arguments).status().unwrap().success());
    }

    fn serve(&self, export: &str) {
        *self.served.lock().unwrap() = self.at(export);
    }

    /// Runs `log verify COPY --url` with further arguments.
    fn fetch(&self, more: &[&str]) -> (Option<i32>, String) {
        let copy = self.path("copy");
        let first = ["log", "verify", &copy, "--log-key", &self.vkey, "--url", &self.url];
        yinzheng(&[&first[..], more].concat())
    }

    fn fetched(&self, more: &[&str]) -> String {
        let (code, said) = self.fetch(more);
        assert_eq!(code, Some(0), "{said}");
        said
    }

    fn refused(&self, more: &[&str], why: &str) -> String {
        let before = self.text("copy/checkpoint");
        let (code, said) = self.fetch(more);
        assert!(code == Some(1) && said.contains(why), "{why}: {said}");
        assert_eq!(self.text("copy/checkpoint"), before, "the last that was right stays");
        said
    }

    /// Number of leaves of an export.
    fn size(&self, export: &str) -> usize {
        let note = self.text(&format!("{export}/checkpoint"));
        note.lines().nth(1).unwrap().parse().unwrap()
    }

    /// The paths of tiles below a directory, in order.
    fn tiles(&self, copy: &str) -> Vec<String> {
        let (base, mut open, mut found) = (self.at(copy).join("tile"), Vec::new(), Vec::new());
        open.push(base.clone());
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(path.strip_prefix(&base).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    }

    /// Path of an export's refused head in the copy.
    fn evidence(&self, export: &str) -> String {
        use base64::Engine as _;
        let note = self.text(&format!("{export}/checkpoint"));
        let mut lines = note.lines().skip(1);
        let size = lines.next().unwrap();
        let root = base64::engine::general_purpose::STANDARD.decode(lines.next().unwrap()).unwrap();
        let root = Digest::from_bytes(root.try_into().unwrap()).to_hex();
        format!("copy/refused/{size}-{}", &root[..16])
    }
}

/// Serves `/log/…` from the directory that is selected at the moment.
fn serve(folder: Arc<Mutex<PathBuf>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut some = [0; 4096];
            let count = stream.read(&mut some).unwrap_or(0);
            let request = String::from_utf8_lossy(some.get(..count).unwrap_or_default());
            let path = request.split(' ').nth(1).and_then(|path| path.strip_prefix("/log/"));
            let file = path.and_then(|path| fs::read(folder.lock().unwrap().join(path)).ok());
            let (status, body) =
                file.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
            let head = format!("{head}Connection: close\r\n\r\n");
            drop(stream.write_all(&[head.as_bytes(), &body].concat()));
        }
    });
    format!("http://127.0.0.1:{port}/log")
}

#[test]
fn a_named_checkpoint_does_not_make_the_copy_forget_what_it_saw() {
    let world = World::new();
    world.grow("office", 3, "first");
    world.duplicate("office", "fork");
    world.grow("office", 2, "second");
    world.grow("office", 4, "third");
    world.grow("fork", 2, "fork of one size");
    world.grow("fork", 3, "longer fork");
    let kept = world.path("first/checkpoint");
    let from = ["--from", kept.as_str()];
    world.serve("second");
    world.fetched(&[]);
    // Each is consistent with the kept checkpoint, but not with the head that the copy saw.
    for (export, why) in
        [("fork of one size", "REWRITTEN"), ("longer fork", "REWRITTEN"), ("first", "OLDER")]
    {
        world.serve(export);
        for more in [&from[..], &[]] {
            let said = world.refused(more, why);
            let folder = world.evidence(export);
            assert!(said.contains(&world.path(&folder)), "{said}");
            let head = world.text(&format!("{folder}/checkpoint"));
            assert_eq!(head, world.text(&format!("{export}/checkpoint")));
        }
        assert_eq!(world.tiles("copy"), world.tiles("second"), "{export}");
    }
    let tile = |export: &str| format!("0/000.p/{}", world.size(export));
    assert_eq!(world.tiles(&world.evidence("longer fork")), [tile("longer fork")]);
    // Consistency with the copy is not enough when the named checkpoint does not match.
    world.serve("third");
    let kept = world.path("longer fork/checkpoint");
    world.refused(&["--from", &kept], "REWRITTEN");
    let said = world.fetched(&from);
    for (name, export) in
        [("the earlier checkpoint", "first"), ("the checkpoint of the time before", "second")]
    {
        let continued = format!("continues {name}: its first {} leaves", world.size(export));
        assert!(said.contains(&continued), "{said}");
    }
    // Narrower tiles are no longer needed.
    assert_eq!(world.tiles("copy"), [tile("third")]);
}

#[test]
fn a_wrong_tile_accuses_nobody_and_does_not_stay() {
    let world = World::new();
    world.grow("office", 3, "first");
    world.grow("office", 300, "second");
    world.serve("first");
    world.fetched(&[]);
    let first = format!("0/000.p/{}", world.size("first"));
    let last = format!("0/001.p/{}", world.size("second") - 256);
    let tiles = ["0/000", &last, "1/000.p/1"];
    let above = "does not follow from those below it";
    for (tile, why) in tiles.into_iter().zip([above, "does not lead to the head", above]) {
        world.duplicate("second", "wrong");
        let path = world.at("wrong/tile").join(tile);
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        write(&path, &bytes);
        world.serve("wrong");
        let said = world.refused(&[], why);
        assert!(!said.contains("REWRITTEN"), "{said}");
        assert_eq!(world.tiles("copy"), [first.as_str()]);
        let folder = world.evidence("second");
        assert_eq!(fs::read(world.at(&folder).join("tile").join(tile)).unwrap(), bytes);
        fs::remove_dir_all(world.at(&folder)).unwrap();
        fs::remove_dir_all(world.at("wrong")).unwrap();
    }
    world.serve("second");
    assert!(world.fetched(&[]).contains("3 tiles fetched"));
    assert_eq!(world.tiles("copy"), tiles);
    // A file that cannot be read locally proves nothing about the log.
    let path = world.at("copy/tile/0/000");
    let bytes = fs::read(&path).unwrap();
    write(&path, [&bytes[..], &[0]].concat());
    world.refused(&[], "larger than");
    assert_eq!(fs::read_dir(world.at("copy/refused")).unwrap().count(), 0);
}

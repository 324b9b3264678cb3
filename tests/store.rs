//! The guarantees of the store: in memory, on disk, and on a failing disk.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::world::TestOffice;
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::base::time::Timestamp;
use yinzheng::domain::licence::record::Licence;
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::service::issue_command::IssueError;
use yinzheng::store::{
    Collection, Disk, DocumentKind, EventKind, Extent, FaultPlan, FaultyFiles, Memory, OpenOptions,
    Record, Reservation, Store, StoreError, Transaction, audit,
};

fn act(id: &str, number: &str) -> Transaction {
    let at = Timestamp::parse("2026-11-24T06:00:00Z").unwrap();
    Transaction {
        licence: Some((id.to_owned(), "{}".to_owned())),
        documents: vec![(DocumentKind::SealedPdf, vec![7; 5000])],
        code: Some(Digest::of(&[id.as_bytes()])),
        number: Some(("kind".to_owned(), number.to_owned())),
        idempotency: Some(("scope".to_owned(), id.to_owned(), Digest::of(&[]))),
        ..Transaction::new(EventKind::Issued, Actor::System, at, [id.as_bytes()[0]; 16])
    }
}

/// A request that wrote no licence is answered with the record that it wrote, and executed only
/// once.
fn entries_have_keys_too(store: &dyn Store) {
    let at = Timestamp::parse("2026-11-24T06:00:00Z").unwrap();
    let proposed = |key: &str| Transaction {
        entries: vec![Record {
            room: Collection::Proposal,
            key: key.to_owned(),
            revision: 1,
            value: "{}".to_owned(),
        }],
        idempotency: Some(("scope".to_owned(), "p".to_owned(), Digest::of(&[b"p"]))),
        note: Some("proposed".to_owned()),
        ..Transaction::new(EventKind::Proposed, Actor::System, at, [1; 16])
    };
    store.commit(proposed("once")).unwrap();
    let (digest, answer) = store.reader().idempotent("scope", "p").unwrap().unwrap();
    assert_eq!((digest, answer.as_str()), (Digest::of(&[b"p"]), "proposal/once"));
    let twice = store.commit(proposed("twice"));
    assert!(matches!(twice, Err(StoreError::Taken("the idempotency key"))), "{twice:?}");
    assert_eq!(store.reader().entry(Collection::Proposal, "twice").unwrap(), None);
    let line = store.reader().events(store.head().0 - 1, 1).unwrap().remove(0);
    assert_eq!(line.note.as_deref(), Some("proposed"));
}

/// What every store must do.
fn conforms(store: &dyn Store) {
    store.commit(act("a", "1")).unwrap();
    assert_eq!(store.head().0, 1);
    let stored = store.reader().licence("a").unwrap().unwrap();
    assert_eq!(store.reader().document(&stored.documents[0]).unwrap(), vec![7; 5000]);
    assert_eq!(store.reader().by_code(&Digest::of(&[b"a"])).unwrap().as_deref(), Some("a"));
    assert_eq!(store.reader().by_number("kind", "1").unwrap().as_deref(), Some("a"));
    assert_eq!(store.reader().idempotent("scope", "a").unwrap().unwrap().1, "a");
    assert!(matches!(store.commit(act("a", "2")), Err(StoreError::Taken(_))));
    assert!(matches!(store.commit(act("b", "1")), Err(StoreError::Taken("the number"))));
    assert_eq!(store.reader().licence("b").unwrap(), None);
    assert_eq!(store.head().0, 1);
    let at = Timestamp::EPOCH;
    let (first, second) =
        (store.reserve("r", 10, at).unwrap(), store.reserve("r", 10, at).unwrap());
    assert_eq!((first.end, second.next), (11, 11));
    store.give_back("r", Reservation { next: 3, end: 11 }, at).unwrap();
    assert_eq!(store.reserve("r", 10, at).unwrap().next, 21, "another came after the first");
    store.give_back("r", Reservation { next: 25, end: 31 }, at).unwrap();
    store.give_back("r", Reservation { next: 25, end: 31 }, at).unwrap();
    assert_eq!(store.reserve("r", 10, at).unwrap().next, 25);
    store.accepts().unwrap();
    store.commit(act("c", "3")).unwrap();
    assert_eq!(store.reader().list("a", 10).unwrap().len(), 1);
    assert_eq!(store.reader().list("", 10).unwrap().len(), 2);
    let mut later = act("a", "1");
    later.event = EventKind::StatusChanged;
    later.licence = Some(("a".to_owned(), "[1]".to_owned()));
    later.documents.clear();
    later.idempotency = None;
    store.commit(later).unwrap();
    let stored = store.reader().licence("a").unwrap().unwrap();
    assert_eq!((stored.record.as_str(), stored.documents.len()), ("[1]", 1));
    entries_conform(store);
    marks_conform(store);
    entries_have_keys_too(store);
    let kinds: Vec<_> =
        store.reader().history("a").unwrap().into_iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [EventKind::Issued, EventKind::StatusChanged]);
    let events = store.reader().events(0, 100).unwrap();
    assert_eq!(u64::try_from(events.len()).unwrap(), store.head().0);
    assert_eq!(
        store.reader().events(events.len() as u64 - 1, 100).unwrap(),
        events[events.len() - 1..]
    );
}

/// Licences are found by their index keys, and acts in the history of all licences that they
/// concern.
fn marks_conform(store: &dyn Store) {
    let mark = |mark: &str, id: &str| (mark.to_owned(), id.to_owned());
    let mut act = Transaction::new(EventKind::Accessed, Actor::System, Timestamp::EPOCH, [4; 16]);
    act.marks = vec![mark("m/1", "a"), mark("m/1", "c"), mark("m/10", "b")];
    act.about = vec!["p".to_owned(), "q".to_owned()];
    store.commit(act.clone()).unwrap();
    act.marks = vec![mark("m/1", "a")];
    act.about = vec!["q".to_owned()];
    store.commit(act).unwrap();
    assert_eq!(store.reader().marked("m/1", 10).unwrap(), ["a", "c"]);
    assert_eq!(store.reader().marked("m/1", 1).unwrap(), ["a"]);
    assert_eq!(store.reader().marked("m", 10).unwrap(), [""; 0]);
    let count = |id: &str| store.reader().history(id).unwrap().len();
    assert_eq!((count("p"), count("q"), count("r")), (1, 2, 0));
}

/// A writer cannot overwrite a value that it has not read.
fn entries_conform(store: &dyn Store) {
    let at = Timestamp::EPOCH;
    let write = |key: &str, revision, value: &str| {
        let mut act = Transaction::new(EventKind::Registered, Actor::LocalOperator, at, [3; 16]);
        let (key, value) = (key.to_owned(), value.to_owned());
        act.entries = vec![Record { room: Collection::Client, key, revision, value }];
        store.commit(act)
    };
    let size = store.head().0;
    write("x", 1, "one").unwrap();
    write("y", 1, "other").unwrap();
    assert!(matches!(write("x", 1, "again"), Err(StoreError::Changed(_))));
    assert!(matches!(write("x", 3, "ahead"), Err(StoreError::Changed(_))));
    write("x", 2, "two").unwrap();
    assert_eq!(store.reader().entry(Collection::Client, "x").unwrap().unwrap().value, "two");
    assert_eq!(store.reader().entry(Collection::Grant, "x").unwrap(), None);
    let after: Vec<_> = store.reader().entries(Collection::Client, "x", 9).unwrap();
    assert_eq!(after.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["y"]);
    assert_eq!(store.head().0, size + 3);
    let mut stale = act("a", "1");
    stale.event = EventKind::StatusChanged;
    stale.expected_revision = Some(Digest::of(&[b"{}"]));
    assert!(matches!(store.commit(stale), Err(StoreError::Changed("the licence"))));
}

#[test]
fn memory_conforms() {
    conforms(&Memory::new().unwrap());
    conforms(&Memory::over(FaultyFiles::default()).unwrap());
}

#[test]
fn disk_conforms_and_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions::default();
    let (disk, _) = Disk::open(folder.path(), &options).unwrap();
    conforms(&disk);
    assert!(matches!(Disk::open(folder.path(), &options), Err(StoreError::Locked)));
    let head = disk.head();
    drop(disk);
    for reindex in [false, true] {
        let options = OpenOptions { reindex, ..OpenOptions::default() };
        let (disk, opening) = Disk::open(folder.path(), &options).unwrap();
        assert_eq!(disk.head(), head);
        assert_eq!(opening.replayed > 0, reindex);
        assert_eq!(disk.reader().list("", 10).unwrap().len(), 2);
    }
}

#[test]
fn a_torn_tail_is_cut_and_damage_in_the_middle_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || Disk::open(folder.path(), &OpenOptions { reindex: true, ..OpenOptions::default() });
    let (disk, _) = open().unwrap();
    disk.commit(act("a", "1")).unwrap();
    disk.commit(act("b", "2")).unwrap();
    drop(disk);
    let path = folder.path().join("journal/00000001.journal");
    let whole = std::fs::read(&path).unwrap();
    let write = |bytes: &[u8]| {
        std::fs::File::create(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .unwrap();
    };
    write(&[&whole, &[1, 2, 3][..]].concat());
    let (disk, opening) = open().unwrap();
    assert_eq!((opening.cut, disk.reader().list("", 9).unwrap().len()), (3, 2));
    drop(disk);
    write(&whole[..whole.len() - 1]);
    let (disk, _) = open().unwrap();
    assert_eq!(disk.reader().list("", 9).unwrap().len(), 1);
    drop(disk);
    write(b"YZJ3....");
    assert!(matches!(open(), Err(StoreError::Newer(3))));
    write(b"????");
    assert!(matches!(open(), Err(StoreError::Damaged { .. })));
}

/// Acknowledged bytes that cannot be read are an error; they are never cut off like a torn write.
#[test]
fn acknowledged_bytes_are_never_cut() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        |reindex| Disk::open(folder.path(), &OpenOptions { reindex, ..OpenOptions::default() });
    let (disk, _) = open(false).unwrap();
    let mut ends = vec![4];
    for name in ["a", "b", "c"] {
        disk.commit(act(name, name)).unwrap();
        ends.push(usize::try_from(disk.extent().offset).unwrap());
    }
    drop(disk);
    let path = folder.path().join("journal/00000001.journal");
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(whole.len(), ends[3]);
    let write = |bytes: &[u8]| {
        std::fs::File::create(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .unwrap();
    };
    for (group, end) in ends.windows(2).map(|pair| (pair[0], pair[1])) {
        for at in [group, group + 5, group + 40, usize::midpoint(group, end), end - 3] {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x40;
            write(&damaged);
            // A start reads the last group only; the rest is for `yinzheng check`.
            let found = match open(false) {
                Ok((disk, _)) if end != ends[3] => {
                    audit(&folder.path().join("journal"), &disk.extent(), &mut |_| {}).map(drop)
                }
                opened => opened.map(drop),
            };
            assert!(matches!(found, Err(StoreError::Damaged { .. })), "{at}: {found:?}");
            assert_eq!(std::fs::read(&path).unwrap(), damaged, "{at}");
            // Also without an index, when a complete end frame (50 bytes) shows that more was
            // written after.
            if ends[1..3].iter().any(|end| at + 50 < *end) {
                assert!(matches!(open(true), Err(StoreError::Damaged { .. })), "{at}");
                assert_eq!(std::fs::read(&path).unwrap(), damaged, "{at}");
                write(&whole);
                drop(open(true).unwrap());
            }
        }
    }
    // An older journal with a newer index.
    for shorter in [&whole[..ends[2]], &whole[..ends[3] - 1]] {
        write(shorter);
        let error = open(false).unwrap_err();
        assert!(
            error.to_string().contains("acknowledged")
                || matches!(error, StoreError::Damaged { .. })
        );
        assert_eq!(std::fs::read(&path).unwrap(), shorter);
    }
    let (disk, opening) = open(true).unwrap();
    assert_eq!(
        (disk.reader().list("", 9).unwrap().len(), opening.cut > 0),
        (2, true),
        "the operator's word"
    );
}

#[test]
fn after_a_write_that_failed_nothing_is_signed_and_reading_goes_on() {
    let files = FaultyFiles::default();
    let test = TestOffice::over(Arc::new(Memory::over(files.clone()).unwrap()));
    let first = test.issue("business").unwrap().licence;
    files.plan(FaultPlan { fails_at: 0, lands: 10 });
    assert!(matches!(test.issue("business"), Err(IssueError::Store(StoreError::Io(_)))));
    test.parts.keys.asked();
    for _ in 0..3 {
        let refused = test.issue("business");
        assert!(matches!(refused, Err(IssueError::Store(StoreError::Closed))), "{refused:?}");
        let change = StatusChange::Revoke(Reason::Fraud);
        assert!(test.office.change(first.id.as_str(), change, &Actor::System).is_err());
        assert!(test.office.verify_on_paper(&Actor::System, "", b"").is_err());
    }
    assert!(test.parts.keys.asked().is_empty(), "a seal was used that no journal knows of");
    let left: Vec<_> = test.check().into_iter().map(|licence| licence.id).collect();
    assert_eq!(left, [first.id]);
}

#[test]
fn an_old_copy_is_noticed_by_the_second_mark() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let open = |name: &str, accept_rollback| {
        let second_path = Some(mark.clone());
        Disk::open(
            &folder.path().join(name),
            &OpenOptions { second_path, accept_rollback, ..OpenOptions::default() },
        )
    };
    std::fs::create_dir(folder.path().join("new")).unwrap();
    std::fs::create_dir(folder.path().join("old")).unwrap();
    let (disk, _) = open("new", false).unwrap();
    disk.commit(act("a", "1")).unwrap();
    drop(disk);
    assert!(matches!(open("old", false), Err(StoreError::RolledBack(_))));
    let (disk, opening) = open("old", true).unwrap();
    assert_eq!(opening.behind, 1);
    disk.commit(act("b", "2")).unwrap();
    drop(disk);
    assert_eq!(open("old", false).unwrap().1.behind, 0);

    // A copy that grew while the mark was missing has the same size, but another root.
    let hidden = std::fs::read(&mark).unwrap();
    std::fs::remove_file(&mark).unwrap();
    drop(open("new", false).unwrap());
    std::fs::rename(&mark, folder.path().join("other")).unwrap_or_default();
    std::fs::File::create(&mark)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &hidden))
        .unwrap();
    assert!(matches!(open("new", false), Err(StoreError::RolledBack(_))));
    // An incomplete mark, as after a power cut, counts as none.
    std::fs::File::create(&mark).unwrap();
    assert!(open("new", false).is_ok());
}

/// How a process with a failed write ends, which decides what was synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With the machine: only synced bytes remain.
    PowerCut,
    /// Alone, and the power is cut as soon as the next process has opened the store. That process
    /// must have synced everything that it showed, although it wrote nothing.
    KilledThenPowerCut,
    /// Alone; the next process cannot sync either and does not open the store, and the one after it
    /// can.
    KilledAndTheNextRefused,
}

/// Which write fails × how much of it reaches the disk × how the process ends: acknowledged and
/// shown acts are there, refused ones complete or absent, and no number is used twice.
#[test]
fn damage_table_of_issuing() {
    assert!(damage_table("issue") > 0, "no row has what only the next process synced");
}

#[test]
fn damage_table_of_revoking() {
    damage_table("revoke");
}

fn damage_table(act: &str) -> usize {
    let mut synced_by_the_next = 0;
    for fails_at in 0..8 {
        for lands in [0, 1, 500, usize::MAX] {
            for end in [End::PowerCut, End::KilledThenPowerCut, End::KilledAndTheNextRefused] {
                if end != End::KilledAndTheNextRefused || [1, usize::MAX].contains(&lands) {
                    synced_by_the_next += damage(act, FaultPlan { fails_at, lands }, end);
                }
            }
        }
    }
    synced_by_the_next
}

/// Returns how many licences could be read that were not acknowledged.
fn damage(what: &str, plan: FaultPlan, end: End) -> usize {
    let files = FaultyFiles::default();
    let test = TestOffice::over(Arc::new(Memory::over(files.clone()).unwrap()));
    let first = test.issue("business").unwrap().licence;
    files.plan(plan);
    let mut acknowledged = BTreeSet::from([first.id.to_string()]);
    let mut revoked = false;
    for _ in 0..3 {
        if what == "issue" {
            acknowledged.extend(test.issue("business").map(|one| one.licence.id.to_string()));
        } else {
            let change = StatusChange::Revoke(Reason::Penalty);
            revoked |= test.office.change(first.id.as_str(), change, &Actor::System).is_ok();
        }
    }
    if end == End::PowerCut {
        files.power_cut();
    } else {
        files.process_ends();
    }
    if end == End::KilledAndTheNextRefused {
        // The write of the last group, and its sync.
        for fails_at in [0, 1] {
            files.plan(FaultPlan { fails_at, lands: 0 });
            assert!(matches!(Memory::over(files.clone()), Err(StoreError::Io(_))));
            files.process_ends();
        }
    }
    let open = || {
        let store = Arc::new(Memory::over(files.clone()).unwrap());
        TestOffice::again(store, &test.parts, Arc::clone(&test.clock))
    };
    let mut again = open();
    let shown = (again.check(), again.office.store().head());
    if end == End::KilledThenPowerCut {
        files.power_cut();
        again = open();
        assert_eq!(again.office.store().head(), shown.1, "a signed head is contradicted: {plan:?}");
    }
    let found = again.check();
    let of = |found: &[_]| -> BTreeSet<String> { found.iter().map(identifier).collect() };
    let ids = of(&found);
    assert_eq!(ids, of(&shown.0), "what was shown is gone: {what} {plan:?} {end:?}");
    assert!(acknowledged.is_subset(&ids), "lost: {what} {plan:?} {end:?}");
    if revoked {
        let standing = &found.iter().find(|licence| licence.id == first.id).unwrap().standing;
        assert_eq!(standing.name(), "revoked");
    }
    // New numbers follow all that were ever reserved.
    let next = again.issue("business").unwrap().licence;
    assert!(!ids.contains(next.id.as_str()));
    files.power_cut();
    assert_eq!(open().check().len(), ids.len() + 1, "{what} {plan:?} {end:?}");
    ids.len() - acknowledged.len()
}

fn identifier(licence: &Licence) -> String {
    licence.id.to_string()
}

/// Every reserved number is used once, void, or still open, regardless of restarts.
#[test]
fn numbers_of_a_process_that_is_gone_are_void() {
    let files = FaultyFiles::default();
    let at = Timestamp::EPOCH;
    let store = Memory::over(files.clone()).unwrap();
    store.reserve("r", 10, at).unwrap();
    for number in [1, 2, 4] {
        let mut one = act(&format!("a{number}"), &number.to_string());
        one.drawn = vec![("r".to_owned(), number)];
        store.commit(one).unwrap();
    }
    store.reserve("r", 10, at).unwrap();
    assert_eq!(store.head().0, 5, "what this process may still use is not void");
    drop(store);
    let store = Memory::over(files.clone()).unwrap();
    assert_eq!(store.head().0, 5, "opening writes nothing");
    assert_eq!(store.reserve("r", 10, at).unwrap().next, 21);
    // 3, 5 to 10, 11 to 20, and the reservation.
    assert_eq!(store.head().0, 9);
    drop(store);
    let store = Memory::over(files).unwrap();
    store.commit(act("b", "b")).unwrap();
    // The reservation from 21 on is void now, once.
    assert_eq!(store.head().0, 11);
}

#[test]
fn a_copy_taken_while_the_office_writes_has_what_was_durable_then() {
    let folder = tempfile::tempdir().unwrap();
    let (office, copy) = (folder.path().join("office"), folder.path().join("copy"));
    std::fs::create_dir(&office).unwrap();
    std::fs::create_dir(&copy).unwrap();
    let (disk, _) = Disk::open(&office, &OpenOptions::default()).unwrap();
    disk.commit(act("a", "1")).unwrap();
    let extent = disk.extent();
    disk.commit(act("b", "2")).unwrap();
    let copied = yinzheng::store::copy_journal(&office.join("journal"), &copy, &extent).unwrap();
    assert_eq!((copied.head.0, copied.head.1.to_hex()), (1, extent.root.clone()));
    assert_eq!(copied.segments[0].1, extent.offset);
    let place = folder.path().join("other");
    std::fs::create_dir(&place).unwrap();
    let beyond = yinzheng::store::copy_journal(
        &office.join("journal"),
        &place,
        &Extent { offset: 1 << 40, ..extent },
    );
    assert!(matches!(beyond, Err(StoreError::Io(_))));
}

/// Copies that are taken during writes: each has exactly the content of its extent.
#[test]
fn copies_under_load_are_of_one_instant() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, _) = Disk::open(folder.path(), &OpenOptions::default()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let disk = &disk;
            scope.spawn(move || {
                for count in 0..60 {
                    let name = format!("{thread}-{count}");
                    disk.commit(act(&name, &name)).unwrap();
                }
            });
        }
        for round in 0..15 {
            let place = folder.path().join(format!("copy-{round}"));
            std::fs::create_dir(&place).unwrap();
            let extent = disk.extent();
            let journal = folder.path().join("journal");
            let copied = yinzheng::store::copy_journal(&journal, &place, &extent).unwrap();
            assert_eq!((copied.head.0, copied.head.1.to_hex()), (extent.size, extent.root));
        }
    });
    assert_eq!(disk.head().0, 240);
}

/// Author and time of an event are covered by the tree.
#[test]
fn the_root_depends_on_all_that_an_event_says() {
    let root = |change: &dyn Fn(&mut Transaction)| {
        let store = Memory::new().unwrap();
        let mut act = act("a", "1");
        change(&mut act);
        store.commit(act).unwrap();
        store.head().1
    };
    let same = root(&|_| {});
    assert_eq!(same, root(&|_| {}));
    let changes: [&dyn Fn(&mut Transaction); 5] = [
        &|act| act.actor = Actor::LocalOperator,
        &|act| act.at = act.at.plus(1),
        &|act| act.note = Some("revoked penalty".to_owned()),
        &|act| act.number = Some(("kind".to_owned(), "2".to_owned())),
        &|act| act.status = vec![(1, 1, 1)],
    ];
    for change in changes {
        assert_ne!(same, root(change));
    }
}

/// After a power cut the index may have holes. It is rebuilt, and so is a damaged one.
#[test]
fn an_index_that_a_power_cut_left_or_that_is_damaged_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let open = |options: OpenOptions| Disk::open(folder.path(), &options);
    let (store, _) = open(OpenOptions::default()).unwrap();
    for number in 0..40 {
        store.commit(act(&format!("{number:02}"), &number.to_string())).unwrap();
    }
    let mark = folder.path().join("index/open");
    let boot = std::fs::read_to_string(&mark).unwrap();
    assert!(!boot.is_empty());
    drop(store);
    assert!(!mark.exists());
    let put = |path: &std::path::Path, bytes: &[u8]| {
        #[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
        std::fs::write(path, bytes).unwrap();
    };
    let holed = || put(&folder.path().join("index/db"), &vec![7; 90_000]);
    let whole = |options: OpenOptions, made_anew: bool| {
        let (store, opening) = open(options).unwrap();
        assert_eq!(opening.replayed > 0, made_anew);
        assert_eq!(store.reader().list("", 100).unwrap().len(), 40);
        assert!(!folder.path().join("index.gone").exists());
    };
    whole(OpenOptions::default(), false);
    holed();
    put(&mark, b"another boot");
    whole(OpenOptions::default(), true);
    holed();
    whole(OpenOptions { reindex: true, ..OpenOptions::default() }, true);
    whole(OpenOptions::default(), false);
    // Without a reboot and without a request, an ordinary start detects the damage.
    let ordinary = || {
        let (store, opening) = open(OpenOptions::default()).unwrap();
        assert_eq!(store.reader().list("", 100).unwrap().len(), 40);
        opening.index_anew
    };
    let db = folder.path().join("index/db");
    let bytes = std::fs::read(&db).unwrap();
    let step = bytes.len() / 40;
    let mut found = 0;
    for from in (0..bytes.len() - 300).step_by(step) {
        let mut damaged = bytes.clone();
        damaged[from..from + 300].fill(7);
        put(&db, &damaged);
        // Damage in unused parts of the file is harmless.
        found += usize::from(ordinary());
        assert!(!ordinary());
    }
    for length in [0, 100, bytes.len() / 3] {
        put(&db, &bytes[..length]);
        found += usize::from(ordinary());
    }
    assert!(found >= 5, "{found}");
}

/// An index identifies its journal, whatever the sizes are.
#[test]
fn an_index_of_another_journal_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, first, count) in [("one", "a", 3), ("two", "b", 5)] {
        let (store, _) = Disk::open(&at(name), &OpenOptions::default()).unwrap();
        for number in 0..count {
            store.commit(act(&format!("{first}{number}"), &number.to_string())).unwrap();
        }
    }
    std::fs::remove_dir_all(at("one/journal")).unwrap();
    std::fs::rename(at("two/journal"), at("one/journal")).unwrap();
    let refused = Disk::open(&at("one"), &OpenOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("another journal"), "{refused}");
    assert!(refused.to_string().contains("yinzheng reindex"), "{refused}");
    let options = OpenOptions { reindex: true, ..OpenOptions::default() };
    let (store, _) = Disk::open(&at("one"), &options).unwrap();
    assert_eq!(store.reader().list("", 9).unwrap().len(), 5);
}

#[test]
fn a_status_list_is_made_anew_by_what_it_says_and_not_by_what_it_need_not_say() {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let issued = test.issue("business").unwrap();
    let list = || test.office.status_token(1).unwrap();
    let first = list();
    test.issue("food-operation").unwrap();
    assert_eq!(list(), first, "a licence in force is what an entry says of nobody");
    let id = issued.licence.id.as_str();
    let mut before = first;
    for change in [
        StatusChange::Suspend(Reason::Penalty),
        StatusChange::Resume,
        StatusChange::Revoke(Reason::Fraud),
    ] {
        test.office.change(id, change, &Actor::System).unwrap();
        let after = list();
        assert_ne!(after, before);
        assert_eq!(list(), after);
        before = after;
    }
}

#[test]
fn a_list_whose_first_licence_is_late_is_a_list() {
    let store = Memory::new().unwrap();
    for (id, list) in [("b", 2), ("a", 1), ("c", 2)] {
        let status = vec![(list, 3 + u32::from(id == "c"), 0)];
        store.commit(Transaction { status, ..act(id, id) }).unwrap();
    }
    assert_eq!(store.reader().status_lists().unwrap(), [1, 2]);
    let filled = store.reader().filled().unwrap();
    assert_eq!((filled.list, filled.entries), (2, 2));
}

/// A licence whose document shares most bytes with others of its layout.
fn of_layout(number: u8) -> Transaction {
    let id = format!("licence-{number}");
    let mut page: Vec<u8> =
        (0..20_000_u32).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    page.splice(1000..1000, [number; 40]);
    page.splice(50_000..50_100, [number; 30]);
    Transaction {
        documents: vec![
            (DocumentKind::SealedPdf, page),
            (DocumentKind::HolderCredential, vec![number; 30]),
        ],
        layout: Some("kind/department".to_owned()),
        ..act(&id, &number.to_string())
    }
}

#[test]
fn documents_of_a_layout_are_stored_once_and_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Disk::open(folder.path(), &OpenOptions::default()).unwrap().0;
    let path = folder.path().join("journal/00000001.journal");
    let agrees = |disk: &Disk, upto: u8| {
        for number in 1..=upto {
            let id = format!("licence-{number}");
            let stored = disk.reader().licence(&id).unwrap().unwrap();
            for (locator, (kind, bytes)) in stored.documents.iter().zip(of_layout(number).documents)
            {
                assert_eq!(locator.kind, kind);
                assert!(disk.reader().document(locator).unwrap() == bytes, "{id}");
            }
        }
        let found = audit(&folder.path().join("journal"), &disk.extent(), &mut |_| {}).unwrap();
        assert_eq!(found.documents, 2 * u64::from(upto));
    };
    let disk = open();
    for number in 1..=3 {
        disk.commit(of_layout(number)).unwrap();
    }
    let grown = disk.extent().offset;
    assert!(grown < 84_000, "{grown} bytes");
    agrees(&disk, 3);
    // What is changed later keeps its documents.
    let revoked =
        Transaction { licence: Some(("licence-2".to_owned(), "{ }".to_owned())), ..act("z", "z") };
    let revoked = Transaction {
        event: EventKind::StatusChanged,
        documents: Vec::new(),
        idempotency: None,
        ..revoked
    };
    disk.commit(revoked).unwrap();
    agrees(&disk, 3);
    drop(disk);
    // After a start the first one is stored whole again.
    let disk = open();
    agrees(&disk, 3);
    for number in 4..=5 {
        disk.commit(of_layout(number)).unwrap();
    }
    agrees(&disk, 5);
    assert!(disk.extent().offset - grown < 84_000);
    drop(disk);
    // Damage of the one that others are differences from is told for each of them.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[2_000] ^= 1;
    std::fs::File::create(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes))
        .unwrap();
    let disk = open();
    for (id, is_whole) in [("licence-1", false), ("licence-3", false), ("licence-5", true)] {
        let stored = disk.reader().licence(id).unwrap().unwrap();
        let read = disk.reader().document(&stored.documents[0]);
        assert_eq!(read.is_ok(), is_whole, "{id}: {read:?}");
        assert!(is_whole || matches!(read, Err(StoreError::Damaged { .. })));
    }
}

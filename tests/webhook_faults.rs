//! Webhook delivery when the office's own disk fails. The real program, on loopback.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::served::destinations::{add, done, issue, listed, office, run, wait_for};
use crate::served::receiver::{OK, Receiver};
use crate::served::{put, text};

#[test]
fn nothing_leaves_before_it_is_kept() {
    let (receiver, witness) = (Receiver::new(|_| OK), Receiver::new(|_| OK));
    let server = office(&[&receiver, &witness]);
    add(&server, "school-hooks", &receiver);
    add(&server, "witness", &witness);
    // The path of its temporary file is blocked.
    let obstacle = server.dir().join("hooks/school-hooks.json.new");
    fs::create_dir(&obstacle).unwrap();
    let mut issued = vec![issue(&server, "private-school")];
    witness.until(&issued[0]);
    // A change by the administrator ends every wait: it is tried again at once, twice.
    for _ in 0..2 {
        done(&server, &["destination", "resume", "school-hooks"]);
        issued.push(issue(&server, "private-school"));
        witness.until(issued.last().unwrap());
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(receiver.connections.load(Ordering::SeqCst), 0);
    }
    fs::remove_dir(&obstacle).unwrap();
    done(&server, &["destination", "resume", "school-hooks"]);
    assert_eq!(receiver.until(issued.last().unwrap()), issued);
}

#[test]
fn what_cannot_be_read_is_left_alone_until_it_can() {
    let receiver = Receiver::new(|_| OK);
    let mut server = office(&[&receiver]);
    add(&server, "school-hooks", &receiver);
    let first = issue(&server, "private-school");
    receiver.until(&first);
    wait_for(&server, "school-hooks", |one| one["behind"] == 0);
    server.kill();
    let (path, aside) = (server.dir().join("hooks/school-hooks.json"), server.at("aside.json"));
    fs::rename(&path, &aside).unwrap();
    fs::create_dir(&path).unwrap();
    server.start_again();
    server.wait();
    // Delivery does not start over from the registration, and the reason is shown.
    let second = issue(&server, "private-school");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(receiver.so_far(), 0);
    let one = listed(&server, "school-hooks");
    assert!(one["fault"].as_str().unwrap().contains("cannot be read"), "{one}");
    assert!(one["behind"].as_u64() > Some(0), "{one}");
    let said = done(&server, &["destination", "list"]);
    assert!(said.contains("not sent: its progress cannot be read"), "{said}");
    let doctor = text(&run(&server, &["doctor"]));
    assert!(doctor.contains("how far a destination was told cannot be read"), "{doctor}");
    // When it can be read again, delivery continues from there.
    fs::remove_dir(&path).unwrap();
    put(&path, fs::read(&aside).unwrap());
    assert_eq!(receiver.next().licences(), [second]);
}

//! Every bound on input, and the source of its number; those on connections and requests are with
//! the service that enforces them.
//!
//! A reader takes `&mut Budget` and spends from it; what is spent is gone for the whole file, so a
//! thousand small expenses count like one large. An exhausted budget is an error of its own, never
//! a silent skip.

mod interrupt;
mod purse;

pub use interrupt::{Interrupt, Interrupted};
pub use purse::Purse;

use std::time::Duration;

/// Bounds on reading one untrusted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of the file. Uploads end at 20 MB; the command line reads archives up to this.
    pub file_bytes: usize,
    /// Bytes of all inflated streams together: cross-references, object streams, metadata,
    /// evidence, and field appearances. A licence of this program has 60 KB of them, a report of
    /// 20,000 objects 3 MB. Images and fonts are not inflated.
    pub inflated_bytes: usize,
    /// Bytes of a metadata packet that is compared with another. Ours have 4 KB; one with a picture
    /// and a long history has some 500 KB. A larger one may only stay unchanged.
    pub metadata_bytes: usize,
    /// Bytes parsed for objects, counted each time: a thousand references to one object of 20 MB
    /// are not read a thousand times. Twice the largest file.
    pub read_bytes: usize,
    /// Bytes hashed for signatures: each covers everything before it. Eight times the largest file;
    /// twenty-five signatures over one of 20 MB.
    pub digested_bytes: usize,
    /// Indirect objects, counted at each read. Ours have about 60; a 500-page report has some
    /// 20,000, and is read once for each saving after each signature.
    pub objects: usize,
    /// Nesting of arrays, dictionaries, DER and JSON. Real files stay below 20.
    pub depth: usize,
    /// Links of the `/Prev` chain: one for each incremental save, and so one for each signature,
    /// and some for its archiving.
    pub revisions: usize,
    /// Signatures and document time stamps. Ours carry one; a contract that a whole board signs
    /// some thirty. The content after each is compared with it: two thousand comparisons for 64.
    pub signatures: usize,
    /// Steps of a walk (pages, fields, references, values), comparisons, and values of arrays and
    /// dictionaries, over all walks. A report of 300 pages has 60,000 values, and is walked once
    /// for each signature with changes after it; 64 visible signatures on one page take eleven
    /// million.
    pub steps: usize,
    /// Public-key operations, in checks on P-256: slower curves cost several. A seal costs one, its
    /// path two, the attached credential three; each further signature of another signer four with
    /// its list.
    pub signature_checks: usize,
    /// Certificates of one path, leaf and anchor included. Ours have three; bridges between
    /// national hierarchies make six.
    pub path_length: usize,
    /// Candidates examined while paths are built, and names compared with constraints. A path of
    /// ours takes eight; openssl stops at 2^20 comparisons for one chain.
    pub path_steps: usize,
    /// Certificates and revocation data in messages and archives. A path of ours has three; a file
    /// that was archived again and again for decades, under several authorities, some forty; 64
    /// signatures with their chains, two hundred.
    pub certificates: usize,
    /// Revocation lists, status answers and time stamps that messages carry. With the whole chain
    /// of a licensed CA they are about six, and each of 64 signatures may bring three.
    pub evidence: usize,
    /// Bytes that a status list may inflate to: 2 bits for eight million licences.
    pub status_list_bytes: usize,
    /// Bytes of a credential or token in compact form. A credential has some 10 KB; the longest
    /// list that an office writes, a million entries in random order, has 458 KB.
    pub token_bytes: usize,
    /// Bytes of checkpoints and proofs of a log. One of ours with sixteen witnesses has 4 KB; a
    /// post-quantum signature, which is ignored, has 5 KB.
    pub note_bytes: usize,
    /// Signatures on checkpoints. Readers must take sixteen (C2SP signed-note).
    pub note_signatures: usize,
    /// Entries of a ZIP archive. As many as the format has without ZIP64; a year's licences of a
    /// busy counter are some 20,000.
    pub archive_entries: usize,
    /// Bytes of an archive's directory: 46 and a name for each entry, 250 for every possible one.
    pub archive_names: usize,
    /// Bytes that the entries of an archive unpack to. Ten thousand licences are 600 MB; a
    /// decompression bomb is refused by the sizes that it states, before anything is unpacked.
    pub archive_bytes: usize,
    /// Characters of one text in a printed report: details quote names from the file, which may be
    /// megabytes. Ours have 200 at most.
    pub printed_characters: usize,
    /// Findings, checks, signatures or roots listed in a printed report, twelve for a licence of
    /// ours; the report gives the number of the others.
    pub printed_items: usize,
    /// Bytes of memory for parsed content: values, tables of objects, unpacked streams,
    /// certificates, lists, names of fields. Spent before allocation and never given back, so that
    /// it bounds the peak too. A report of 300 pages takes 12 MB. With twice `inflated_bytes`,
    /// which a stream and its predictor need during decoding, it makes 128 MB.
    pub memory: usize,
    /// Work of all kinds together, in nanoseconds as [`Purse::work`] estimates them: the greatest
    /// cost of a file however it divides it among the other purses. A licence of ours takes 5 ms, a
    /// report of 20,000 objects that was signed twice 200.
    pub work: usize,
    /// Time of one verification, by the clock of the caller that passes `interrupt`. The other
    /// purses end the work within a second or so; this is for machines that are slower than ours.
    pub time: Duration,
    /// Asked while the purses are spent from; by default there is none.
    pub interrupt: Interrupt,
    /// The first purse that could not pay. Even if a caller ignores the error, the file counts as
    /// not read to its end.
    pub ran_out: Option<OverBudget>,
}

/// The bound that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("over budget: {0}")]
pub struct OverBudget(pub &'static str);

impl Budget {
    /// Takes `amount` from a purse, before the work is done or the memory allocated. `what` names
    /// the bound in the error. Also fails once the interrupt has ended the work.
    pub fn pay(
        &mut self,
        purse: Purse,
        amount: usize,
        what: &'static str,
    ) -> Result<(), OverBudget> {
        let work = amount.saturating_mul(purse.work());
        let paid = self.interrupt.after(work);
        let paid = paid.and_then(|()| Self::spend(purse.of(self), amount, what));
        let paid = paid.and_then(|()| Self::spend(&mut self.work, work, "work"));
        self.ran_out = self.ran_out.or_else(|| paid.err());
        paid
    }

    /// Runs a search that may exhaust purses of its own without effect on later work, because no
    /// verdict depends on it. Its work and its memory count for the whole file: objects that it
    /// read may be cached for later reads.
    pub fn aside<T>(&mut self, purses: Self, done: impl FnOnce(&mut Self) -> T) -> T {
        let work = self.work.min(purses.work);
        let memory = self.memory.min(purses.memory);
        let interrupt = std::mem::take(&mut self.interrupt);
        let mut own = Self { memory, work, interrupt, ..purses };
        let result = done(&mut own);
        self.work = self.work.saturating_sub(work.saturating_sub(own.work));
        self.memory = self.memory.saturating_sub(memory.saturating_sub(own.memory));
        self.interrupt = own.interrupt;
        result
    }

    /// The amount left in a purse.
    pub fn left(&mut self, purse: Purse) -> usize {
        *purse.of(self)
    }

    /// The same budget with this interrupt.
    pub fn ended_by(self, interrupt: Interrupt) -> Self {
        Self { interrupt, ..self }
    }

    /// Why the work was interrupted; `None` if it was not.
    pub fn interrupted(&self) -> Option<Interrupted> {
        self.interrupt.ended()
    }

    fn spend(purse: &mut usize, amount: usize, name: &'static str) -> Result<(), OverBudget> {
        *purse = purse.checked_sub(amount).ok_or(OverBudget(name))?;
        Ok(())
    }
}

/// Bytes of one certificate. Those of authorities and seals have 1 to 4 KB, one with names for a
/// hundred hosts 10; parsing takes fifty times as much.
pub const CERTIFICATE_BYTES: usize = 32 << 10;

/// Bytes of one OCSP answer: 2 KB, and 10 KB with a responder's chain.
pub const OCSP_BYTES: usize = 128 << 10;

/// Characters of one detail of a finding, and of one name that a report repeats: they quote the
/// file, which may have megabytes there. Those of ours have 400.
pub const DETAIL_CHARACTERS: usize = 2_000;

impl Default for Budget {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            inflated_bytes: 28 << 20,
            metadata_bytes: 2 << 20,
            read_bytes: 128 << 20,
            digested_bytes: 512 << 20,
            objects: 1_000_000,
            depth: 64,
            revisions: 72,
            signatures: 64,
            steps: 12_000_000,
            signature_checks: 512,
            path_length: 8,
            path_steps: 100_000,
            certificates: 512,
            evidence: 256,
            status_list_bytes: 2 << 20,
            token_bytes: 512 << 10,
            note_bytes: 256 << 10,
            note_signatures: 64,
            archive_entries: 65_534,
            archive_names: 16 << 20,
            archive_bytes: 2 << 30,
            printed_characters: 600,
            printed_items: 40,
            memory: 72 << 20,
            work: 1_000_000_000,
            time: Duration::from_secs(5),
            interrupt: Interrupt::default(),
            ran_out: None,
        }
    }
}

/// Bounds on fetching revocation data in one run of the program, and what is left of them. The
/// operator chooses the hosts, and the hosts choose what they answer, and how slowly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetching {
    /// Requests. A path has two lists; a directory of files from thirty authorities, sixty.
    pub requests: usize,
    /// Bytes of all answers together. They are kept until the run ends.
    pub bytes: usize,
    /// Bytes of one list: as much as `--crl` reads. Lists of large authorities have some 10 MB.
    pub list_bytes: usize,
    /// Bytes of one OCSP answer: 2 KB, and 5 KB with the responder's chain.
    pub answer_bytes: usize,
    /// Bytes of an answer's head: some 500.
    pub head_bytes: usize,
    /// Time of one request, name resolution included: 10 MB over a slow line.
    pub request_time: Duration,
    /// Time of all requests together: the longest that a verdict waits for them.
    pub time: Duration,
    /// How often a file is verified again with what was fetched. One time is enough for a path; a
    /// time stamp that then verifies leads to an older path; and a list may not help.
    pub rounds: usize,
}

impl Default for Fetching {
    fn default() -> Self {
        Self {
            requests: 64,
            bytes: 64 << 20,
            list_bytes: 16 << 20,
            answer_bytes: 64 << 10,
            head_bytes: 16 << 10,
            request_time: Duration::from_secs(10),
            time: Duration::from_mins(1),
            rounds: 4,
        }
    }
}

/// Bounds on webhook messages. Receivers may be slow or hostile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivering {
    /// Time of one attempt, name resolution included. Receivers should store the message and
    /// answer.
    pub request_time: Duration,
    /// Bytes of an answer's head, some 500; its body is not read.
    pub head_bytes: usize,
    /// Changes in one message: 200 bytes each, so that a message has 20 KB.
    pub changes: usize,
    /// Messages sent to one destination in a row before others have their turn, none of them begun
    /// after `request_time`: a turn takes twice that at most.
    pub in_a_row: usize,
    /// Simultaneous attempts: each occupies a thread.
    pub at_once: usize,
    /// Destinations of an office: each reads the journal by itself.
    pub destinations: usize,
    /// Bytes of the roots of one destination, which stay in the journal. A root has 2 KB.
    pub roots_bytes: usize,
}

impl Default for Delivering {
    fn default() -> Self {
        Self {
            request_time: Duration::from_secs(10),
            head_bytes: 16 << 10,
            changes: 100,
            in_a_row: 20,
            at_once: 16,
            destinations: 64,
            roots_bytes: 16 << 10,
        }
    }
}

/// Bounds on updating a copy of a log in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFetching {
    /// Tiles of 8 KB: a hundred million leaves, 3.2 GB. The log itself claims its size.
    pub tiles: u64,
    /// Bytes of all answers, heads and refusals among them: those tiles and as much again as a
    /// tenth.
    pub bytes: usize,
    /// Time of all requests together: that many tiles, each requested alone, over a line of 10 ms.
    pub time: Duration,
}

impl Default for LogFetching {
    fn default() -> Self {
        Self { tiles: 400_000, bytes: 3600 << 20, time: Duration::from_hours(2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone() {
        let mut budget = Budget { objects: 2, ..Budget::default() };
        assert!(Budget::spend(&mut budget.objects, 2, "objects").is_ok());
        assert_eq!(Budget::spend(&mut budget.objects, 1, "objects"), Err(OverBudget("objects")));
        assert_eq!(budget.pay(Purse::Objects, 1, "objects"), Err(OverBudget("objects")));
    }

    #[test]
    fn work_ends_when_the_interrupt_says_so_and_stays_ended() {
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&asked);
        let interrupt = Interrupt::new(move || {
            let before = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            (before == 2).then_some(Interrupted::CallerLeft)
        });
        let mut budget = Budget::default().ended_by(interrupt);
        let paid = (0..1_000_000).take_while(|_| budget.pay(Purse::Steps, 1, "steps").is_ok());
        let paid = paid.count();
        assert!((1_000..100_000).contains(&paid), "{paid}");
        assert_eq!(budget.interrupted(), Some(Interrupted::CallerLeft));
        for purse in Purse::ALL {
            assert!(budget.pay(*purse, 0, "anything").is_err());
        }
        assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 3);
    }
}

//! `yinzheng demo`: a whole office in one command, again and again on the same directory.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};

use super::failure::Failure;
use super::render;
use super::serve::serve_office;
use crate::base::actor::Actor;
use crate::base::foreign_words;
use crate::base::localized::{Language, Localized};
use crate::base::time::Clock as _;
use crate::crypto::signer::Signer;
use crate::crypto::software::SoftwareKey;
use crate::domain::licence::standing::{Reason, StatusChange};
use crate::domain::office::Profile;
use crate::edge::clock::SystemClock;
use crate::edge::config::{OfficeFolder, key_names};
use crate::edge::entropy::SystemEntropy;
use crate::edge::files::{self, private_folder};
use crate::edge::http::Listening;
use crate::edge::local::{self, LocalAct};
use crate::service::issue_command::{Issued, Request, Requester};
use crate::service::keys::{KeyName, KeyUnavailable, Keys};
use crate::service::log::LogName;
use crate::service::office::Office;
use crate::service::parts::OfficeParts;
use crate::service::pki_setup::CertificateIssuer;
use crate::service::status::LIST_ENTRIES;
use crate::store::{Memory, OpenOptions};

pub(super) fn run(
    dir: &Path,
    listen: SocketAddr,
    serve: bool,
    language: Language,
) -> Result<u8, Failure> {
    if !listen.ip().is_loopback() {
        return Err(Failure::usage(
            "演示机构只能在本机回环地址上提供服务",
            "the demo is served on loopback addresses only",
        ));
    }
    let folder = OfficeFolder::new(dir);
    if local::ask(dir, &LocalAct::Status)?.is_some() {
        let dir = dir.display();
        return Err(Failure::new(
            format!("{dir} 中的演示机构已在提供服务"),
            format!("the demo in {dir} is being served already"),
        ));
    }
    if folder.exists() && !folder.is_demo() {
        let dir = dir.display();
        return Err(Failure::usage(
            format!("{dir} 中的机构不是演示机构，请用 --dir 另写目录"),
            format!("{dir} holds an office that is no demo; name another --dir"),
        ));
    }
    let toml = EXAMPLE_OFFICE.replace("127.0.0.1:8080", &listen.to_string());
    if serve && let Err(error) = TcpListener::bind(listen) {
        let Localized { zh, en } = foreign_words::of_system(&error);
        return Err(Failure::new(
            format!(
                "不能在 {listen} 上提供服务（{zh}）；请用 --listen 另写地址，例如 127.0.0.1:8081"
            ),
            format!(
                "the demo cannot be served on {listen} ({en}); name another address with --listen, \
                 for instance 127.0.0.1:8081"
            ),
        ));
    }
    if !folder.exists() {
        folder.create_demo(&toml)?;
    }
    let (office, _) = folder.open(None, OpenOptions::default())?;
    let samples = dir.join("samples");
    if SAMPLES.iter().any(|name| !samples.join(name).exists()) {
        private_folder(&samples)?;
        make(&office, &toml, &samples)?;
    }
    files::write_durably(&samples.join("status.jwt"), office.status_token(1)?.as_bytes(), 0o644)?;
    files::write_durably(&samples.join("issuing.crl"), &office.crl(), 0o644)?;
    files::write_durably(&samples.join("root.crl"), &office.root_crl(), 0o644)?;
    introduce(&office, dir, language)?;
    let base = office.profile().public_base_url.host();
    if serve && listen.port() != 0 && base != listen.to_string() {
        render::tell(
            language,
            format!(
                "\n注意：这个演示机构是为 http://{base} 建立的，二维码和网页写的是该地址。要用其他地址，请用 \
                 --dir 另写目录。"
            ),
            format!(
                "\nnote: this demo was made for http://{base}; its QR symbols and pages name that \
                 address. For another address use another --dir."
            ),
        );
    }
    if !serve {
        office.close()?;
        return Ok(0);
    }
    serve_office(
        dir,
        Arc::new(office),
        Listening { address: listen, tls: None, proxies: Vec::new() },
        language,
    )
}

/// Issues one licence of each type and derives the samples.
fn make(office: &Office, toml: &str, samples: &Path) -> Result<(), Failure> {
    let write = |name: &str, bytes: &[u8]| files::write_durably(&samples.join(name), bytes, 0o644);
    write("root.pem", office.certificates().root.to_pem().as_bytes())?;
    for &(kind, input) in EXAMPLES {
        let issued = issue(office, kind, input)?;
        if kind == "food-operation" {
            write("valid.pdf", &issued.pdf)?;
            let proof = office.log_proof(issued.licence.id.as_str())?.to_string();
            write("valid.tlog-proof", proof.as_bytes())?;
            write("log.vkey", format!("{}\n", office.log(LogName::Acts).key()?).as_bytes())?;
            write("valid.sd-jwt", issued.credential.as_bytes())?;
            write("altered.pdf", &altered(&issued.pdf))?;
        } else {
            write(&format!("{kind}.pdf"), &issued.pdf)?;
        }
    }
    let (kind, input) = EXAMPLES[1];
    let revoked = issue(office, kind, input)?;
    let id = revoked.licence.id.to_string();
    office.change(&id, StatusChange::Revoke(Reason::IssuedInError), &Actor::LocalOperator)?;
    write("revoked.pdf", &revoked.pdf)?;
    let stranger = stranger(toml)?;
    write("unknown-issuer.pdf", &issue(&stranger, kind, input)?.pdf)?;
    write("unsigned.pdf", &unsigned())?;
    Ok(())
}

fn issue(office: &Office, kind: &str, input: &str) -> Result<Issued, Failure> {
    let input = serde_json::from_str(input)?;
    let actor = Actor::LocalOperator;
    Ok(office.issue(&Request {
        requester: &Requester::Operator(actor),
        kind,
        input: &input,
        idempotency: None,
    })?)
}

/// One digit of the sealed version is another.
fn altered(pdf: &[u8]) -> Vec<u8> {
    let mark = b"<yz:version>00";
    let at = pdf.windows(mark.len()).position(|window| window == mark);
    let mut changed = pdf.to_vec();
    if let Some(digit) = at.and_then(|at| changed.get_mut(at + mark.len())) {
        *digit = b'7';
    }
    changed
}

/// Another office with keys of its own, in memory: it looks the same and nobody knows its root.
fn stranger(toml: &str) -> Result<Office, Failure> {
    let profile = Profile::parse("office.toml", toml)?;
    let types = crate::domain::licence::kind::Types::built_in()?;
    let mut keys = FreshKeys::default();
    for name in key_names(&profile).into_iter().filter(|name| !name.is_ed25519()) {
        let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate()?)?;
        keys.0.push((name, Arc::new(key)));
    }
    let entropy = SystemEntropy::default();
    let now = SystemClock.now();
    let founding =
        CertificateIssuer { profile: &profile, types: &types, keys: &keys, entropy: &entropy, now };
    let certificates = founding.establish()?;
    let crl = founding.crl(&certificates.issuing)?;
    let root_crl = founding.root_crl(&certificates.root)?;
    Ok(Office::open(OfficeParts {
        profile,
        types,
        demo: true,
        store: Arc::new(Memory::new()?),
        accesses: Arc::new(Memory::new()?),
        keys: Arc::new(keys),
        certificates,
        crl,
        root_crl,
        list_entries: LIST_ENTRIES,
        clock: Arc::new(SystemClock),
        last_time: Arc::new(Mutex::new(None)),
        entropy: Arc::new(entropy),
    })?)
}

#[derive(Default)]
struct FreshKeys(Vec<(KeyName, Arc<dyn Signer>)>);

impl Keys for FreshKeys {
    fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyUnavailable> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, key)| Arc::clone(key)).ok_or_else(|| {
            KeyUnavailable::new(format!("没有密钥 {name}"), format!("no key {name}"))
        })
    }
}

/// A PDF without any seal.
fn unsigned() -> Vec<u8> {
    let [catalog, pages, page, content, font] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    sheet.parent(pages).media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).contents(content);
    sheet.resources().fonts().pair(Name(b"F"), font);
    sheet.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut text = Content::new();
    text.begin_text().set_font(Name(b"F"), 20.0).next_line(72.0, 700.0);
    text.show(Str(b"A file without a seal")).end_text();
    pdf.stream(content, text.finish().as_slice());
    pdf.finish()
}

fn introduce(office: &Office, dir: &Path, language: Language) -> Result<(), Failure> {
    let samples = dir.join("samples");
    let (at, root) = (dir.display(), office.certificates().root.fingerprint().to_fingerprint());
    render::tell(
        language,
        format!("演示机构：{at}\n根证书 SHA-256 {root}\n"),
        format!("demo office in {at}\nroot SHA-256 {root}\n"),
    );
    for name in SAMPLES {
        let path = samples.join(name);
        let bytes = files::read(&path, 1 << 20)?;
        let report = office.verify(name, &bytes);
        let headline = report.headline.of(language);
        render::say(&format!("  {name:<20} {:<15} {headline}", report.verdict.code()));
    }
    let (dir, samples) = (dir.display(), samples.display());
    // As this very program was called: a newcomer's shell knows no other name of it.
    let me = std::env::args().next().unwrap_or_else(|| "yinzheng".to_owned());
    let commands = format!(
        "{me} verify {samples}/altered.pdf --dir {dir}\n  \
         {me} verify {samples}/valid.pdf --trust {samples}/root.pem --status {samples}/status.jwt \
         --crl {samples}/issuing.crl --crl {samples}/root.crl\n  \
         {me} list --dir {dir}\n  \
         {me} check --dir {dir}\n  \
         {me} types"
    );
    render::tell(
        language,
        format!("\n在服务期间，可另开终端在本目录下试用：\n  {commands}"),
        format!(
            "\ntry next, while it serves, in another terminal in this directory:\n  {commands}"
        ),
    );
    Ok(())
}

/// In the order in which they are shown.
const SAMPLES: [&str; 6] = [
    "valid.pdf",
    "valid.sd-jwt",
    "altered.pdf",
    "unknown-issuer.pdf",
    "revoked.pdf",
    "unsigned.pdf",
];

const EXAMPLE_OFFICE: &str = include_str!("../../../keys-example/office.toml");

macro_rules! example {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../schemas/examples/", $name, ".json")))
    };
}

const EXAMPLES: &[(&str, &str)] = &[
    example!("business"),
    example!("food-operation"),
    example!("private-school"),
    example!("medical-institution"),
    example!("construction-permit"),
    example!("residence-permit"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::licence::kind::Types;

    #[test]
    fn the_demo_has_a_licence_of_every_type() {
        let types = Types::built_in().unwrap();
        let mut examples: Vec<_> = EXAMPLES.iter().map(|(kind, _)| *kind).collect();
        examples.sort_unstable();
        assert_eq!(examples, types.iter().map(|kind| kind.slug.as_str()).collect::<Vec<_>>());
    }
}

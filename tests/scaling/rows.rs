//! The table: everything that a file can have many of, and how to build it.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use yinzheng::format::note::key::NoteKey;

use super::asn1::{self, Many, certificate, extension, hosts};
use super::pdf::{Pdf, Signed, each};
use crate::forge::Forge;
use crate::large_file;

/// One thing that there can be many of.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// The smaller number; the larger is four times as large.
    pub(crate) count: u32,
    pub(crate) make: fn(&Forge, u32) -> Vec<u8>,
    /// The factor by which cost may grow: five, unless the number has a separate bound and each is
    /// compared with each other. So it is with signatures: every field of every later state is
    /// compared for each.
    pub(crate) growth: usize,
    /// A text in the report which proves that the file was read this far.
    pub(crate) shows: &'static str,
    /// Whether only its bytes are paid for, since it is read once from front to back.
    pub(crate) by_bytes: bool,
    /// The fuzz targets whose parsers read it.
    pub(crate) targets: &'static [&'static str],
}

const fn row(name: &'static str, count: u32, make: fn(&Forge, u32) -> Vec<u8>) -> Row {
    Row { name, count, make, growth: 5, shows: "", by_bytes: false, targets: &[] }
}

const fn by_bytes(row: Row) -> Row {
    Row { by_bytes: true, ..row }
}

const fn shows(row: Row, shows: &'static str) -> Row {
    Row { shows, ..row }
}

const fn targets(row: Row, targets: &'static [&'static str]) -> Row {
    Row { targets, ..row }
}

const fn grows(row: Row, growth: usize) -> Row {
    Row { growth, ..row }
}

const CHANGED: &str = "changed_after_seal";
/// The signature was judged, with any result.
const JUDGED: &str = "\"field\":\"S\"";

pub(crate) const ROWS: &[Row] = &[
    targets(row("objects", 2_000, objects), &["pdf_reader", "verify"]),
    row("savings", 10, savings),
    grows(row("signatures", 8, signatures), 64),
    row("hybrid tables", 10, hybrids),
    row("hybrid entries", 500, hybrid_entries),
    targets(row("object stream pairs", 5_000, object_stream), &["pdf_filter"]),
    row("array elements", 5_000, elements),
    shows(row("keys of the catalog", 1_000, catalog_keys), CHANGED),
    shows(row("resources of the form", 1_000, resources), CHANGED),
    row("fields", 500, fields),
    row("fields that are locked", 500, locked),
    row("default appearances", 500, default_appearances),
    row("objects that nothing refers to", 1_000, unreferenced),
    row("names of a lock", 1_000, lock_names),
    row("parts below a long name", 100, long_names),
    row("values of a field", 500, values),
    row("options of a field", 500, options),
    row("kids below each other", 12, nested_fields),
    shows(row("annotations", 500, annotations), CHANGED),
    row("pages", 500, pages),
    row("page nodes below each other", 100, nested_pages),
    row("metadata elements", 500, metadata_elements),
    row("metadata attributes", 500, metadata_attributes),
    row("appearances", 200, appearances),
    shows(row("bytes under a signature", 50_000, covered_bytes), "bytes_behind"),
    row("bytes under a seal of another kind", 50_000, bytes_of_another_kind),
    targets(row("names of a certificate", 1_000, certificate_names), &["certificate"]),
    by_bytes(row("extensions", 15, certificate_extensions)),
    row("certificates of the store", 20, certificates),
    targets(row("entries of a list", 5_000, list_entries), &["revocation_list"]),
    row("lists of the store", 20, lists),
    targets(row("answers", 200, answers), &["ocsp"]),
    row("VRI entries", 200, vri),
    targets(row("certificates of a message", 20, message_certificates), &["cms"]),
    shows(row("lists of a message", 10, message_lists), JUDGED),
    by_bytes(shows(row("announced digests", 1_000, message_digests), JUDGED)),
    by_bytes(shows(row("attributes of a message", 15, message_attributes), JUDGED)),
    targets(shows(row("time stamps of a message", 12, message_stamps), JUDGED), &["timestamp"]),
    by_bytes(shows(row("signers", 100, message_signers), JUDGED)),
    targets(row("disclosures", 100, disclosures), &["sd_jwt"]),
    by_bytes(row("digests of disclosures", 200, digests)),
    by_bytes(row("members of a credential", 500, members)),
    by_bytes(row("elements of a claim", 2_000, claim_elements)),
    by_bytes(row("x5c", 1, chain)),
    targets(row("status list", 20_000, status_list), &["status_list"]),
    targets(row("ZIP entries", 2_000, archive), &["zip"]),
    targets(row("signatures of a checkpoint", 12, note_signatures), &["log_note"]),
];

type Build = fn(u32) -> String;

/// Many dictionaries that reference one array, object 9.
pub(crate) const SHARED: [(&str, Build); 2] = [
    ("extensions", |count| {
        let named = each(count, |at| format!("/E{at} 9 0 R"));
        format!("/Extensions<<{named}>>")
    }),
    ("VRI", |count| {
        let entries = each(count, |at| format!("/{at:040X}<</Cert 9 0 R>>"));
        format!("/DSS<</VRI<<{entries}>>>>")
    }),
];

/// A revision whose catalog has this, with an array of `items` items.
pub(crate) fn sharing(catalog: &str, items: u32) -> Vec<u8> {
    let mut file = Pdf::signed(Signed::default());
    file.object(9, &format!("[{}]", each(items, |_| "null ".to_owned())));
    let form = "/AcroForm<</SigFlags 3/Fields[5 0 R ]>>";
    changed(file, 1, &format!("<</Type/Catalog/Pages 2 0 R{form}{catalog}>>"))
}

fn changed(mut file: Pdf, number: u32, body: &str) -> Vec<u8> {
    file.object(number, body);
    file.save("");
    file.into_bytes()
}

fn objects(_: &Forge, count: u32) -> Vec<u8> {
    let references = each(count, |at| format!("{} 0 R ", at + 10));
    let catalog = format!("/Many[{references}]");
    let objects = (0..count).map(|at| (at + 10, "<</A[1 2 3]>>".to_owned())).collect();
    let file = Pdf::signed(Signed { catalog: &catalog, objects, ..Signed::default() });
    changed(file, 10, "<</A[1 2 4]>>")
}

fn savings(_: &Forge, count: u32) -> Vec<u8> {
    let mut file = Pdf::signed(Signed::default());
    for at in 0..count {
        file.object(at + 10, "<<>>");
        file.save("");
    }
    file.into_bytes()
}

fn signatures(_: &Forge, count: u32) -> Vec<u8> {
    let mut file = Pdf::signed(Signed::default());
    let mut fields = "5 0 R ".to_owned();
    for at in 0..count {
        let (field, value) = (10 + 2 * at, 11 + 2 * at);
        fields.extend([&field.to_string(), " 0 R "]);
        file.object(field, &format!("<</FT/Sig/T(S{at})/V {value} 0 R>>"));
        let form = format!("<</SigFlags 3/Fields[{fields}]>>");
        file.object(1, &format!("<</Type/Catalog/Pages 2 0 R/AcroForm{form}>>"));
        file.sign(value, &[0]);
    }
    file.into_bytes()
}

fn hybrids(_: &Forge, count: u32) -> Vec<u8> {
    let mut file = Pdf::signed(Signed::default());
    for _ in 0..count {
        file.save_hybrid(10, 50);
    }
    file.into_bytes()
}

fn hybrid_entries(_: &Forge, count: u32) -> Vec<u8> {
    let mut file = Pdf::signed(Signed::default());
    for _ in 0..20 {
        file.save_hybrid(10, count);
    }
    file.into_bytes()
}

fn object_stream(_: &Forge, count: u32) -> Vec<u8> {
    let head = each(count, |at| format!("{} {} ", at + 20, 5 * at));
    let body = "<<>> ".repeat(usize::try_from(count).unwrap());
    let mut file = Pdf::signed(Signed { catalog: "/Many 20 0 R", ..Signed::default() });
    let dict = format!("/Type/ObjStm/N {count}/First {}", head.len());
    file.stream(10, &dict, format!("{head}{body}").as_bytes());
    file.save_in_stream(10, 20, count);
    file.into_bytes()
}

fn elements(_: &Forge, count: u32) -> Vec<u8> {
    let items = "1 ".repeat(usize::try_from(count).unwrap());
    let catalog = format!("/Many[{items}]");
    let file = Pdf::signed(Signed { catalog: &catalog, ..Signed::default() });
    changed(file, 3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Rotate 90>>")
}

fn catalog_keys(_: &Forge, count: u32) -> Vec<u8> {
    let with = |add: u32| each(count, |at| format!("/K{at} {} ", at + add));
    let file = Pdf::signed(Signed { catalog: &with(0), ..Signed::default() });
    let form = "/AcroForm<</SigFlags 3/Fields[5 0 R ]>>";
    changed(file, 1, &format!("<</Type/Catalog/Pages 2 0 R{form}{}>>", with(1)))
}

fn resources(_: &Forge, count: u32) -> Vec<u8> {
    let with = |add: u32| {
        let fonts = each(count, |at| format!("/F{at}<</Type/Font/N {}>> ", at + add));
        format!("/DR<</Font<<{fonts}>>>>")
    };
    let file = Pdf::signed(Signed { form: &with(0), ..Signed::default() });
    let form = format!("/AcroForm<</SigFlags 3/Fields[5 0 R ]{}>>", with(1));
    changed(file, 1, &format!("<</Type/Catalog/Pages 2 0 R{form}>>"))
}

/// Text fields with the numbers `10 +` their index; all of them are filled in later.
fn filled(count: u32, lock: &str, extra: &dyn Fn(u32) -> String) -> Vec<u8> {
    let fields = each(count, |at| format!("{} 0 R ", at + 10));
    let body = |at: u32, value: &str| format!("<</FT/Tx/T(f{at})/V({value}){}>>", extra(at));
    let objects = (0..count).map(|at| (at + 10, body(at, "a"))).collect();
    let mut file =
        Pdf::signed(Signed { fields: &fields, field: lock, objects, ..Signed::default() });
    for at in 0..count {
        file.object(at + 10, &body(at, "b"));
    }
    file.save("");
    file.into_bytes()
}

fn fields(_: &Forge, count: u32) -> Vec<u8> {
    filled(count, "", &|_| String::new())
}

/// Each names its own fonts, and the form has no default for them.
fn default_appearances(_: &Forge, count: u32) -> Vec<u8> {
    filled(count, "", &|at| format!("/DA(/F{at} 9 Tf /G{at} 9 Tf)"))
}

/// Unreferenced objects next to a field that is filled in.
fn unreferenced(_: &Forge, count: u32) -> Vec<u8> {
    let objects = vec![(10, "<</FT/Tx/T(f)/V(a)>>".to_owned())];
    let mut file = Pdf::signed(Signed { fields: "10 0 R", objects, ..Signed::default() });
    for at in 0..count {
        file.object(at + 20, "<</Type/ExtGState/CA 1>>");
    }
    changed(file, 10, "<</FT/Tx/T(f)/V(b)>>")
}

fn locked(_: &Forge, count: u32) -> Vec<u8> {
    let names = each(count, |at| format!("(x{at})"));
    let lock = format!("/Lock<</Action/Include/Fields[{names}]>>");
    filled(count, &lock, &|_| String::new())
}

fn lock_names(_: &Forge, count: u32) -> Vec<u8> {
    let names = each(count, |at| format!("(x{at})"));
    let lock = format!("/Lock<</Action/Exclude/Fields[{names}]>>");
    filled(3, &lock, &|_| String::new())
}

fn long_names(_: &Forge, count: u32) -> Vec<u8> {
    let kids = each(count, |at| format!("{} 0 R ", at + 11));
    let name = "n".repeat(2_000);
    let mut objects = vec![(10, format!("<</T({name})/FT/Tx/Kids[{kids}]>>"))];
    objects.extend((0..count).map(|at| (at + 11, format!("<</T(k{at})/V(a)>>"))));
    let file = Pdf::signed(Signed { fields: "10 0 R", objects, ..Signed::default() });
    changed(file, 11, "<</T(k0)/V(b)>>")
}

fn values(_: &Forge, count: u32) -> Vec<u8> {
    let list = |add: u32| each(count, |at| format!("(v{})", at + add));
    let body = |add| format!("<</FT/Ch/T(c)/Rect[0 0 9 9]/V[{}]>>", list(add));
    let objects = vec![(10, body(0))];
    let file = Pdf::signed(Signed { fields: "10 0 R", objects, ..Signed::default() });
    changed(file, 10, &body(1))
}

fn options(_: &Forge, count: u32) -> Vec<u8> {
    let options = each(count, |at| format!("[(v{at})(shown {at})]"));
    let body = |value: &str| format!("<</FT/Ch/T(c)/Rect[0 0 9 9]/V({value})/Opt[{options}]>>");
    let objects = vec![(10, body("v1"))];
    let file = Pdf::signed(Signed { fields: "10 0 R", objects, ..Signed::default() });
    changed(file, 10, &body("v2"))
}

fn nested_fields(_: &Forge, count: u32) -> Vec<u8> {
    let body = |at: u32| match at + 1 {
        last if last == count => format!("<</T(k{at})/FT/Tx/V(a)>>"),
        _ => format!("<</T(k{at})/Kids[{} 0 R]>>", at + 11),
    };
    let objects = (0..count).map(|at| (at + 10, body(at))).collect();
    let file = Pdf::signed(Signed { fields: "10 0 R", objects, ..Signed::default() });
    changed(file, count + 9, &format!("<</T(k{})/FT/Tx/V(b)>>", count - 1))
}

fn annotations(_: &Forge, count: u32) -> Vec<u8> {
    let list = each(count, |at| format!("{} 0 R ", at + 10));
    let page = format!("/Annots[{list}]");
    let note = "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(a)>>";
    let objects = (0..count).map(|at| (at + 10, note.to_owned())).collect();
    let mut file = Pdf::signed(Signed { page: &page, objects, ..Signed::default() });
    file.object(9, note);
    let page = format!("/MediaBox[0 0 9 9]/Annots[{list} 9 0 R]");
    changed(file, 3, &format!("<</Type/Page/Parent 2 0 R{page}>>"))
}

fn pages(_: &Forge, count: u32) -> Vec<u8> {
    let kids = each(count, |at| format!("{} 0 R ", at + 11));
    let mut objects = vec![(10, format!("<</Type/Pages/Kids[{kids}]/Count {count}>>"))];
    objects.extend((0..count).map(|at| (at + 11, "<</Type/Page/Parent 10 0 R>>".to_owned())));
    let file = Pdf::signed(Signed { catalog: "/Other 10 0 R", objects, ..Signed::default() });
    let form = "/AcroForm<</SigFlags 3/Fields[5 0 R ]>>";
    changed(file, 1, &format!("<</Type/Catalog/Pages 10 0 R{form}/Other 10 0 R>>"))
}

fn nested_pages(_: &Forge, count: u32) -> Vec<u8> {
    let body = |at: u32| match at + 1 {
        last if last == count => "<</Type/Page>>".to_owned(),
        _ => format!("<</Type/Pages/Kids[{} 0 R]/Count 1>>", at + 11),
    };
    let objects = (0..count).map(|at| (at + 10, body(at))).collect();
    let file = Pdf::signed(Signed { catalog: "/Other 10 0 R", objects, ..Signed::default() });
    changed(file, 2, "<</Type/Pages/Kids[3 0 R 10 0 R]/Count 2>>")
}

fn metadata(packet: impl Fn(u32) -> String) -> Vec<u8> {
    let open = "<?xpacket begin=\"\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
                xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">";
    let whole = |add| format!("{open}{}</rdf:RDF></x:xmpmeta>", packet(add));
    let dict = "/Type/Metadata/Subtype/XML";
    let first = whole(0);
    let first = format!("<<{dict}/Length {}>>stream\n{first}\nendstream", first.len());
    let objects = vec![(10, first)];
    let mut file =
        Pdf::signed(Signed { catalog: "/Metadata 10 0 R", objects, ..Signed::default() });
    file.stream(10, dict, whole(1).as_bytes());
    file.save("");
    file.into_bytes()
}

fn metadata_elements(_: &Forge, count: u32) -> Vec<u8> {
    metadata(|add| {
        let elements = each(count, |at| format!("<xmp:a{at}>{}</xmp:a{at}>", at + add));
        format!("<rdf:Description>{elements}</rdf:Description>")
    })
}

fn metadata_attributes(_: &Forge, count: u32) -> Vec<u8> {
    metadata(|add| {
        let attributes = each(count, |at| format!(" xmp:a{at}=\"{}\"", at + add));
        format!("<rdf:Description {attributes}/>")
    })
}

fn appearances(_: &Forge, count: u32) -> Vec<u8> {
    let fields = each(count, |at| format!("{} 0 R ", 2 * at + 10));
    let look = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 22>>stream\n\
                BT /F 9 Tf (a) Tj ET  \nendstream";
    let body = |at: u32, value: &str| {
        let look = 2 * at + 11;
        format!("<</FT/Tx/T(f{at})/Rect[0 0 9 9]/V({value})/AP<</N {look} 0 R>>>>")
    };
    let objects = (0..count)
        .flat_map(|at| [(2 * at + 10, body(at, "a")), (2 * at + 11, look.to_owned())])
        .collect();
    let mut file = Pdf::signed(Signed { fields: &fields, objects, ..Signed::default() });
    for at in 0..count {
        file.object(2 * at + 10, &body(at, "b"));
        file.object(2 * at + 11, &look.replace("(a)", "(c)"));
    }
    file.save("");
    file.into_bytes()
}

/// A security store with these items under a key.
fn store(key: &str, items: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Pdf::signed(Signed::default());
    let numbers = (10..).take(items.len());
    for (number, item) in numbers.clone().zip(items) {
        file.stream(number, "", item);
    }
    let list: String =
        numbers.flat_map(|number| [number.to_string(), " 0 R ".to_owned()]).collect();
    file.object(9, &format!("<</{key}[{list}]>>"));
    let form = "/AcroForm<</SigFlags 3/Fields[5 0 R ]>>";
    changed(file, 1, &format!("<</Type/Catalog/Pages 2 0 R{form}/DSS 9 0 R>>"))
}

fn covered_bytes(forge: &Forge, count: u32) -> Vec<u8> {
    let mut file = large_file::signed(&forge.test, usize::try_from(count).unwrap());
    file.push(b'x');
    file
}

/// For a seal of an unsupported kind, the digest decides whether it covers other bytes.
fn bytes_of_another_kind(forge: &Forge, count: u32) -> Vec<u8> {
    let mut file = large_file::signed(&forge.test, usize::try_from(count).unwrap());
    let kind = b"/ETSI.CAdES.detached";
    let at = file.windows(kind.len()).rposition(|part| part == kind).unwrap();
    file[at..at + kind.len()].copy_from_slice(b"/GM.sm2cmsx.detached");
    file
}

fn certificate_names(_: &Forge, count: u32) -> Vec<u8> {
    store("Certs", &[certificate(1, &[hosts(count)])])
}

fn certificate_extensions(_: &Forge, count: u32) -> Vec<u8> {
    let one = |at: u32| extension(&[0x2A, 3, at.to_le_bytes()[0]], &[5, 0]);
    let extensions: Vec<_> = (0..count).map(one).collect();
    store("Certs", &[certificate(1, &extensions)])
}

fn certificates(_: &Forge, count: u32) -> Vec<u8> {
    let all: Vec<_> = (0..count).map(|at| certificate(at, &[hosts(50)])).collect();
    store("Certs", &all)
}

fn list_entries(_: &Forge, count: u32) -> Vec<u8> {
    store("CRLs", &[asn1::list(count)])
}

fn lists(_: &Forge, count: u32) -> Vec<u8> {
    let all: Vec<_> = (0..count).map(|at| asn1::list(100 + at % 2)).collect();
    store("CRLs", &all)
}

fn answers(_: &Forge, count: u32) -> Vec<u8> {
    store("OCSPs", &[asn1::answers(count)])
}

fn vri(_: &Forge, count: u32) -> Vec<u8> {
    let mut file = Pdf::signed(Signed::default());
    let entries = each(count, |at| format!("/{at:040X}<</Cert[10 0 R]>>"));
    file.stream(10, "", &certificate(1, &[hosts(1)]));
    file.object(9, &format!("<</Certs[10 0 R]/VRI<<{entries}>>>>"));
    let form = "/AcroForm<</SigFlags 3/Fields[5 0 R ]>>";
    changed(file, 1, &format!("<</Type/Catalog/Pages 2 0 R{form}/DSS 9 0 R>>"))
}

fn messaged(many: &Many) -> Vec<u8> {
    let message = asn1::message(many);
    Pdf::signed(Signed { message: &message, ..Signed::default() }).into_bytes()
}

fn message_certificates(_: &Forge, count: u32) -> Vec<u8> {
    let certificates = (0..count).flat_map(|at| certificate(at, &[hosts(50)])).collect();
    messaged(&Many { certificates, ..Many::default() })
}

fn message_lists(_: &Forge, count: u32) -> Vec<u8> {
    let lists = (0..count).flat_map(|at| asn1::list(100 + at)).collect();
    messaged(&Many { lists, ..Many::default() })
}

fn message_digests(_: &Forge, digests: u32) -> Vec<u8> {
    messaged(&Many { digests, ..Many::default() })
}

fn message_attributes(_: &Forge, attributes: u32) -> Vec<u8> {
    messaged(&Many { attributes, ..Many::default() })
}

fn message_stamps(_: &Forge, stamps: u32) -> Vec<u8> {
    messaged(&Many { stamps, ..Many::default() })
}

fn message_signers(_: &Forge, signers: u32) -> Vec<u8> {
    messaged(&Many { signers, ..Many::default() })
}

fn disclosure(at: u32) -> String {
    let text = json!([format!("salt{at}"), format!("name{at}"), at]).to_string();
    URL_SAFE_NO_PAD.encode(text)
}

fn disclosures(forge: &Forge, count: u32) -> Vec<u8> {
    let all: Vec<_> = (0..count).map(disclosure).collect();
    let digest = |text: &String| {
        let digest = yinzheng::base::digest::Digest::of(&[text.as_bytes()]);
        Value::from(URL_SAFE_NO_PAD.encode(digest.as_bytes()))
    };
    let digests: Vec<Value> = all.iter().map(digest).collect();
    let text = forge.reissued(|payload| payload["_sd"] = digests.into());
    format!("{}~{}~", text.split('~').next().unwrap(), all.join("~")).into_bytes()
}

fn digests(forge: &Forge, count: u32) -> Vec<u8> {
    let digest = |at: u32| Value::from(URL_SAFE_NO_PAD.encode([at.to_be_bytes(); 8].concat()));
    forge.reissued(|payload| payload["_sd"] = (0..count).map(digest).collect()).into_bytes()
}

fn members(forge: &Forge, count: u32) -> Vec<u8> {
    let text = forge.reissued(|payload| {
        for at in 0..count {
            payload[format!("member{at}")] = at.into();
        }
    });
    text.into_bytes()
}

fn claim_elements(forge: &Forge, count: u32) -> Vec<u8> {
    forge
        .reissued(|payload| payload["many"] = vec![1; count.try_into().unwrap()].into())
        .into_bytes()
}

fn chain(forge: &Forge, count: u32) -> Vec<u8> {
    let certificates = (0..count).map(|at| STANDARD.encode(certificate(at, &[hosts(20)])));
    let certificates: Vec<Value> = certificates.map(Value::from).collect();
    forge.headed(|head| head["x5c"].as_array_mut().unwrap().extend(certificates)).into_bytes()
}

fn status_list(forge: &Forge, count: u32) -> Vec<u8> {
    let bytes: Vec<u8> =
        (0..count).map(|at| at.wrapping_mul(0x9E37_79B1).to_be_bytes()[0]).collect();
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packer, &bytes).unwrap();
    let packed = URL_SAFE_NO_PAD.encode(packer.finish().unwrap());
    let token = forge.relisted(|payload| payload["status_list"]["lst"] = packed.into());
    format!("list:{token}").into_bytes()
}

fn archive(_: &Forge, count: u32) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for at in 0..count {
        let place = u32::try_from(bytes.len()).unwrap();
        let name = format!("licence-{at:06}.pdf");
        let length = u16::try_from(name.len()).unwrap();
        let shared = [
            &[20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0][..],
            &[0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0],
            &length.to_le_bytes(),
            &[0; 2],
        ];
        let shared = shared.concat();
        bytes.extend([b"PK\x03\x04", &shared[..], name.as_bytes(), b"text"].concat());
        directory
            .extend([b"PK\x01\x02\x14\x00", &shared[..], &[0; 10], &place.to_le_bytes()].concat());
        directory.extend(name.bytes());
    }
    let (at, size) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    let entries = u16::try_from(count).unwrap().to_le_bytes();
    bytes.extend(directory);
    let sizes = [size.to_le_bytes(), at.to_le_bytes()].concat();
    bytes.extend([b"PK\x05\x06\0\0\0\0", &entries[..], &entries, &sizes, &[0, 0]].concat());
    bytes
}

pub(crate) fn log_keys() -> Vec<NoteKey> {
    Vec::new()
}

fn note_signatures(_: &Forge, count: u32) -> Vec<u8> {
    let root = STANDARD.encode([7; 32]);
    let signature = |at: u32| {
        let signature = STANDARD.encode([&at.to_be_bytes()[..], &[1; 64]].concat());
        format!("\u{2014} log.example/{at} {signature}\n")
    };
    let signatures = each(count, signature);
    format!("c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example\n1\n{root}\n\n{signatures}")
        .into_bytes()
}

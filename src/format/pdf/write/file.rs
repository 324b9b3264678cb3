//! The file around the pages: catalog, fonts, structure, attachment, metadata, signature field.

mod drawn;
mod plain;
mod structure;

use std::ops::Range;

use pdf_writer::types::{
    AnnotationFlags, AssociationKind, FieldType, OutputIntentSubtype, SigFlags,
};
use pdf_writer::writers::Catalog;
use pdf_writer::{Date, Filter, Finish as _, Name, Pdf, Rect, Ref, Settings, Str, TextStr};

use super::canvas::{Font, Tag};
use super::metadata::{Metadata, PRODUCER};
use super::pack::Packer;
use super::{A4, MM};
use crate::base::digest::Digest;
use crate::base::time::{CHINA_SECONDS, Timestamp};

pub use drawn::{Drawn, FormXObject};
pub use plain::{Plain, write_plain, write_plain_to_seal};

/// An embedded file.
#[derive(Clone, Copy, Debug)]
pub struct Attachment<'a> {
    /// Name of the embedded file.
    pub name: &'a str,
    /// Media type of its content.
    pub media_type: &'a str,
    /// Description for readers.
    pub description: &'a str,
    /// Content of the file.
    pub bytes: &'a [u8],
}

/// The field that will hold the seal.
#[derive(Clone, Debug)]
pub struct SignatureField<'a> {
    /// Name of the field.
    pub name: &'a str,
    /// Who signs, for readers that show it.
    pub signer: &'a str,
    /// Reason of the signature, `/Reason`.
    pub reason: &'a str,
    /// The signer's claimed time, `/M`.
    pub signed_at: Timestamp,
    /// DocMDP permissions: 1 nothing may follow, 2 archive material may.
    pub permissions: i32,
    /// Most bytes of the signature message.
    pub hole: usize,
    /// Name of the form `XObject` that is its appearance.
    pub appearance: &'static str,
    /// Left, top, width and height in millimetres from the top left corner of the last page.
    pub place: (f32, f32, f32, f32),
}

/// The parts of a licence document.
#[derive(Debug)]
pub struct FileParts<'a> {
    /// The pages, and what they are drawn with.
    pub drawn: Drawn<'a>,
    /// Metadata for XMP and the information dictionary.
    pub metadata: &'a Metadata,
    /// When it was made.
    pub created: Timestamp,
    /// The credential that is attached.
    pub attachment: Attachment<'a>,
    /// The signature field and its dictionary.
    pub signature: SignatureField<'a>,
}

/// A complete file except for its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsealed {
    /// The file, with zeros in the hole.
    pub bytes: Vec<u8>,
    /// Where the hexadecimal digits of the signature message go: between `<` and `>`.
    pub hole: Range<usize>,
}

/// Writes the file. `None` when a font cannot be subset, which good fonts never cause.
pub fn write(parts: FileParts<'_>) -> Option<Unsealed> {
    let settings = Settings { pretty: false };
    let mut writer = Writer {
        pdf: Pdf::with_settings_and_capacity(settings, 64 << 10),
        next: 1,
        tree: Vec::new(),
    };
    writer.pdf.set_version(1, 7);
    let id = Digest::of(&[parts.metadata.id.as_bytes(), parts.attachment.bytes]);
    let id = id.as_bytes().get(..16).unwrap_or_default().to_vec();
    writer.pdf.set_file_id((id.clone(), id));
    let signature = writer.document(parts)?;
    patch(writer.pdf.finish(), signature)
}

/// The tag and the alternative text of each marked piece of a page.
type Marks = Vec<(Tag, Option<String>)>;

/// References of the fonts and forms.
struct Resources {
    fonts: Vec<(Font, Ref)>,
    forms: Vec<(&'static str, Ref)>,
}

struct Writer {
    pdf: Pdf,
    next: i32,
    /// Structure elements by page and mark.
    tree: Vec<Vec<Ref>>,
}

/// The objects that the catalog names.
struct Roots {
    pages: Ref,
    structure: Ref,
    metadata: Ref,
    profile: Ref,
    file: Ref,
    field: Ref,
    signature: Ref,
}

impl Writer {
    fn id(&mut self) -> Ref {
        let id = Ref::new(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// Writes everything; returns the offset of the signature dictionary.
    fn document(&mut self, parts: FileParts<'_>) -> Option<usize> {
        let catalog = self.id();
        let roots = Roots {
            pages: self.id(),
            structure: self.id(),
            metadata: self.id(),
            profile: self.id(),
            file: self.id(),
            field: self.id(),
            signature: self.id(),
        };
        let (forms, packer) = (&parts.drawn.forms, parts.drawn.packer);
        let Resources { fonts, forms: all } =
            self.resources(roots.profile, &parts.drawn, Font::recurs)?;
        let inside = |name: &str| forms.iter().any(|form| form.draws.contains(&name));
        let outer = all.iter().copied().filter(|(name, _)| !inside(name)).collect();
        let resources = Resources { fonts, forms: outer };
        let pages =
            self.pages(roots.pages, parts.drawn.pages, packer, &resources, Some(roots.field));
        self.structure(&roots, &pages, parts.signature.signer);
        self.field(&parts.signature, &roots, pages.last()?.0, &all);
        self.attach(&parts.attachment, &roots, parts.created, packer);
        let xmp = parts.metadata.to_xmp();
        self.pdf.metadata(roots.metadata, xmp.as_bytes());
        self.info(&parts.metadata.title, parts.created);
        self.catalog(catalog, &roots, parts.attachment.name);
        let signature = self.pdf.len();
        self.signature(&parts.signature, &roots);
        Some(signature)
    }

    fn field(
        &mut self,
        signature: &SignatureField<'_>,
        roots: &Roots,
        page: Ref,
        forms: &[(&'static str, Ref)],
    ) {
        let (left, top, width, height) = signature.place;
        let rect = Rect::new(
            left * MM,
            (A4.1 - top - height) * MM,
            (left + width) * MM,
            (A4.1 - top) * MM,
        );
        let mut field = self.pdf.form_field(roots.field);
        field
            .field_type(FieldType::Signature)
            .partial_name(TextStr(signature.name))
            .alternate_name(TextStr(signature.signer));
        field.pair(Name(b"V"), roots.signature);
        let mut annotation = field.into_annotation();
        annotation.rect(rect).page(page).flags(AnnotationFlags::PRINT | AnnotationFlags::LOCKED);
        annotation.pair(Name(b"StructParent"), FIELD_PARENT);
        if let Some((_, form)) = forms.iter().find(|(name, _)| *name == signature.appearance) {
            annotation.appearance().normal().stream(*form);
        }
    }

    fn attach(
        &mut self,
        attachment: &Attachment<'_>,
        roots: &Roots,
        created: Timestamp,
        packer: &Packer,
    ) {
        let stream = self.id();
        let size = i32::try_from(attachment.bytes.len()).unwrap_or(i32::MAX);
        let packed = packer.pack(attachment.bytes);
        let mut file = self.pdf.embedded_file(stream, &packed);
        file.filter(Filter::FlateDecode);
        file.subtype(Name(attachment.media_type.as_bytes()));
        file.params().size(size).modification_date(pdf_date(created));
        file.finish();
        let mut spec = self.pdf.file_spec(roots.file);
        spec.path(Str(attachment.name.as_bytes()))
            .unic_file(TextStr(attachment.name))
            .description(TextStr(attachment.description))
            .association_kind(AssociationKind::Alternative)
            .embedded_file(stream);
    }

    fn info(&mut self, title: &str, created: Timestamp) {
        let info = self.id();
        let date = pdf_date(created);
        self.pdf
            .document_info(info)
            .title(TextStr(title))
            .producer(TextStr(PRODUCER))
            .creation_date(date)
            .modified_date(date);
    }

    /// Begins the catalog, as in every file of this program.
    fn tagged(&mut self, id: Ref, pages: Ref, metadata: Ref, structure: Ref) -> Catalog<'_> {
        let mut catalog = self.pdf.catalog(id);
        catalog.pages(pages).metadata(metadata).lang(TextStr("zh-CN"));
        catalog.pair(Name(b"StructTreeRoot"), structure);
        catalog.mark_info().marked(true);
        catalog.viewer_preferences().display_doc_title(true);
        catalog
    }

    fn catalog(&mut self, id: Ref, roots: &Roots, attachment: &str) {
        let mut catalog = self.tagged(id, roots.pages, roots.metadata, roots.structure);
        let mut names = catalog.names();
        let mut tree = names.embedded_files();
        tree.names().insert(Str(attachment.as_bytes()), roots.file);
        tree.finish();
        names.finish();
        catalog.insert(Name(b"AF")).array().item(roots.file);
        colours(&mut catalog, roots.profile);
        certified(&mut catalog, roots.field, roots.signature);
        let mut extensions = catalog.insert(Name(b"Extensions")).dict();
        let mut esic = extensions.insert(Name(b"ESIC")).dict();
        esic.pair(Name(b"Type"), Name(b"DeveloperExtensions"))
            .pair(Name(b"BaseVersion"), Name(b"1.7"))
            .pair(Name(b"ExtensionLevel"), 5);
    }

    fn signature(&mut self, signature: &SignatureField<'_>, roots: &Roots) {
        let mut dict = self.pdf.indirect(roots.signature).dict();
        dict.pair(Name(b"Type"), Name(b"Sig"))
            .pair(Name(b"Filter"), Name(b"Adobe.PPKLite"))
            .pair(Name(b"SubFilter"), Name(b"ETSI.CAdES.detached"))
            .pair(Name(b"Name"), TextStr(signature.signer))
            .pair(Name(b"Reason"), TextStr(signature.reason))
            .pair(Name(b"M"), Str(signature.signed_at.to_pdf_date().as_bytes()));
        let mut references = dict.insert(Name(b"Reference")).array();
        let mut reference = references.push().dict();
        reference
            .pair(Name(b"Type"), Name(b"SigRef"))
            .pair(Name(b"TransformMethod"), Name(b"DocMDP"));
        reference
            .insert(Name(b"TransformParams"))
            .dict()
            .pair(Name(b"Type"), Name(b"TransformParams"))
            .pair(Name(b"P"), signature.permissions)
            .pair(Name(b"V"), Name(b"1.2"));
        reference.finish();
        references.finish();
        dict.insert(Name(b"ByteRange")).array().items([0, WIDE, WIDE, WIDE]);
        // Zeros would be written as an octal string; these become hexadecimal digits.
        dict.pair(Name(b"Contents"), Str(&vec![0xFF; signature.hole]));
    }
}

/// The output intent: sRGB.
fn colours(catalog: &mut Catalog<'_>, profile: Ref) {
    let mut intents = catalog.output_intents();
    intents
        .push()
        .subtype(OutputIntentSubtype::PDFA)
        .output_condition_identifier(TextStr("sRGB"))
        .info(TextStr("sRGB IEC61966-2.1"))
        .dest_output_profile(profile);
}

/// Adds the field to the catalog, and its value as the certifying signature.
fn certified(catalog: &mut Catalog<'_>, field: Ref, signature: Ref) {
    let mut form = catalog.form();
    form.fields([field]).sig_flags(SigFlags::SIGNATURES_EXIST | SigFlags::APPEND_ONLY);
    form.finish();
    catalog.insert(Name(b"Perms")).dict().pair(Name(b"DocMDP"), signature);
}

/// Finds the hole after an offset, fills it with zeros, and writes the byte range around it.
fn patch(mut bytes: Vec<u8>, signature: usize) -> Option<Unsealed> {
    let dict = bytes.get(signature..)?;
    let hole = dict.windows(64).position(|window| window.iter().all(|byte| *byte == b'F'))?;
    let length = dict.get(hole..)?.iter().position(|byte| *byte == b'>')?;
    let wide = WIDE.to_string();
    let placeholder = format!("[0 {wide} {wide} {wide}]");
    let range = dict.windows(placeholder.len()).position(|text| text == placeholder.as_bytes())?;
    let start = signature.checked_add(hole)?;
    let end = start.checked_add(length)?;
    let at = signature.checked_add(range)?;
    bytes.get_mut(start..end)?.fill(b'0');
    let (head, tail) = (start.checked_sub(1)?, end.checked_add(1)?);
    let rest = bytes.len().checked_sub(tail)?;
    let range = format!("[0 {head} {tail} {rest}]");
    let padded = format!("{range:<width$}", width = placeholder.len());
    bytes.get_mut(at..at.checked_add(padded.len())?)?.copy_from_slice(padded.as_bytes());
    Some(Unsealed { bytes, hole: start..end })
}

fn pdf_date(at: Timestamp) -> Date {
    let civil = at.civil(CHINA_SECONDS);
    let part = |value: i8| value.unsigned_abs();
    Date::new(civil.year().unsigned_abs())
        .month(part(civil.month()))
        .day(part(civil.day()))
        .hour(part(civil.hour()))
        .minute(part(civil.minute()))
        .second(part(civil.second()))
        .utc_offset_hour(8)
        .utc_offset_minute(0)
}

/// A placeholder of ten digits, which every offset fits into.
const WIDE: i32 = 1_000_000_001;
/// Key of the field in the parent tree; pages have the keys from 0.
const FIELD_PARENT: i32 = 1000;

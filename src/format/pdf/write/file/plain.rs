//! A file without attachment or licence metadata, sealed or not.
//!
//! Its XMP has no licence properties, so verifiers cannot mistake it for a licence.

use pdf_writer::types::StructRole;
use pdf_writer::{Pdf, Ref, Settings, TextStr};

use super::{
    Drawn, Marks, Roots, SignatureField, Tag, Unsealed, Writer, certified, colours, patch,
};
use crate::base::digest::Digest;
use crate::base::time::{CHINA_SECONDS, Timestamp};
use crate::format::pdf::write::metadata::PRODUCER;

/// The parts of a plain document.
#[derive(Debug)]
pub struct Plain<'a> {
    /// The pages, and what they are drawn with.
    pub drawn: Drawn<'a>,
    /// The title, without characters that are special in XML.
    pub title: &'static str,
    /// Input of the file identifier.
    pub digest: Digest,
    /// When it was made.
    pub created: Timestamp,
}

/// Writes the file as PDF/A-3a. `None` when a font cannot be subset, which good fonts never cause.
pub fn write_plain(parts: Plain<'_>) -> Option<Vec<u8>> {
    Some(assemble(parts, None)?.0.pdf.finish())
}

/// Like [`write_plain`], with a hole for the certifying signature.
pub fn write_plain_to_seal(parts: Plain<'_>, signature: &SignatureField<'_>) -> Option<Unsealed> {
    let (writer, offset) = assemble(parts, Some(signature))?;
    patch(writer.pdf.finish(), offset)
}

/// Writes everything; returns the writer, and the offset of the signature dictionary if there is
/// one.
fn assemble(parts: Plain<'_>, signature: Option<&SignatureField<'_>>) -> Option<(Writer, usize)> {
    let settings = Settings { pretty: false };
    let pdf = Pdf::with_settings_and_capacity(settings, 64 << 10);
    let mut writer = Writer { pdf, next: 1, tree: Vec::new() };
    writer.pdf.set_version(1, 7);
    let id = parts.digest.as_bytes().get(..16).unwrap_or_default().to_vec();
    writer.pdf.set_file_id((id.clone(), id));
    let offset = writer.plain(parts, signature)?;
    Some((writer, offset))
}

impl Writer {
    fn plain(&mut self, parts: Plain<'_>, signature: Option<&SignatureField<'_>>) -> Option<usize> {
        let catalog = self.id();
        let (pages, structure, metadata, profile) = (self.id(), self.id(), self.id(), self.id());
        let seal = signature.map(|signature| (signature, self.id(), self.id()));
        let resources = self.resources(profile, &parts.drawn, |_| false)?;
        let field = seal.as_ref().map(|(_, field, _)| *field);
        let shown = self.pages(pages, parts.drawn.pages, parts.drawn.packer, &resources, field);
        let named = seal.as_ref().map(|(signature, field, _)| (*field, signature.signer));
        self.plain_structure(structure, &shown, named);
        let xmp = xmp(parts.title, parts.created);
        self.pdf.metadata(metadata, xmp.as_bytes());
        self.info(parts.title, parts.created);
        self.plain_catalog(catalog, [pages, structure, metadata, profile], seal.as_ref());
        if let Some((signature, field, value)) = seal {
            // Nothing is attached.
            let file = pages;
            let roots =
                Roots { pages, structure, metadata, profile, file, field, signature: value };
            self.field(signature, &roots, shown.last()?.0, &resources.forms);
            let offset = self.pdf.len();
            self.signature(signature, &roots);
            return Some(offset);
        }
        Some(self.pdf.len())
    }

    /// Document → headings, paragraphs, figures, and a table for each run of labels and values;
    /// the field last.
    fn plain_structure(&mut self, root: Ref, pages: &[(Ref, Marks)], field: Option<(Ref, &str)>) {
        let document = self.id();
        let mut top = Vec::new();
        // The table that is open, with its rows and their cells.
        let mut tables: Vec<(Ref, Rows)> = Vec::new();
        let mut open = false;
        for (page, marks) in pages {
            let mut on_page = Vec::new();
            for (mark, (tag, alternative)) in marks.iter().enumerate() {
                let id = self.id();
                on_page.push(id);
                let cell = matches!(tag, Tag::Label | Tag::Value);
                if cell && !open {
                    let table = self.id();
                    top.push(table);
                    tables.push((table, Vec::new()));
                }
                open = cell;
                let rows = tables.last_mut().filter(|_| cell);
                let parent = match rows {
                    None => {
                        top.push(id);
                        document
                    }
                    Some((_, rows)) => {
                        if *tag == Tag::Label || rows.is_empty() {
                            rows.push((self.id(), Vec::new()));
                        }
                        // There is a row: one was opened if there was none.
                        let Some((row, cells)) = rows.last_mut() else { continue };
                        cells.push(id);
                        *row
                    }
                };
                self.marked(id, *tag, parent, *page, alternative.as_deref(), mark);
            }
            self.tree.push(on_page);
        }
        for (table, rows) in &tables {
            for (row, cells) in rows {
                self.group(*row, StructRole::TR, *table, cells);
            }
            let rows: Vec<_> = rows.iter().map(|(row, _)| *row).collect();
            self.group(*table, StructRole::Table, document, &rows);
        }
        let form = field.map(|(field, signer)| {
            let form = self.id();
            let mut element = self.pdf.struct_element(form);
            element.kind(StructRole::Form).parent(document).alt(TextStr(signer));
            if let Some((page, _)) = pages.last() {
                element.page(*page);
            }
            element.children().object_ref().object(field);
            form
        });
        top.extend(form);
        self.group(document, StructRole::Document, root, &top);
        self.parents(root, document, form);
    }

    fn group(&mut self, id: Ref, role: StructRole, parent: Ref, children: &[Ref]) {
        let mut element = self.pdf.struct_element(id);
        element.kind(role).parent(parent);
        let mut list = element.children();
        for child in children {
            list.struct_element(*child);
        }
    }

    fn plain_catalog(
        &mut self,
        id: Ref,
        [pages, structure, metadata, profile]: [Ref; 4],
        seal: Option<&(&SignatureField<'_>, Ref, Ref)>,
    ) {
        let mut catalog = self.tagged(id, pages, metadata, structure);
        colours(&mut catalog, profile);
        if let Some((_, field, signature)) = seal {
            certified(&mut catalog, *field, *signature);
        }
    }
}

/// The rows of a table, each with its cells.
type Rows = Vec<(Ref, Vec<Ref>)>;

fn xmp(title: &str, created: Timestamp) -> String {
    let created = format!("{}+08:00", created.civil(CHINA_SECONDS));
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n\
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>\n\
<dc:format>application/pdf</dc:format><dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
<xmp:CreateDate>{created}</xmp:CreateDate><xmp:ModifyDate>{created}</xmp:ModifyDate><pdf:Producer>{PRODUCER}</pdf:Producer>\n\
</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

//! Pages and their resources: forms, fonts, colours.

use pdf_writer::types::TabOrder;
use pdf_writer::{Filter, Finish as _, Name, Rect, Ref};

use super::{Marks, Resources, Writer};
use crate::format::pdf::write::canvas::{Canvas, Font};
use crate::format::pdf::write::face::FontUse;
use crate::format::pdf::write::pack::Packer;
use crate::format::pdf::write::{A4, MM};

/// A reusable drawing. `resources` names the forms that it draws itself.
#[derive(Clone, Debug)]
pub struct FormXObject {
    /// Name in the resources of pages and forms.
    pub name: &'static str,
    /// Left, bottom, right, top in form space.
    pub bounds: [f32; 4],
    /// Content stream, compressed with zlib.
    pub deflated: Vec<u8>,
    /// Names of the forms that it draws.
    pub draws: Vec<&'static str>,
}

/// Pages and their resources.
#[derive(Debug)]
pub struct Drawn<'a> {
    /// Content of the pages, in order.
    pub pages: Vec<Canvas>,
    /// The fonts with the characters that the pages use.
    pub fonts: [FontUse<'a>; 3],
    /// Compresses content that is new in this file.
    pub packer: &'a Packer,
    /// The drawings, each before the ones that draw it.
    pub forms: Vec<&'a FormXObject>,
    /// The ICC profile of the output intent, compressed with zlib.
    pub profile: &'a [u8],
    /// The table from the fonts' codes to Unicode, compressed with zlib.
    pub unicode: &'a [u8],
}

impl Writer {
    /// Writes the resources of the pages. Of a font that `recurs` most files use nearly the same
    /// characters.
    pub(super) fn resources(
        &mut self,
        profile: Ref,
        drawn: &Drawn<'_>,
        recurs: fn(Font) -> bool,
    ) -> Option<Resources> {
        let mut stream = self.pdf.stream(profile, drawn.profile);
        stream.pair(Name(b"N"), 3);
        stream.filter(Filter::FlateDecode);
        stream.finish();
        let mut forms = Vec::new();
        for form in &drawn.forms {
            let id = self.id();
            self.form(form, id, &forms);
            forms.push((form.name, id));
        }
        let unicode = self.id();
        self.pdf.stream(unicode, drawn.unicode).filter(Filter::FlateDecode);
        let mut fonts = Vec::new();
        for (font, used) in Font::ALL.into_iter().zip(&drawn.fonts) {
            let ids = [self.id(), self.id(), self.id(), self.id(), self.id()];
            used.embed(&mut self.pdf, ids, unicode, recurs(font), drawn.packer)?;
            fonts.push((font, ids[0]));
        }
        Some(Resources { fonts, forms })
    }

    fn form(&mut self, form: &FormXObject, id: Ref, known: &[(&'static str, Ref)]) {
        let [left, bottom, right, top] = form.bounds;
        let mut object = self.pdf.form_xobject(id, &form.deflated);
        object.bbox(Rect::new(left, bottom, right, top));
        object.filter(Filter::FlateDecode);
        let mut resources = object.resources();
        if !form.draws.is_empty() {
            let mut names = resources.x_objects();
            for (name, id) in known.iter().filter(|(name, _)| form.draws.contains(name)) {
                names.pair(Name(name.as_bytes()), *id);
            }
        }
    }

    /// Writes the pages; the field is on the last.
    pub(super) fn pages(
        &mut self,
        parent: Ref,
        canvases: Vec<Canvas>,
        packer: &Packer,
        resources: &Resources,
        field: Option<Ref>,
    ) -> Vec<(Ref, Marks)> {
        let mut pages = Vec::new();
        let last = canvases.len().saturating_sub(1);
        for (number, canvas) in canvases.into_iter().enumerate() {
            let (id, content) = (self.id(), self.id());
            let (bytes, marks) = canvas.finish();
            let bytes = packer.pack(&bytes);
            self.pdf.stream(content, &bytes).filter(Filter::FlateDecode);
            let mut page = self.pdf.page(id);
            page.parent(parent)
                .media_box(Rect::new(0.0, 0.0, A4.0 * MM, A4.1 * MM))
                .contents(content)
                .struct_parents(i32::try_from(number).unwrap_or(i32::MAX))
                .tab_order(TabOrder::StructureOrder);
            if let Some(field) = field.filter(|_| number == last) {
                page.annotations([field]);
            }
            let mut named = page.resources();
            let mut fonts = named.fonts();
            for (font, id) in &resources.fonts {
                fonts.pair(Name(font.resource()), *id);
            }
            fonts.finish();
            let forms = resources.forms.iter().map(|(name, id)| (Name(name.as_bytes()), *id));
            named.x_objects().pairs(forms);
            named.finish();
            page.finish();
            pages.push((id, marks));
        }
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(parent).kids(pages.iter().map(|(id, _)| *id)).count(count);
        pages
    }
}

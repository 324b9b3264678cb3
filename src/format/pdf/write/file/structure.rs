//! The structure tree (ISO 32000-1, 14.7): what a reader that speaks says, and in which order.

use pdf_writer::types::StructRole;
use pdf_writer::{Finish as _, Name, Ref, TextStr};

use super::{FIELD_PARENT, Marks, Roots, Tag, Writer};

impl Writer {
    /// Document → heading, paragraphs, figures and one table of label and value; the field last.
    pub(super) fn structure(&mut self, roots: &Roots, pages: &[(Ref, Marks)], seal: &str) {
        let document = self.id();
        let table = self.id();
        let mut top: Vec<Ref> = Vec::new();
        let mut rows: Vec<(Ref, Vec<Ref>)> = Vec::new();
        for (page, marks) in pages {
            let mut on_page = Vec::new();
            for (mark, (tag, alternative)) in marks.iter().enumerate() {
                let id = self.id();
                on_page.push(id);
                let parent = match tag {
                    Tag::Label | Tag::Value => {
                        if !top.contains(&table) {
                            top.push(table);
                        }
                        if *tag == Tag::Label || rows.is_empty() {
                            let row = self.id();
                            rows.push((row, Vec::new()));
                        }
                        // A row was just opened when there was none.
                        let Some((row, cells)) = rows.last_mut() else { continue };
                        cells.push(id);
                        *row
                    }
                    _ => {
                        top.push(id);
                        document
                    }
                };
                let mut element = self.pdf.struct_element(id);
                element.kind(role(*tag)).parent(parent).page(*page);
                if let Some(text) = alternative {
                    element.alt(TextStr(text));
                }
                element.children().marked_content_id(i32::try_from(mark).unwrap_or(i32::MAX));
            }
            self.tree.push(on_page);
        }
        for (row, cells) in &rows {
            let mut element = self.pdf.struct_element(*row);
            element.kind(StructRole::TR).parent(table);
            let mut children = element.children();
            for cell in cells {
                children.struct_element(*cell);
            }
        }
        if !rows.is_empty() {
            let mut element = self.pdf.struct_element(table);
            element.kind(StructRole::Table).parent(document);
            let mut children = element.children();
            for (row, _) in &rows {
                children.struct_element(*row);
            }
        }
        self.finish_structure(roots, pages, (document, top), seal);
    }

    fn finish_structure(
        &mut self,
        roots: &Roots,
        pages: &[(Ref, Marks)],
        (document, mut top): (Ref, Vec<Ref>),
        seal: &str,
    ) {
        let form = self.id();
        top.push(form);
        let mut element = self.pdf.struct_element(form);
        element.kind(StructRole::Form).parent(document).alt(TextStr(seal));
        if let Some((page, _)) = pages.last() {
            element.page(*page);
        }
        element.children().object_ref().object(roots.field);
        element.finish();
        let mut element = self.pdf.struct_element(document);
        element.kind(StructRole::Document).parent(roots.structure);
        let mut children = element.children();
        for id in top {
            children.struct_element(id);
        }
        children.finish();
        element.finish();
        let parents = self.id();
        let arrays: Vec<(i32, Ref, Vec<Ref>)> = std::mem::take(&mut self.tree)
            .into_iter()
            .zip(0..)
            .map(|(elements, key)| (key, self.id(), elements))
            .collect();
        for (_, id, elements) in &arrays {
            self.pdf.indirect(*id).array().items(elements.iter().copied());
        }
        let mut tree = self.pdf.number_tree::<Ref>(parents);
        let mut nums = tree.nums();
        for (key, id, _) in &arrays {
            nums.insert(*key, *id);
        }
        nums.insert(FIELD_PARENT, form);
        nums.finish();
        tree.finish();
        let mut root = self.pdf.indirect(roots.structure).dict();
        root.pair(Name(b"Type"), Name(b"StructTreeRoot"))
            .pair(Name(b"K"), document)
            .pair(Name(b"ParentTree"), parents)
            .pair(Name(b"ParentTreeNextKey"), FIELD_PARENT.saturating_add(1));
    }
}

pub(super) fn role(tag: Tag) -> StructRole {
    match tag {
        Tag::Heading => StructRole::H1,
        Tag::Section => StructRole::H2,
        Tag::Paragraph => StructRole::P,
        Tag::Label => StructRole::TH,
        Tag::Value => StructRole::TD,
        Tag::Figure => StructRole::Figure,
    }
}

//! The structure tree (ISO 32000-1, 14.7), which screen readers follow.

use pdf_writer::{Dict, Finish as _, Name, Ref, TextStr};

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
                        // There is a row: one was opened if there was none.
                        let Some((row, cells)) = rows.last_mut() else { continue };
                        cells.push(id);
                        *row
                    }
                    _ => {
                        top.push(id);
                        document
                    }
                };
                self.marked(id, *tag, parent, *page, alternative.as_deref(), mark);
            }
            self.tree.push(on_page);
        }
        for (row, cells) in &rows {
            let mut element = self.element(*row, b"TR", table);
            element.insert(Name(b"K")).array().items(cells.iter().copied());
        }
        if !rows.is_empty() {
            let mut element = self.element(table, b"Table", document);
            element.insert(Name(b"K")).array().items(rows.iter().map(|(row, _)| *row));
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
        let mut element = self.element(form, b"Form", document);
        element.pair(Name(b"Alt"), TextStr(seal));
        if let Some((page, _)) = pages.last() {
            element.pair(Name(b"Pg"), *page);
        }
        let mut field = element.insert(Name(b"K")).dict();
        field.pair(Name(b"Type"), Name(b"OBJR")).pair(Name(b"Obj"), roots.field);
        field.finish();
        element.finish();
        let mut element = self.element(document, b"Document", roots.structure);
        element.insert(Name(b"K")).array().items(top);
        element.finish();
        self.parents(roots.structure, document, Some(form));
    }

    /// The root of the tree, and the parent tree, which maps marked content back to elements.
    pub(super) fn parents(&mut self, root: Ref, document: Ref, form: Option<Ref>) {
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
        if let Some(form) = form {
            nums.insert(FIELD_PARENT, form);
        }
        nums.finish();
        tree.finish();
        let mut dict = self.pdf.indirect(root).dict();
        dict.pair(Name(b"Type"), Name(b"StructTreeRoot"))
            .pair(Name(b"K"), document)
            .pair(Name(b"ParentTree"), parents)
            .pair(Name(b"ParentTreeNextKey"), FIELD_PARENT.saturating_add(1));
    }

    /// The element of one marked piece of a page.
    pub(super) fn marked(
        &mut self,
        id: Ref,
        tag: Tag,
        parent: Ref,
        page: Ref,
        alternative: Option<&str>,
        mark: usize,
    ) {
        let mut element = self.element(id, tag.name(), parent);
        element.pair(Name(b"Pg"), page);
        if let Some(text) = alternative {
            element.pair(Name(b"Alt"), TextStr(text));
        }
        element.pair(Name(b"K"), i32::try_from(mark).unwrap_or(i32::MAX));
    }

    /// An element with its role and parent. `/Type` is optional (table 323) and omitted: there are
    /// dozens.
    fn element(&mut self, id: Ref, role: &[u8], parent: Ref) -> Dict<'_> {
        let mut element = self.pdf.indirect(id).dict();
        element.pair(Name(b"S"), Name(role)).pair(Name(b"P"), parent);
        element
    }
}

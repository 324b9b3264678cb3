//! The PDF reader: every object and every stream of any file, within the budget.

use yinzheng::base::limits::Budget;
use yinzheng::format::pdf::read::{Document, Object};

pub fn run(data: &[u8]) {
    let mut budget = Budget::default();
    let Ok(document) = Document::parse(data, &mut budget) else { return };
    let numbers: Vec<u32> =
        document.revisions().iter().flat_map(|revision| revision.objects.clone()).collect();
    for number in numbers.into_iter().take(500) {
        if let Ok(Object::Stream(stream)) = document.resolve(&Object::Ref(number, 0), &mut budget) {
            drop(document.stream(&stream, &mut budget));
        }
    }
    drop(document.catalog(&mut budget));
    for revision in document.revisions() {
        assert!(revision.end <= data.len());
    }
}

//! hayro-syntax: a reader that repairs files.

use std::collections::BTreeMap;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, MaybeRef, Object, ObjectIdentifier, Stream};

use super::{Objects, Value};

/// The objects with these numbers; `None` when it cannot read the file.
pub(crate) fn read(bytes: &[u8], wanted: &Objects) -> Option<Objects> {
    let file = Pdf::new(bytes.to_vec()).ok()?;
    let mut objects = Objects::new();
    for (number, generation) in wanted.keys() {
        let id = ObjectIdentifier::new(*number, i32::from(*generation));
        match file.xref().get::<Object<'_>>(id).as_ref().map(value) {
            None | Some(Value::Null) => {}
            Some(found) => drop(objects.insert((*number, *generation), found)),
        }
    }
    Some(objects)
}

fn value(object: &Object<'_>) -> Value {
    match object {
        Object::Null(_) => Value::Null,
        Object::Boolean(bool) => Value::Bool(*bool),
        Object::Number(number) => Value::Number(number.as_f64(), number.as_i64()),
        Object::String(string) => Value::Text(string.as_bytes().to_vec()),
        Object::Name(name) => Value::Name(name.to_vec()),
        Object::Dict(entries) => Value::Dict(dict(entries)),
        Object::Array(items) => Value::Array(items.raw_iter().map(maybe).collect()),
        Object::Stream(stream) => Value::Stream(dict(stream.dict()), data(stream)),
    }
}

fn data(stream: &Stream<'_>) -> Option<Vec<u8>> {
    stream.decoded_data().ok().map(std::borrow::Cow::into_owned)
}

fn dict(entries: &Dict<'_>) -> BTreeMap<Vec<u8>, Value> {
    let entries = entries.entries().map(|(key, object)| (key.to_vec(), maybe(object)));
    entries.filter(|(_, value)| !matches!(value, Value::Null)).collect()
}

fn maybe(object: MaybeRef<Object<'_>>) -> Value {
    match object {
        MaybeRef::Ref(to) => Value::Ref(to.obj_number, u16::try_from(to.gen_number).unwrap_or(0)),
        MaybeRef::NotRef(object) => value(&object),
    }
}

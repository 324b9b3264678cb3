//! Object streams (ISO 32000-1, 7.5.7): many objects, compressed together.

use super::filter;
use super::lexer::{Lexer, is_space};
use super::object::{Dict, Object};
use super::{ReadError, fault};
use crate::base::limits::{Budget, Purse};

/// An object stream: its bytes, and the number and offset of each object.
#[derive(Debug)]
pub(super) struct ObjectStream {
    data: Vec<u8>,
    places: Vec<(u32, u32)>,
    /// Where the pairs of numbers before its objects end.
    head: usize,
}

impl ObjectStream {
    /// Unpacks the stream at an offset.
    pub(super) fn unpack(
        dict: &Dict,
        raw: &[u8],
        offset: usize,
        budget: &mut Budget,
    ) -> Result<Self, ReadError> {
        if !dict.is("ObjStm") {
            return fault(offset, "an object stream is missing");
        }
        budget.pay(Purse::ReadBytes, raw.len(), "bytes of objects")?;
        // Its filters must be direct objects: referenced ones could be in the stream itself.
        let Some(data) = filter::decode(dict, raw, offset, budget)? else {
            return fault(offset, "an object stream with an unknown filter");
        };
        if dict.get("Filter").is_none() {
            // It is cached, so it costs as much as if it had been inflated.
            budget.pay(Purse::InflatedBytes, data.len(), "inflated bytes")?;
        }
        budget.pay(Purse::Memory, data.len(), "memory for object streams")?;
        let number = |key: &str| {
            let number = dict.get(key).and_then(Object::int);
            number.and_then(|number| usize::try_from(number).ok())
        };
        let (Some(first), Some(count)) = (number("First"), number("N")) else {
            return fault(offset, "a malformed object stream");
        };
        budget.pay(Purse::Steps, count, "objects of an object stream")?;
        let memory = count.saturating_mul(size_of::<(u32, u32)>());
        budget.pay(Purse::Memory, memory, "memory for object streams")?;
        let mut head = Lexer::new(&data, 0, false);
        let mut places = Vec::with_capacity(count);
        for _ in 0..count {
            let (Some(found), Some(relative)) = (head.unsigned(), head.unsigned()) else {
                return fault(offset, "a malformed object stream");
            };
            // A value that does not fit is neither an object number nor an offset in the stream.
            let place = relative.saturating_add(u64::try_from(first).unwrap_or(u64::MAX));
            let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            places.push((narrow(found), narrow(place)));
        }
        let head = head.at();
        Ok(Self { data: data.into_owned(), places, head })
    }

    /// The numbers of its objects, in their order.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.places.iter().map(|(number, _)| *number).collect()
    }

    /// Whether its objects follow each other in the order of its head, with nothing but white space
    /// around them (7.5.7).
    ///
    /// Some readers take an object with the word `stream` behind it for a stream, which no object
    /// here may be, and others look for the first object at `/First`, whatever its offset is.
    pub(super) fn is_plain(&self, budget: &mut Budget) -> Result<bool, ReadError> {
        budget.pay(Purse::ReadBytes, self.data.len(), "bytes of objects")?;
        budget.pay(Purse::Objects, self.places.len(), "objects")?;
        let head = self.data.get(..self.head).unwrap_or_default();
        if !head.iter().all(|byte| byte.is_ascii_digit() || is_space(*byte)) {
            return Ok(false);
        }
        let is_blank = |from: usize, to: usize| {
            self.data
                .get(from..to)
                .is_some_and(|between| between.iter().all(|byte| is_space(*byte)))
        };
        let mut at = self.head;
        for (_, place) in &self.places {
            let place = usize::try_from(*place).unwrap_or(usize::MAX);
            if !is_blank(at, place) {
                return Ok(false);
            }
            let mut lexer = Lexer::new(&self.data, place, false);
            match lexer.object(budget.depth, budget) {
                Ok(_) => at = lexer.at(),
                Err(ReadError::Budget(over)) => return Err(over.into()),
                Err(_) => return Ok(false),
            }
        }
        Ok(is_blank(at, self.data.len()))
    }

    /// Whether readers differ about a name or a string in the object at this index
    /// ([`Lexer::is_odd`]).
    pub(super) fn is_odd(&self, index: usize, budget: &mut Budget) -> Result<bool, ReadError> {
        let Some((_, at)) = self.places.get(index).copied() else { return Ok(false) };
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let mut lexer = Lexer::new(&self.data, at, false);
        budget.pay(Purse::Objects, 1, "objects")?;
        lexer.object(budget.depth, budget)?;
        budget.pay(Purse::ReadBytes, lexer.at().saturating_sub(at), "bytes of objects")?;
        Ok(lexer.is_odd())
    }

    /// The object with this number, which must be the one at this index.
    pub(super) fn object(
        &self,
        number: u32,
        index: usize,
        budget: &mut Budget,
    ) -> Result<Object, ReadError> {
        let Some((found, at)) = self.places.get(index).copied() else {
            return fault(0, "a malformed object stream");
        };
        if found != number {
            return fault(0, "an object stream holds another object there");
        }
        budget.pay(Purse::Objects, 1, "objects")?;
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let mut lexer = Lexer::new(&self.data, at, false);
        let object = lexer.object(budget.depth, budget)?;
        let read = lexer.at().saturating_sub(at);
        budget.pay(Purse::ReadBytes, read, "bytes of objects")?;
        // Some readers stop where the next object begins (7.5.7: in increasing order).
        let next = self.places.get(index.saturating_add(1)).map(|(_, next)| *next);
        if next.is_some_and(|next| usize::try_from(next).unwrap_or(usize::MAX) < lexer.at()) {
            return fault(0, "an object of an object stream that reaches into the next one");
        }
        match object {
            Object::Ref(..) => fault(0, "a reference to a reference"),
            object => Ok(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::pdf::read::Document;

    #[test]
    fn an_object_stream_holds_its_objects_and_white_space() {
        let plain = |head: &str, objects: &str| {
            let data = format!("{head}{objects}");
            let pairs = head.split_whitespace().count() / 2;
            let dict = format!("<</Type/ObjStm/N {pairs}/First {}>>", head.len());
            let budget = &mut Budget::default();
            let mut lexer = Lexer::new(dict.as_bytes(), 0, true);
            let Object::Dict(dict) = lexer.object(8, budget).unwrap() else { panic!() };
            let stream = ObjectStream::unpack(&dict, data.as_bytes(), 0, budget).unwrap();
            stream.is_plain(budget).unwrap()
        };
        for (head, objects) in [
            ("3 0 ", "<</A 1>>"),
            ("3 0 4 8 ", "<</A 1>>[1 2]"),
            ("3 1\n4 10\r\n", " <</A 1>> [1 2]\n"),
            ("3 0 4 11 \0", "<</A 1%x\n>>9"),
        ] {
            assert!(plain(head, objects), "{head:?} {objects:?}");
        }
        for (head, objects) in [
            ("3 0 ", "<</A 1>> stream\nendstream"),
            ("3 0 ", "<</A 1>>\x0b"),
            ("3 0 ", "<</A 1>>%x"),
            ("3 0 4 15 ", "<</A 1>>stream [1 2]"),
            ("3 3 ", "(x)<</A 1>>"),
            ("3 0 %\n", "<</A 1>>"),
            ("3 %\n0 ", "<</A 1>>"),
            ("3 5 4 0 ", "[1 2]<</A 1>>"),
            ("3 0 4 9 ", "<</A 1>> --1"),
        ] {
            assert!(!plain(head, objects), "{head:?} {objects:?}");
        }
    }

    /// Referenced filters could be in the stream that they unpack.
    #[test]
    fn an_object_stream_that_names_its_own_filter_is_refused() {
        let budget = &mut Budget::default();
        let row = |kind: u8, at: usize, index: u8| {
            let at = u16::try_from(at).unwrap().to_be_bytes();
            [kind, at[0], at[1], index]
        };
        let catalog = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Metadata 4 0 R>>\nendobj\n";
        let dict = "<</Type/ObjStm/N 1/First 4/Length 16/Filter 4 0 R>>";
        let packed = format!("2 0 obj\n{dict}stream\n4 0 /FlateDecode\nendstream\nendobj\n");
        let table = catalog.len() + packed.len();
        let rows = [row(1, 9, 0), row(1, catalog.len(), 0), row(2, 2, 0)].concat();
        let dict = "<</Type/XRef/Size 5/W[1 2 1]/Index[1 2 4 1]/Root 1 0 R/Length 12>>";
        let mut bytes = format!("{catalog}{packed}3 0 obj\n{dict}stream\n").into_bytes();
        bytes.extend(rows);
        bytes.extend(format!("\nendstream\nendobj\nstartxref\n{table}\n%%EOF\n").bytes());
        let document = Document::parse(&bytes, budget).unwrap();
        let found = document.resolve(&Object::Ref(4, 0), budget);
        assert!(matches!(found, Err(ReadError::Structure { .. })), "{found:?}");
    }
}

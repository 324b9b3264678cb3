//! The claims of a certification signature: DocMDP and `/Perms` (ISO 32000-1, 12.8.2.2, 12.8.4).

use crate::base::limits::Budget;
use crate::format::pdf::read::{Dict, Document, Object, ReadError, SignatureField};

/// The changes that a certification permits (table 254).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Permitted {
    /// `P 1`: no change.
    Nothing,
    /// `P 2`, and the default: filling in forms and signing.
    Forms,
    /// `P 3`: annotations too.
    Annotations,
}

impl Permitted {
    /// `P` of the parameters; without it, forms may be filled in.
    pub(super) fn read(permission: &Object) -> Result<Self, &'static str> {
        match permission {
            Object::Int(1) => Ok(Self::Nothing),
            Object::Int(2) | Object::Null => Ok(Self::Forms),
            Object::Int(3) => Ok(Self::Annotations),
            _ => Err("DocMDP with an unknown P"),
        }
    }
}

/// The certification of one signature; `None` for an approval signature.
///
/// An unknown `P` or a reference that cannot be read is an error: readers that overlook it would
/// permit what others refuse.
pub(super) fn of(
    document: &Document<'_>,
    signature: &Dict,
    budget: &mut Budget,
) -> Result<Result<Option<Permitted>, &'static str>, ReadError> {
    let references = match document.get(signature, "Reference", budget)? {
        Object::Null => return Ok(Ok(None)),
        Object::Array(references) => references,
        _ => return Ok(Err("/Reference is no array")),
    };
    let mut found = None;
    for reference in &references {
        let Object::Dict(reference) = document.resolve(reference, budget)? else {
            return Ok(Err("a signature reference is no dictionary"));
        };
        let method = document.get(&reference, "TransformMethod", budget)?;
        if method.name() != Some(b"DocMDP") {
            continue;
        }
        if found.is_some() {
            return Ok(Err("one signature certifies twice"));
        }
        let parameters = document.get(&reference, "TransformParams", budget)?;
        let permission = match &parameters {
            Object::Dict(parameters) => document.get(parameters, "P", budget)?,
            Object::Null => Object::Null,
            _ => return Ok(Err("the parameters of DocMDP are no dictionary")),
        };
        found = match Permitted::read(&permission) {
            Ok(permitted) => Some(permitted),
            Err(fault) => return Ok(Err(fault)),
        };
    }
    Ok(Ok(found))
}

/// The object number that `/Perms /DocMDP` of the catalog names.
pub(super) fn named_by_catalog(
    document: &Document<'_>,
    budget: &mut Budget,
) -> Result<Option<Object>, ReadError> {
    let catalog = document.catalog(budget)?;
    let Object::Dict(permissions) = document.get(&catalog, "Perms", budget)? else {
        return Ok(None);
    };
    Ok(permissions.get("DocMDP").cloned())
}

/// Whether catalog and signatures agree on the certifying one: at most one, the first, and the one
/// that the catalog names.
pub(super) fn agree(
    document: &Document<'_>,
    fields: &[SignatureField],
    budget: &mut Budget,
) -> Result<Result<(), &'static str>, ReadError> {
    let mut certified = None;
    for (place, field) in fields.iter().enumerate() {
        match of(document, &field.dict, budget)? {
            Err(fault) => return Ok(Err(fault)),
            Ok(Some(_)) if place > 0 => {
                return Ok(Err("a signature that is not the first certifies"));
            }
            Ok(Some(_)) => certified = Some(field.object),
            Ok(None) => {}
        }
    }
    Ok(match (named_by_catalog(document, budget)?, certified) {
        (None, _) => Ok(()),
        (Some(Object::Ref(named, _)), Some(object)) if named == object => Ok(()),
        (Some(_), _) => Err("/Perms names something else than the certification signature"),
    })
}

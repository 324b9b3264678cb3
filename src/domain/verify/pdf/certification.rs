//! The claims of a certification signature: DocMDP and `/Perms` (ISO 32000-1, 12.8.2.2, 12.8.4).

use std::collections::BTreeMap;

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

/// The certifications in the signatures and the catalog of a document, read once.
pub(super) struct Certifications {
    /// By the object number of the signature dictionary.
    of: BTreeMap<u32, Certified>,
    /// The signature named by `/Perms /DocMDP` of the catalog.
    named: Option<Object>,
}

/// `None` for an approval signature. An unknown `P` or a reference that cannot be read is an error:
/// readers that overlook it would permit what others refuse.
pub(super) type Certified = Result<Option<Permitted>, &'static str>;

impl Certifications {
    pub(super) fn read(
        document: &Document<'_>,
        fields: &[SignatureField],
        budget: &mut Budget,
    ) -> Result<Self, ReadError> {
        let mut of = BTreeMap::new();
        for field in fields {
            of.insert(field.object, certified(document, &field.dict, budget)?);
        }
        let catalog = document.catalog(budget)?;
        let named = match document.get(&catalog, "Perms", budget)? {
            Object::Dict(permissions) => permissions.get("DocMDP").cloned(),
            _ => None,
        };
        Ok(Self { of, named })
    }

    pub(super) fn of(&self, field: &SignatureField) -> Certified {
        self.of.get(&field.object).copied().unwrap_or(Err("a signature that was not read"))
    }

    /// Whether the catalog names this signature.
    pub(super) fn names(&self, field: &SignatureField) -> bool {
        matches!(self.named, Some(Object::Ref(named, _)) if named == field.object)
    }

    /// Whether catalog and signatures agree on the certifying one: at most one, the first, and the
    /// one that the catalog names.
    pub(super) fn agree(&self, fields: &[SignatureField]) -> Result<(), &'static str> {
        let mut certifying = None;
        for (place, field) in fields.iter().enumerate() {
            match self.of(field)? {
                Some(_) if place > 0 => return Err("a signature that is not the first certifies"),
                Some(_) => certifying = Some(field),
                None => {}
            }
        }
        if self.named.is_none() || certifying.is_some_and(|field| self.names(field)) {
            return Ok(());
        }
        Err("/Perms names something else than the certification signature")
    }
}

fn certified(
    document: &Document<'_>,
    signature: &Dict,
    budget: &mut Budget,
) -> Result<Certified, ReadError> {
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

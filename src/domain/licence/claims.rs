//! The claims of a licence's two credentials.

use serde_json::{Map, Value, json};

use super::kind::{Definition, LicenceType};
use super::record::Licence;
use crate::base::entropy::{Entropy, draw};
use crate::base::time::{DAY, Timestamp};
use crate::domain::office::{Department, Profile};
use crate::format::jose::sdjwt::Selective;

/// The claims of a credential.
#[derive(Debug)]
pub struct Claims {
    /// Claims that every reader sees.
    pub open: Map<String, Value>,
    /// Claims that the holder may withhold.
    pub selective: Vec<Selective>,
}

/// One of the two credentials of a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// The document credential, inside the PDF.
    Document,
    /// The holder credential, for systems and wallets.
    Holder,
}

/// Builds the claims. `signer_ends` is the last instant of the signing certificate.
pub fn claims(
    licence: &Licence,
    (kind, definition): (&LicenceType, &Definition),
    (office, department): (&Profile, &Department),
    copy: Copy,
    signer_ends: Timestamp,
    entropy: &dyn Entropy,
) -> Claims {
    let base = office.public_base_url.as_str();
    let index = match copy {
        Copy::Document => licence.document_index,
        Copy::Holder => licence.holder_index,
    };
    let expires = licence.issued_at.plus(TECHNICAL_LIFE).min(signer_ends);
    let mut open = Map::new();
    let mut put = |name: &str, value: Value| {
        open.insert(name.to_owned(), value);
    };
    put("iss", department.iss(&office.public_base_url).into());
    put("iat", licence.issued_at.unix().into());
    put("nbf", licence.issued_at.unix().into());
    put("exp", expires.unix().into());
    put("vct", definition.vct.as_str().into());
    put("vct#integrity", definition.integrity.as_str().into());
    put(
        "status",
        json!({ "status_list": { "idx": index, "uri": status_uri(base, licence.status_list) } }),
    );
    match (copy, &licence.holder_key) {
        (Copy::Document, _) => put("use", "document".into()),
        (Copy::Holder, Some(key)) => put("cnf", json!({ "jwk": key })),
        (Copy::Holder, None) => {}
    }
    put("id", licence.id.as_str().into());
    put("number", licence.number.as_str().into());
    put("version", licence.version.number().into());
    put("type", kind.slug.as_str().into());
    put("type_code", kind.code.as_str().into());
    put("type_name", json!(licence.type_name));
    let issuer = json!({
        "zh": licence.issuer.zh, "en": licence.issuer.en, "uscc": department.uscc.as_str(),
    });
    put("issuer", issuer);
    put("issued_on", json!(licence.issued_on));
    put("valid_from", json!(licence.validity.from));
    put("valid_until", json!(licence.validity.until));
    let mut selective = Vec::new();
    let mut add = |name: &str, value: Value, hidden: bool| {
        if hidden {
            selective.push(Selective { name: name.to_owned(), value, salt: draw(entropy) });
        } else {
            open.insert(name.to_owned(), value);
        }
    };
    let hides = |name: &str| kind.field(name).is_some_and(|field| field.selective);
    add("holder", licence.holder.as_str().into(), hides(&kind.holder_name));
    for value in &licence.values {
        add(&value.name, value.json.clone(), hides(&value.name));
    }
    Claims { open, selective }
}

/// The address of one of the office's status lists.
pub fn status_uri(base: &str, list: u32) -> String {
    format!("{base}/status/{list}")
}

/// Five years, whatever the licence's own term.
const TECHNICAL_LIFE: i64 = 5 * 365 * DAY;

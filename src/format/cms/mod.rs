//! CMS SignedData (RFC 5652), as CAdES (ETSI EN 319 122-1) narrows it.

//! One office act per file.

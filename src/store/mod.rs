//! What is remembered, and what a commit promises.

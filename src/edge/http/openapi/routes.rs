//! Routes with their descriptions: none is registered without one.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post, put};

use super::operation::Operation;
use crate::edge::http::app::App;

/// A router, and the description of each operation in it.
#[derive(Default)]
pub(in crate::edge::http) struct Routes {
    router: Router<App>,
    described: Vec<Described>,
}

/// An operation of the router; it is described when the document is asked for.
#[derive(Clone, Copy)]
pub(in crate::edge::http) struct Described {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) describe: Describe,
}

/// Fills in the description of one operation.
pub(in crate::edge::http) type Describe = fn(Operation) -> Operation;

impl Described {
    pub(in crate::edge::http) const fn new(
        method: &'static str,
        path: &'static str,
        describe: Describe,
    ) -> Self {
        Self { method, path, describe }
    }
}

impl Routes {
    pub(in crate::edge::http) fn get<T: 'static>(
        self,
        path: &'static str,
        handler: impl Handler<T, App>,
        describe: Describe,
    ) -> Self {
        self.add("get", path, get(handler), describe)
    }

    pub(in crate::edge::http) fn post<T: 'static>(
        self,
        path: &'static str,
        handler: impl Handler<T, App>,
        describe: Describe,
    ) -> Self {
        self.add("post", path, post(handler), describe)
    }

    pub(in crate::edge::http) fn put<T: 'static>(
        self,
        path: &'static str,
        handler: impl Handler<T, App>,
        describe: Describe,
    ) -> Self {
        self.add("put", path, put(handler), describe)
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        handler: MethodRouter<App>,
        describe: Describe,
    ) -> Self {
        self.router = self.router.route(path, handler);
        self.described.push(Described::new(method, path, describe));
        self
    }

    pub(in crate::edge::http) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.described.extend(other.described);
        self
    }

    /// Puts layers around the router.
    pub(in crate::edge::http) fn with(
        self,
        layers: impl FnOnce(Router<App>) -> Router<App>,
    ) -> Self {
        Self { router: layers(self.router), ..self }
    }

    pub(in crate::edge::http) fn into_router(self) -> Router<App> {
        self.router
    }

    pub(in crate::edge::http) fn described(self) -> Vec<Described> {
        self.described
    }
}

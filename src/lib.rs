//! Repairs the text of scanned Chinese newspaper pages.
//!
//! Data flows one way: bytes are decoded ([`encoding`]), read as lines and
//! blocks ([`document`]), looked at by detectors and rule files ([`detect`],
//! [`rules`]) phase by phase ([`pipeline`]), their findings weighed against
//! each other ([`resolve`]) and applied ([`apply`]), and the whole told to
//! people and programs ([`report`]). `ARCHITECTURE.md` has the map.
//!
//! # Where to start
//! [`pipeline::Engine`] runs everything over one text.

pub mod apply;
pub mod article;
pub mod authoring;
pub mod cli;
pub mod config;
pub mod decision;
pub mod detect;
pub mod document;
pub mod encoding;
pub mod eval;
pub mod finding;
pub mod format;
pub mod lexicon;
pub mod model;
pub mod patch;
pub mod pipeline;
pub mod report;
pub mod resolve;
pub mod review;
pub mod rules;
pub mod text;

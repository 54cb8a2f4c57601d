//! Tests of the whole program and of whole documents; one binary, a module for
//! each part.

mod archive;
mod authoring;
mod calibrate;
mod cli;
mod cli_cases;
mod hostile;
mod house;
mod properties;
mod resume;
mod review;
mod rule_cache;
#[cfg(feature = "parquet")]
mod tables;

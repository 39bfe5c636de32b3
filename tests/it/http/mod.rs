//! The API as a client sees it: the real server, over HTTP, on each database.

mod access;
mod accounts;
mod client;
mod seed;
mod server;

//! The API as a client sees it: the real server, over HTTP, on each database.

mod client;
mod seed;
mod server;

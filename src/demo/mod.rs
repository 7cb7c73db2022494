//! The demo: sample feeds, a loopback feed server and a loopback mail sink.

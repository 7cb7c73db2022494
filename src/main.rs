//! Parse the arguments, start, print the error once, exit with its code.

fn main() {}

//! medlock
fn main(){}

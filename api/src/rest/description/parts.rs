//! What stands in a value of JSON, to be changed.

use serde_json::Value;

/// The members of an object; none of anything else.
pub(super) fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

/// The entries of a member that is a list; none of anything else.
pub(super) fn list<'a>(value: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    value.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

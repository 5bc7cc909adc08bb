//! RFC 8785 (JCS) within the journal's limits: writing it, and proving that bytes already are it.
//!
//! A line that was written is never re-serialised, so the checker walks the bytes themselves. It accepts
//! exactly what [`write()`] produces; a property test holds the two against each other.

use serde_json::Value;

/// Largest integer a line may hold, 2^53 - 1, in either sign.
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;
/// Deepest nesting a line may have.
const DEPTH_MAX: usize = 32;

/// The first place where bytes are not canonical, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not canonical at byte {at}: {why}")]
pub struct NotCanonical {
    /// Offset of the offending byte.
    pub at: usize,
    /// A reason code.
    pub why: &'static str,
}

/// Appends `value` in canonical form. Floats, nulls and integers beyond 2^53 - 1 have none.
pub fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let refuse = |why| Err(NotCanonical { at: 0, why });
    match value {
        Value::Null => refuse("null"),
        Value::Bool(truth) => {
            out.extend_from_slice(if *truth { b"true" } else { b"false" });
            Ok(())
        }
        Value::Number(number) => match number.as_i64() {
            Some(n) if n.abs() <= INTEGER_MAX => {
                out.extend_from_slice(n.to_string().as_bytes());
                Ok(())
            }
            Some(_) | None => refuse("number"),
        },
        Value::String(text) => {
            write_string(text, out);
            Ok(())
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
            Ok(())
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_bytes());
            out.push(b'{');
            for (i, (name, member)) in sorted.into_iter().enumerate() {
                if !is_member_name(name.as_bytes()) {
                    return refuse("member_name");
                }
                if i > 0 {
                    out.push(b',');
                }
                write_string(name, out);
                out.push(b':');
                write(member, out)?;
            }
            out.push(b'}');
            Ok(())
        }
    }
}

/// Appends a string with the escapes of ECMAScript's `JSON.stringify`, which RFC 8785 prescribes.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x00..=0x1f => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[
                    b'0' + (byte >> 4),
                    b"0123456789abcdef"[usize::from(byte & 15)],
                ]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// `[a-z][a-z0-9_]*`: with such names UTF-16 order is byte order.
fn is_member_name(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_lowercase)
        && name.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// Accepts exactly the canonical bytes of one JSON object and hands each of its members, name and raw
/// value, to `member`.
pub fn members<'a>(
    bytes: &'a [u8],
    mut member: impl FnMut(&'a str, &'a str),
) -> Result<(), NotCanonical> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(NotCanonical { at: error.valid_up_to(), why: "utf8" }),
    };
    let mut walk = Walk { bytes, at: 0 };
    if walk.peek() != Some(b'{') {
        return walk.refuse("object_expected");
    }
    walk.object(0, &mut |name, value| member(&text[name], &text[value]))?;
    if walk.at == bytes.len() { Ok(()) } else { walk.refuse("trailing_bytes") }
}

/// Accepts exactly the canonical bytes of one JSON object.
pub fn check(bytes: &[u8]) -> Result<(), NotCanonical> {
    members(bytes, |_, _| {})
}

type Span = std::ops::Range<usize>;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn refuse<T>(&self, why: &'static str) -> Result<T, NotCanonical> {
        Err(NotCanonical { at: self.at, why })
    }

    fn expect(&mut self, text: &'static [u8]) -> Result<(), NotCanonical> {
        if self.bytes[self.at..].starts_with(text) {
            self.at += text.len();
            Ok(())
        } else {
            self.refuse("syntax")
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), NotCanonical> {
        if depth > DEPTH_MAX {
            return self.refuse("depth");
        }
        match self.peek() {
            Some(b'{') => self.object(depth, &mut |_, _| {}),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(drop),
            Some(b't') => self.expect(b"true"),
            Some(b'f') => self.expect(b"false"),
            Some(b'n') => self.refuse("null"),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b' ' | b'\t' | b'\n' | b'\r') => self.refuse("whitespace"),
            Some(_) | None => self.refuse("syntax"),
        }
    }

    fn object(
        &mut self,
        depth: usize,
        member: &mut dyn FnMut(Span, Span),
    ) -> Result<(), NotCanonical> {
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let mut before: &'a [u8] = b"";
        loop {
            let start = self.at;
            if matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                return self.refuse("whitespace");
            }
            let name = self.string()?;
            let refuse = |why| Err(NotCanonical { at: start, why });
            if !is_member_name(name) {
                return refuse("member_name");
            }
            if name == before {
                return refuse("duplicate_member");
            }
            if name < before {
                return refuse("member_order");
            }
            before = name;
            if self.peek() != Some(b':') {
                return self.refuse(if self.blank() { "whitespace" } else { "syntax" });
            }
            self.at += 1;
            let value = self.at;
            self.value(depth + 1)?;
            member(start + 1..value - 2, value..self.at);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                Some(_) | None => {
                    return self.refuse(if self.blank() { "whitespace" } else { "syntax" });
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    fn blank(&self) -> bool {
        matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    fn array(&mut self, depth: usize) -> Result<(), NotCanonical> {
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                Some(_) | None => {
                    return self.refuse(if self.blank() { "whitespace" } else { "syntax" });
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Walks a string and answers the bytes between its quotes.
    fn string(&mut self) -> Result<&'a [u8], NotCanonical> {
        self.expect(b"\"")?;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(0x00..=0x1f) => return self.refuse("control_character"),
                Some(_) => self.at += 1,
                None => return self.refuse("syntax"),
            }
        }
        let text = &self.bytes[start..self.at];
        self.at += 1;
        Ok(text)
    }

    /// Only the escapes `write_string` writes: every other character stands for itself.
    fn escape(&mut self) -> Result<(), NotCanonical> {
        let rest = &self.bytes[self.at + 1..];
        match rest {
            [b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', ..] => self.at += 2,
            [b'u', b'0', b'0', high @ (b'0' | b'1'), low, ..] => {
                let low = match low {
                    b'0'..=b'9' => low - b'0',
                    b'a'..=b'f' => low - b'a' + 10,
                    _ => return self.refuse("escape"),
                };
                let code = (high - b'0') * 16 + low;
                if matches!(code, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d) {
                    return self.refuse("escape");
                }
                self.at += 6;
            }
            _ => return self.refuse("escape"),
        }
        Ok(())
    }

    fn integer(&mut self) -> Result<(), NotCanonical> {
        let start = self.at;
        let refuse = |why| Err(NotCanonical { at: start, why });
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        let digits = self.bytes[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let text = &self.bytes[self.at..self.at + digits];
        self.at += digits;
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return refuse("float");
        }
        if digits == 0 || (text[0] == b'0' && (digits > 1 || negative)) {
            return refuse("integer_form");
        }
        let value = text.iter().take(17).fold(0_i64, |n, d| n * 10 + i64::from(d - b'0'));
        if digits > 16 || value > INTEGER_MAX { refuse("integer_range") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_accepted_and_reads_back() {
        let text = r#"{"z":[],"a":{"b":[1,-9007199254740991,true,"ä\u0001\u001f\b\f\n\r\t\"\\/\u007f\u2028😀"]},"m":{}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        let mut bytes = Vec::new();
        write(&value, &mut bytes).unwrap();
        assert_eq!(check(&bytes), Ok(()));
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
        let mut names = Vec::new();
        members(&bytes, |name, raw| names.push((name, raw.len()))).unwrap();
        assert_eq!(names.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["a", "m", "z"]);
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        for (text, why) in [
            (r#"{"b":1,"a":1}"#, "member_order"),
            (r#"{"a":1,"a":1}"#, "duplicate_member"),
            (r#"{"A":1}"#, "member_name"),
            (r#"{"a": 1}"#, "whitespace"),
            (r#"{ "a":1}"#, "whitespace"),
            (r#"{"a":1 }"#, "whitespace"),
            (r#"{"a":1.0}"#, "float"),
            (r#"{"a":1e3}"#, "float"),
            (r#"{"a":-0}"#, "integer_form"),
            (r#"{"a":01}"#, "integer_form"),
            (r#"{"a":9007199254740992}"#, "integer_range"),
            (r#"{"a":99999999999999999999}"#, "integer_range"),
            (r#"{"a":null}"#, "null"),
            (r#"{"a":"\u0041"}"#, "escape"),
            (r#"{"a":"\u001F"}"#, "escape"),
            (r#"{"a":"\u000a"}"#, "escape"),
            (r#"{"a":"\/"}"#, "escape"),
            ("{\"a\":\"\n\"}", "control_character"),
            ("{\"a\":1}\n", "trailing_bytes"),
            ("[]", "object_expected"),
            (r#"{"a":1"#, "syntax"),
            (r#"{"a":[1,]}"#, "syntax"),
        ] {
            assert_eq!(check(text.as_bytes()).unwrap_err().why, why, "{text}");
        }
        assert_eq!(check(b"{\"a\":\"\xff\"}").unwrap_err().why, "utf8");
        assert_eq!(
            check("[".repeat(99).replacen('[', "{\"a\":[", 1).as_bytes()).unwrap_err().why,
            "depth"
        );
    }
}

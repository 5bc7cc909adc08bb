//! Just enough of Rust's grammar to tell code from comments, strings and tests.

/// One line of a file, taken apart.
#[derive(Debug, Default, Clone)]
pub(crate) struct Row {
    /// The code, every string literal emptied, without comments.
    pub(crate) code: String,
    /// What stands inside string literals that begin on this line.
    pub(crate) strings: Vec<String>,
    /// Whether it belongs to tests.
    pub(crate) test: bool,
}

/// A Rust file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Path from the root of the repository, with slashes.
    pub(crate) path: String,
    /// As it stands.
    pub(crate) text: String,
    /// Line by line.
    pub(crate) rows: Vec<Row>,
    /// Modules it declares for tests only.
    pub(crate) test_modules: Vec<String>,
}

enum Inside {
    Code,
    LineComment,
    BlockComment(usize),
    Text { raw_hashes: Option<usize> },
}

impl Source {
    /// Takes a file apart.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let mut rows = split(text);
        let test_modules = mark_tests(&mut rows);
        if path.starts_with("tests/") {
            rows.iter_mut().for_each(|row| row.test = true);
        }
        Self { path: path.to_owned(), text: text.to_owned(), rows, test_modules }
    }

    /// Rows that are not tests, with their numbers from 1.
    pub(crate) fn live(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.numbered().filter(|(_, row)| !row.test)
    }

    /// All rows with their numbers from 1.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().map(|(i, row)| (i + 1, row))
    }
}

fn split(text: &str) -> Vec<Row> {
    let chars: Vec<char> = text.chars().collect();
    let mut rows = vec![Row::default()];
    let mut inside = Inside::Code;
    // Where the literal being read began: a literal belongs to the row it begins on.
    let mut literal = (0, String::new());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let rest = &chars[at..];
        let mut step = 1;
        match inside {
            Inside::Code => {
                let last = rows.len() - 1;
                if rest.starts_with(&['/', '/']) {
                    inside = Inside::LineComment;
                } else if rest.starts_with(&['/', '*']) {
                    inside = Inside::BlockComment(1);
                    step = 2;
                } else if let Some((length, raw_hashes)) = literal_start(rest, &rows[last].code) {
                    inside = Inside::Text { raw_hashes };
                    literal = (last, String::new());
                    rows[last].code.push('"');
                    step = length;
                } else if let Some(length) = char_literal(rest) {
                    rows[last].code.push_str("' '");
                    step = length;
                } else if c != '\n' {
                    rows[last].code.push(c);
                }
            }
            Inside::LineComment if c == '\n' => inside = Inside::Code,
            Inside::LineComment => {}
            Inside::BlockComment(depth) if rest.starts_with(&['*', '/']) => {
                inside = if depth == 1 { Inside::Code } else { Inside::BlockComment(depth - 1) };
                step = 2;
            }
            Inside::BlockComment(depth) if rest.starts_with(&['/', '*']) => {
                inside = Inside::BlockComment(depth + 1);
                step = 2;
            }
            Inside::BlockComment(_) => {}
            Inside::Text { raw_hashes } => {
                let hashes = raw_hashes.unwrap_or(0);
                let closes = c == '"'
                    && rest[1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
                if closes {
                    rows[literal.0].strings.push(std::mem::take(&mut literal.1));
                    let last = rows.len() - 1;
                    rows[last].code.push('"');
                    inside = Inside::Code;
                    step = 1 + hashes;
                } else if c == '\\' && raw_hashes.is_none() {
                    literal.1.extend(rest.iter().take(2));
                    // A line that ends in a backslash still ends.
                    step = if rest.get(1) == Some(&'\n') { 1 } else { 2 };
                } else {
                    literal.1.push(c);
                }
            }
        }
        if c == '\n' {
            rows.push(Row::default());
        }
        at += step;
    }
    if rows.last().is_some_and(|row| row.code.is_empty()) {
        rows.pop();
    }
    rows
}

/// Length of a literal's opening (`"`, `b"`, `r#"` …), and its hashes if it is raw.
fn literal_start(rest: &[char], before: &str) -> Option<(usize, Option<usize>)> {
    if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return (rest[0] == '"').then_some((1, None));
    }
    let prefix = rest.iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count();
    if prefix > 2 {
        return None;
    }
    let raw = rest[..prefix].contains(&'r');
    let hashes = if raw { rest[prefix..].iter().take_while(|c| **c == '#').count() } else { 0 };
    let opens = rest.get(prefix + hashes) == Some(&'"');
    opens.then_some((prefix + hashes + 1, raw.then_some(hashes)))
}

/// Length of a character literal; none for a lifetime.
fn char_literal(rest: &[char]) -> Option<usize> {
    match rest {
        ['\'', '\\', ..] => rest.iter().skip(3).position(|c| *c == '\'').map(|n| n + 4),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

/// Marks rows of items under `#[cfg(test)]` and answers the modules among them that have their own file.
fn mark_tests(rows: &mut [Row]) -> Vec<String> {
    let mut files = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let code = rows[at].code.trim();
        if !(code.starts_with("#[cfg(test)]") || code.starts_with("#[cfg(all(test")) {
            at += 1;
            continue;
        }
        let mut depth = 0_usize;
        let mut ends = false;
        while at < rows.len() && !ends {
            let code = rows[at].code.clone();
            rows[at].test = true;
            let attribute = depth == 0 && code.trim_start().starts_with("#[");
            for c in code.chars().filter(|_| !attribute) {
                match c {
                    '{' => depth += 1,
                    '}' => {
                        depth = depth.saturating_sub(1);
                        ends |= depth == 0;
                    }
                    ';' => ends |= depth == 0,
                    _ => {}
                }
            }
            if let Some((_, name)) = code.split_once("mod ")
                && let Some(name) = name.strip_suffix(';')
            {
                files.push(name.to_owned());
            }
            at += 1;
        }
    }
    files
}

/// Where `word` stands in `code` by itself: not as a part of a longer name.
pub(crate) fn names(code: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let starts_open = word.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let ends_open = word.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !(starts_open && part(before) || ends_open && part(after))
    })
}

#[test]
fn comments_strings_and_tests_are_told_from_code() {
    let text = "let a = \"x // no\"; // yes\n/* b /* c */ d */ let e = r#\"f\"g\"#;\n\
                let h: &'static str = 'i';\nlet t = \"two\n lines\";\n#[cfg(test)]\nmod tests {\n\
                    fn j() {}\n}\nfn k() {}\n\
                #[cfg(test)]\npub(crate) mod spec;\nfn l() {}\n";
    let source = Source::of("a/src/b.rs", text);
    let code: Vec<_> = source.rows.iter().map(|row| row.code.trim()).collect();
    assert_eq!(code[0], "let a = \"\";");
    assert_eq!(code[1], "let e = \"\";");
    assert_eq!(code[2], "let h: &'static str = ' ';");
    assert_eq!(source.rows[0].strings, ["x // no"]);
    assert_eq!(source.rows[1].strings, ["f\"g"]);
    assert_eq!(source.rows[3].strings, ["two\n lines"]);
    let live: Vec<_> = source.live().map(|(number, _)| number).collect();
    assert_eq!(live, [1, 2, 3, 4, 5, 10, 13]);
    assert_eq!(source.test_modules, ["spec"]);
    assert!(names("x.open(y)", ".open(") && names("infra::a", "infra::"));
    assert!(!names("reopen(y)", "open(") && !names("my_infra::a", "infra::"));
}

//! A file as the rules see it: code told from comments, strings and tests, by the tokens of proc-macro2.

use proc_macro2::{Delimiter, LineColumn, Literal, Span, TokenStream, TokenTree};

/// One line of a file, taken apart.
#[derive(Debug, Default, Clone)]
pub(crate) struct Row {
    /// The code, every string literal emptied, without comments, one blank where there are some.
    pub(crate) code: String,
    /// What stands inside string literals that begin on this line, as it is written.
    pub(crate) strings: Vec<String>,
    /// Whether it belongs to tests.
    pub(crate) test: bool,
    /// Whether it belongs to a `use`.
    pub(crate) import: bool,
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

impl Source {
    /// Takes a file apart.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let tokens: TokenStream =
            text.parse().unwrap_or_else(|error| panic!("{path}: no Rust: {error}\n{text}"));
        let mut page = Page::of(text);
        page.write(tokens.clone());
        let mut rows = page.rows;
        let mut test_modules = Vec::new();
        mark_imports(tokens.clone(), &mut rows);
        mark_tests(tokens, &mut rows, &mut test_modules);
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

/// The rows being written: each token where it stands.
struct Page<'a> {
    lines: Vec<&'a str>,
    rows: Vec<Row>,
    /// Where the last token ended.
    end: LineColumn,
}

impl<'a> Page<'a> {
    fn of(text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let rows = vec![Row::default(); lines.len()];
        Self { lines, rows, end: LineColumn { line: 0, column: 0 } }
    }

    fn write(&mut self, tokens: TokenStream) {
        for token in tokens {
            // A comment of documentation is an attribute to the compiler, and prose to us.
            if self.is_prose(&token) {
                continue;
            }
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    self.put(group.span_open(), open);
                    self.write(group.stream());
                    self.put(group.span_close(), close);
                }
                TokenTree::Ident(word) => self.put(word.span(), &word.to_string()),
                TokenTree::Punct(mark) => self.put(mark.span(), &mark.as_char().to_string()),
                TokenTree::Literal(literal) => self.literal(&literal),
            }
        }
    }

    fn is_prose(&self, token: &TokenTree) -> bool {
        let attribute = match token {
            TokenTree::Punct(mark) => matches!(mark.as_char(), '#' | '!'),
            TokenTree::Group(group) => group.delimiter() == Delimiter::Bracket,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        let at = token.span().start();
        attribute && self.lines[at.line - 1].chars().nth(at.column) == Some('/')
    }

    fn literal(&mut self, literal: &Literal) {
        let (span, text) = (literal.span(), literal.to_string());
        let inside = text.trim_start_matches(['b', 'c', 'r']).trim_matches('#');
        if let Some(inside) = inside.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            self.rows[span.start().line - 1].strings.push(inside.to_owned());
            self.put(span, "\"");
            let (start, end) = (self.end, span.end());
            if start.line != end.line {
                self.end = LineColumn { line: end.line, column: 0 };
            }
            self.rows[end.line - 1].code.push('"');
            self.end = end;
        } else if inside.starts_with('\'') {
            self.put(span, "' '");
        } else {
            self.put(span, &text);
        }
    }

    fn put(&mut self, span: Span, text: &str) {
        let (start, end) = (span.start(), span.end());
        let row = &mut self.rows[start.line - 1].code;
        if start.line != self.end.line {
            row.extend(std::iter::repeat_n(' ', start.column));
        } else if start.column > self.end.column {
            row.push(' ');
        }
        row.push_str(text);
        self.end = end;
    }
}

/// Marks the rows of `use` declarations.
fn mark_imports(tokens: TokenStream, rows: &mut [Row]) {
    let mut begun = None;
    for token in tokens {
        let line = token.span().start().line;
        match (token, begun) {
            (TokenTree::Ident(word), None) if word == "use" => begun = Some(line),
            (TokenTree::Punct(mark), Some(first)) if mark.as_char() == ';' => {
                rows[first - 1..line].iter_mut().for_each(|row| row.import = true);
                begun = None;
            }
            // `use<'a>` captures a lifetime and imports nothing.
            (TokenTree::Punct(mark), Some(_)) if mark.as_char() == '<' => begun = None,
            (TokenTree::Group(group), None) => mark_imports(group.stream(), rows),
            _ => {}
        }
    }
}

/// Marks the rows of what is there for tests only, and finds the modules among it that have their own file.
fn mark_tests(tokens: TokenStream, rows: &mut [Row], files: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let attribute = match (&token, tokens.peek()) {
            (TokenTree::Punct(mark), Some(TokenTree::Group(group))) if mark.as_char() == '#' => {
                Some(group.stream())
            }
            (TokenTree::Group(group), _) => {
                mark_tests(group.stream(), rows, files);
                None
            }
            _ => None,
        };
        if attribute.is_some_and(is_for_tests) {
            let begins = token.span().start().line;
            let item = item(&mut tokens);
            let ends = item.last().map_or(begins, |last| last.span().end().line);
            rows[begins - 1..ends].iter_mut().for_each(|row| row.test = true);
            if let [.., TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(_)] =
                &item[..]
                && word == "mod"
            {
                files.push(name.to_string());
            }
        }
    }
}

/// The tokens of an item, a statement or a member up to its end, attributes included.
fn item(tokens: &mut impl Iterator<Item = TokenTree>) -> Vec<TokenTree> {
    const ITEMS: [&str; 11] =
        ["fn", "struct", "enum", "impl", "trait", "type", "const", "static", "mod", "use", "let"];
    let mut taken: Vec<TokenTree> = Vec::new();
    let mut is_item = false;
    for token in tokens {
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(mark) => mark.as_char() == ';' || mark.as_char() == ',' && !is_item,
            TokenTree::Ident(word) => {
                is_item |= ITEMS.iter().any(|item| word == item);
                false
            }
            TokenTree::Literal(_) => false,
        };
        taken.push(token);
        if ends {
            break;
        }
    }
    taken
}

/// Whether an attribute's words are `cfg(test)` or `cfg(all(test, …))`.
fn is_for_tests(attribute: TokenStream) -> bool {
    let mut words = attribute.into_iter();
    match (words.next(), words.next()) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Group(group))) if word == "cfg" => {
            demands_test(group.stream())
        }
        _ => false,
    }
}

/// Whether a condition of `cfg` holds in tests only.
pub(crate) fn demands_test(condition: TokenStream) -> bool {
    let mut words = condition.into_iter();
    let mut demanded = false;
    while let Some(word) = words.next() {
        match word {
            TokenTree::Ident(word) if word == "test" => demanded = true,
            // What stands in these need not hold.
            TokenTree::Ident(word) if word == "not" || word == "any" => drop(words.next()),
            TokenTree::Group(group) => demanded |= demands_test(group.stream()),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    demanded
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

//! Which file of a crate needs which other for what: from `use` declarations and from paths in code, each
//! followed to the file that defines the name.

#![allow(clippy::wildcard_enum_match_arm, reason = "syn's enums are not ours, and grow")]

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemUse, Macro, Meta, Path, UseTree, Visibility};

use crate::rust::{Source, demands_test};

/// What one file needs of others: file, and the names it takes from there.
pub(crate) type Needs = BTreeMap<String, BTreeSet<String>>;

/// A module: its path in the crate, the crate's name left out.
type Module = Vec<String>;

/// What a module holds, tests apart.
#[derive(Default)]
struct Inside {
    file: String,
    /// Names declared there.
    defines: BTreeSet<String>,
    /// Names it has from elsewhere, and from where; what it passes on with `pub use` too.
    imports: BTreeMap<String, Vec<String>>,
    /// What it names. A `pub use` alone names nothing: who imports through it needs the file behind it.
    paths: BTreeSet<Vec<String>>,
}

/// One crate's production code.
pub(crate) struct Crate(BTreeMap<Module, Inside>);

impl Crate {
    /// Reads the files below `folder`, as in `domain/src/`. A binary's `main.rs` is nobody's module.
    pub(crate) fn of(folder: &str, sources: &[Source]) -> Self {
        let mut modules = BTreeMap::new();
        for source in sources.iter().filter(|source| source.live().next().is_some()) {
            let Some(path) = source.path.strip_prefix(folder) else { continue };
            if path == "main.rs" || path.starts_with("bin/") {
                continue;
            }
            let path = path.trim_end_matches(".rs");
            let module = path.split('/').filter(|part| *part != "lib").map(str::to_owned);
            let file = syn::parse_file(&source.text)
                .unwrap_or_else(|error| panic!("{}: {error}", source.path));
            take(&mut modules, module.collect(), &source.path, &file.items);
        }
        Self(modules)
    }

    /// What each file needs of the others.
    pub(crate) fn needs(&self) -> BTreeMap<String, Needs> {
        let mut all: BTreeMap<String, Needs> = BTreeMap::new();
        for (module, inside) in &self.0 {
            for path in &inside.paths {
                let Some((file, name)) = self.home(module, path) else { continue };
                if *file != inside.file {
                    let needs = all.entry(inside.file.clone()).or_default();
                    needs.entry(file.clone()).or_default().insert(name);
                }
            }
        }
        all
    }

    /// The file that defines what `path` means in `module`, and its name there; none if that is another
    /// crate's.
    fn home(&self, module: &Module, path: &[String]) -> Option<(&String, String)> {
        let (first, mut rest) = path.split_first()?;
        let mut at = module.clone();
        match first.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            name => match self.0.get(module)?.imports.get(name) {
                Some(from) if from[0] != *name => {
                    return self.home(module, &[from.as_slice(), rest].concat());
                }
                // A word by itself is a value or a type, never a module.
                Some(_) | None if rest.is_empty() => return None,
                Some(_) | None => at = self.child(&at, name)?,
            },
        }
        while let Some((name, further)) = rest.split_first() {
            let inside = self.0.get(&at)?;
            if name == "super" {
                at.pop();
            } else if let Some(child) = self.child(&at, name) {
                at = child;
            } else {
                return match inside.imports.get(name) {
                    Some(from) if !inside.defines.contains(name) => {
                        self.home(&at, &[from.as_slice(), further].concat())
                    }
                    // Declared there, by a macro perhaps.
                    Some(_) | None => Some((&inside.file, name.clone())),
                };
            }
            rest = further;
        }
        let name = at.last().cloned().unwrap_or_else(|| "crate".to_owned());
        Some((&self.0.get(&at)?.file, name))
    }

    fn child(&self, module: &Module, name: &str) -> Option<Module> {
        let child: Module = module.iter().cloned().chain([name.to_owned()]).collect();
        self.0.contains_key(&child).then_some(child)
    }
}

/// Reads a module's items, and those of the modules that stand inside it.
fn take(modules: &mut BTreeMap<Module, Inside>, module: Module, file: &str, items: &[Item]) {
    let mut inside = Inside { file: file.to_owned(), ..Inside::default() };
    for item in items {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Macro(item) => item.ident.as_ref(),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Mod(inner) if !for_tests(&inner.attrs) => {
                let path = module.iter().cloned().chain([inner.ident.to_string()]).collect();
                if let Some((_, items)) = &inner.content {
                    take(modules, path, file, items);
                }
                continue;
            }
            _ => None,
        };
        inside.defines.extend(name.map(ToString::to_string));
        inside.visit_item(item);
    }
    modules.insert(module, inside);
}

impl<'ast> Visit<'ast> for Inside {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Macro(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            Item::Type(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let private = matches!(item.vis, Visibility::Inherited);
        let mut found = Vec::new();
        leaves(&item.tree, Vec::new(), &mut found);
        for (name, path) in found {
            if private {
                self.paths.insert(path.clone());
            }
            self.imports.insert(name, path);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let words = path.segments.iter().map(|segment| segment.ident.to_string());
        self.paths.insert(words.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        self.words(called.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.words(list.tokens.clone());
        }
    }

    // `pub(in crate::x)` needs nothing of `x`.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

impl Inside {
    /// Paths among words that only a macro can read, also those it is given as text (serde's `with`).
    fn words(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut joined = false;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if joined => path.push(word.to_string()),
                TokenTree::Ident(word) => {
                    self.end(std::mem::replace(&mut path, vec![word.to_string()]));
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    joined = !path.is_empty();
                    continue;
                }
                TokenTree::Punct(_) => self.end(std::mem::take(&mut path)),
                TokenTree::Group(group) => {
                    self.end(std::mem::take(&mut path));
                    self.words(group.stream());
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let text = text.trim_matches('"');
                    if text.starts_with("crate::") || text.starts_with("super::") {
                        self.end(text.split("::").map(str::to_owned).collect());
                    }
                }
            }
            joined = false;
        }
        self.end(path);
    }

    /// A word by itself may be a field or a variable; a type's name is taken for one.
    fn end(&mut self, path: Vec<String>) {
        let is_type = path.first().is_some_and(|word| word.starts_with(char::is_uppercase));
        if path.len() > 1 || is_type {
            self.paths.insert(path);
        }
    }
}

/// The names a `use` brings, each with its path.
fn leaves(tree: &UseTree, mut path: Vec<String>, found: &mut Vec<(String, Vec<String>)>) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            leaves(&part.tree, path, found);
        }
        UseTree::Name(name) if name.ident == "self" => {
            found.extend(path.last().cloned().map(|name| (name, path)));
        }
        UseTree::Name(name) => {
            path.push(name.ident.to_string());
            found.push((name.ident.to_string(), path));
        }
        UseTree::Rename(name) => {
            if name.ident != "self" {
                path.push(name.ident.to_string());
            }
            found.push((name.rename.to_string(), path));
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| leaves(tree, path.clone(), found));
        }
        // None stands anywhere: `style.rs` sees to it.
        UseTree::Glob(_) => {}
    }
}

/// Whether an item is there for tests only: `cfg(test)`, `cfg(all(test, …))`.
fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => demands_test(list.tokens.clone()),
        Meta::List(_) | Meta::Path(_) | Meta::NameValue(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::of(path, text)).collect();
        let needs = Crate::of("a/src/", &sources).needs();
        let lines = needs.iter().flat_map(|(from, needs)| {
            needs.iter().map(move |(to, names)| {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                format!("{} -> {}: {}", &from[6..], &to[6..], names.join(", "))
            })
        });
        lines.collect()
    }

    #[test]
    fn a_name_is_needed_of_the_file_that_defines_it() {
        let lib = ("a/src/lib.rs", "mod b;\npub mod c;\npub use self::c::D;\npub use b::B;\n");
        let c = ("a/src/c.rs", "mod d;\npub use d::D;\npub fn c() {}\n");
        let d = ("a/src/c/d.rs", "pub struct D;\n");
        for uses in [
            "use crate::D;",
            "use crate::c::D;",
            "use super::{c::D};",
            "fn f(d: super::D) {}",
            "fn f() { crate::c::D::new() }",
            "fn f() { g!(x, [crate::c::D::new()]) }",
            "#[serde(with = \"crate::c::D\")]\nstruct X;",
            "mod e {\n    use crate::c::D as E;\n}",
        ] {
            let found = needs(&[lib, c, d, ("a/src/b.rs", uses)]);
            assert_eq!(found, ["b.rs -> c/d.rs: D"], "{uses}");
        }
        let module = needs(&[lib, c, d, ("a/src/b.rs", "use crate::c::{self, c as e};")]);
        assert_eq!(module, ["b.rs -> c.rs: c"]);
        let used = ("a/src/lib.rs", "mod c;\npub use self::c::D;\nfn f(d: D) {}\n");
        assert_eq!(needs(&[used, c, d]), ["lib.rs -> c/d.rs: D"]);
    }

    #[test]
    fn tests_other_crates_and_words_alone_need_nothing() {
        let lib = ("a/src/lib.rs", "mod b;\nmod c;\n");
        let c = ("a/src/c.rs", "pub struct D;\n");
        for uses in [
            "#[cfg(test)]\nmod tests {\n    use crate::c::D;\n}",
            "#[cfg(all(test, unix))]\nuse crate::c::D;",
            "impl X {\n    #[cfg(test)]\n    fn f() { crate::c::D; }\n}",
            "use c::D;",
            "use other::c::D;",
            "fn f(c: u8) { g!(c); h(c) }",
            "pub(in crate::c) struct X;",
            "// crate::c::D",
        ] {
            let found = needs(&[lib, c, ("a/src/b.rs", uses)]);
            assert_eq!(found, Vec::<String>::new(), "{uses}");
        }
        let not = "#[cfg(not(test))]\nuse crate::c::D;";
        assert_eq!(needs(&[lib, c, ("a/src/b.rs", not)]).len(), 1);
    }
}

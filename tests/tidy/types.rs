//! The types a file declares and the traits it implements, as syn reads them.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    ItemEnum, ItemImpl, ItemStruct, ItemTrait, ItemType, ItemUnion, Macro, Type, Visibility,
};

use crate::rust::Source;

/// A struct, an enum, a trait, a union or an alias; an associated type is none, its trait names it.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) name: String,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// Whether it can be seen outside its module.
    pub(crate) public: bool,
    /// Whether it belongs to tests.
    pub(crate) test: bool,
}

/// An `impl` of a trait.
#[derive(Debug)]
pub(crate) struct Implemented {
    /// The trait's name, without its path.
    pub(crate) name: String,
    /// The type's, without its path and parameters.
    pub(crate) by: String,
    line: usize,
}

/// What a file declares, also inside functions and macros.
pub(crate) fn types(source: &Source) -> Vec<Declared> {
    let mut found = Found::of(source).types;
    for one in &mut found {
        one.test = source.rows[one.line - 1].test;
    }
    found
}

/// What a file implements outside tests.
pub(crate) fn implemented(source: &Source) -> Vec<Implemented> {
    let mut found = Found::of(source).implemented;
    found.retain(|one| !source.rows[one.line - 1].test);
    found
}

#[derive(Default)]
struct Found {
    types: Vec<Declared>,
    implemented: Vec<Implemented>,
}

impl Found {
    fn of(source: &Source) -> Self {
        let file = syn::parse_file(&source.text)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}", source.path, source.text));
        let mut found = Self::default();
        found.visit_file(&file);
        found
    }

    fn declared(&mut self, name: &Ident, seen: &Visibility) {
        self.add(name, !matches!(seen, Visibility::Inherited));
    }

    fn add(&mut self, name: &Ident, public: bool) {
        let line = name.span().start().line;
        self.types.push(Declared { name: name.to_string(), line, public, test: false });
    }

    /// Declarations in what only a macro can read. A macro's `$name` is no name.
    fn tokens(&mut self, tokens: TokenStream) {
        const KINDS: [&str; 4] = ["struct", "enum", "trait", "union"];
        let mut public = false;
        let mut declares = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    // `pub(crate)` goes on behind its brackets.
                    declares = false;
                }
                TokenTree::Ident(name) if declares => {
                    self.add(&name, public);
                    (declares, public) = (false, false);
                }
                TokenTree::Ident(word) if word == "pub" => public = true,
                TokenTree::Ident(word) => declares = KINDS.iter().any(|kind| word == kind),
                TokenTree::Punct(_) | TokenTree::Literal(_) => (declares, public) = (false, false),
            }
        }
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.declared(&item.ident, &item.vis);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.declared(&item.ident, &item.vis);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_union(&mut self, item: &'ast ItemUnion) {
        self.declared(&item.ident, &item.vis);
        visit::visit_item_union(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.declared(&item.ident, &item.vis);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        self.declared(&item.ident, &item.vis);
        visit::visit_item_type(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if let Some((path, _)) = &item.trait_
            && let Type::Path(by) = &*item.self_ty
            && let (Some(name), Some(by)) = (path.segments.last(), by.path.segments.last())
        {
            let line = by.ident.span().start().line;
            let (name, by) = (name.ident.to_string(), by.ident.to_string());
            self.implemented.push(Implemented { name, by, line });
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.tokens(called.tokens.clone());
    }
}

#[test]
fn types_are_found_wherever_they_are_declared() {
    let text = "pub struct A;\npub(crate) enum B {}\ntrait C {\n    type No;\n}\nfn f() {\n    \
                struct D;\n}\nmake! {\n    pub enum E {}\n    $(pub struct $no;)*\n}\n\
                #[cfg(test)]\nmod tests {\n    type F = u8;\n}\nimpl X for Y {\n    type No = u8;\n}\n";
    let found = types(&Source::of("a/src/b.rs", text));
    let told: Vec<_> = found.iter().map(|t| (&*t.name, t.line, t.public, t.test)).collect();
    let expected = [
        ("A", 1, true, false),
        ("B", 2, true, false),
        ("C", 3, false, false),
        ("D", 7, false, false),
        ("E", 10, true, false),
        ("F", 15, false, true),
    ];
    assert_eq!(told, expected);
}

//! The modules of each crate depend on each other in one direction.
#![allow(clippy::unwrap_used, reason = "a test panics with the error")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of airq-core. A module may use only modules above it.
const ORDER: [&str; 41] = [
    "text",
    "percent",
    "secret",
    "hash",
    "random",
    "bit_set",
    "memo",
    "clock",
    "deadline",
    "trace",
    "error",
    "model",
    "configuration",
    "format",
    "gzip",
    "pool",
    "url_settings",
    "trust_store",
    "simulation",
    "finding",
    "observe",
    "aqi",
    "csv",
    "account",
    "query",
    "encode",
    "rows",
    "input",
    "aggregate",
    "repository",
    "documents",
    "cache",
    "import",
    "rating",
    "compliance",
    "doctor",
    "engine",
    "chart",
    "testing",
    "internal",
    "lib",
];

/// The modules that each module of a crate uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The source files of a folder, without unit tests.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// The code of a file without comments and without its unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The first names after each `crate::` of the code, also within braces.
fn used_modules(code: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let name = |text: &str| text.trim_start().split(|letter| !is_name(letter)).next().unwrap().to_owned();
    let mut used = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let is_part_of_name = code[..start].ends_with(is_name);
        if is_part_of_name {
            continue;
        }
        let rest = &code[start + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => drop(used.insert(name(rest))),
            Some(list) => used.extend(outer_items(list).into_iter().map(name)),
        }
    }
    used
}

/// The items of a list in braces, up to its closing brace.
fn outer_items(list: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut start = 0;
    let mut items = Vec::new();
    for (position, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&list[start..position]);
                return items;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    items
}

fn uses(crate_name: &str) -> Uses {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_name).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut uses = Uses::new();
    for file in &files {
        let relative = file.strip_prefix(&source).unwrap();
        let module = relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        let names = uses.entry(module.clone()).or_default();
        names.extend(used_modules(&code(file)).into_iter().filter(|used| *used != module));
    }
    let modules: BTreeSet<String> = uses.keys().cloned().collect();
    let exports = exports(&source.join("lib.rs"));
    for (module, used) in &mut uses {
        let resolved = used.iter().map(|used| exports.get(used).unwrap_or(used).clone());
        *used = resolved.filter(|used| modules.contains(used) && used != module).collect();
    }
    uses
}

/// The names that the root of a crate exports, and the modules that they are from.
fn exports(root: &Path) -> BTreeMap<String, String> {
    if !root.exists() {
        return BTreeMap::new();
    }
    let code = code(root);
    let mut exports = BTreeMap::new();
    for statement in code.split(';') {
        let Some((_, path)) = statement.split_once("pub use ") else { continue };
        let Some((module, names)) = path.split_once("::") else { continue };
        for name in names.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
            exports.insert(name.to_owned(), module.trim().to_owned());
        }
    }
    exports
}

/// A path from `module` back to `module`, if there is one.
fn circle<'a>(uses: &'a Uses, module: &'a str) -> Option<Vec<&'a str>> {
    let mut paths = vec![vec![module]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in &uses[*path.last().unwrap()] {
            let mut longer = path.clone();
            longer.push(next);
            if next == module {
                return Some(longer);
            }
            if seen.insert(next) {
                paths.push(longer);
            }
        }
    }
    None
}

#[test]
fn modules_of_the_core_use_only_modules_above_them() {
    let rank = |module: &str| ORDER.iter().position(|known| *known == module);
    for (module, used) in uses("airq-core") {
        let own = rank(&module).unwrap_or_else(|| panic!("{module} is not in the order of modules"));
        for other in used {
            assert!(rank(&other).unwrap() < own, "{module} uses {other}, which is below it");
        }
    }
}

#[test]
fn no_crate_has_a_circle_of_modules() {
    for crate_name in ["airq-core", "airq-cli", "airq-server", "benches"] {
        let uses = uses(crate_name);
        assert!(uses.len() > 3, "{crate_name} has modules");
        for module in uses.keys().filter(|module| *module != "lib" && *module != "main") {
            let found = circle(&uses, module);
            assert!(found.is_none(), "{crate_name}: {}", found.unwrap_or_default().join(" → "));
        }
    }
}

#[test]
fn use_lines_are_read() {
    let code =
        "use crate::model::{A, B};\nuse crate::{query::Query, csv};\nfn f() { my_crate::x(); crate::error::fail() }";
    let expected = ["csv", "error", "model", "query"].map(str::to_owned);
    assert_eq!(used_modules(code), BTreeSet::from(expected));
}

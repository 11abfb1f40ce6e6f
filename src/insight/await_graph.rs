//! Which function of a program awaits which, found in its source.
//!
//! The graph answers one question: by which awaits can a task that begins in one function come to an
//! await in another one? [`AwaitGraph::paths`] lists the answers in the order of the source.
//!
//! What an await waits for follows from its expression:
//!
//! * `download(url).await` awaits the function `download`, whatever its arguments are.
//! * `timeout(limit, download(url)).await` calls a function that the source does not contain. It may
//!   await its arguments, so it awaits `download`.
//! * `hello.await` awaits what the last `let hello = …` before it creates. If `hello` is a parameter,
//!   it awaits what the callers of its function pass to it.
//! * `reads()[0].await` awaits the functions that `reads` calls, if `reads` is not async itself.
//! * What is passed to `spawn` runs in a task of its own: `spawn(download(url)).await` awaits no
//!   function.

use std::{collections::HashMap, ops::Range};

use crate::trace::Meta;

use super::rust_code::{
    RustCode, RustFunction, TokenKind, is_conditional, list, parameter, same_file, statement_end,
};

/// The most paths that are looked for.
const PATHS: usize = 64;

/// The most functions of a path, and the most steps from a name to what it is bound to.
const DEPTH: usize = 12;

/// The functions whose arguments become tasks.
const SPAWNERS: [&str; 5] = ["spawn", "spawn_local", "gather", "as_completed", "unblock"];

/// A file larger than this is not analysed, so that a frame stays fast.
const LARGEST: usize = 128 * 1024;

/// Nor are further files once those before have this many bytes, or this many are analysed.
const ALL_FILES: usize = 2 * LARGEST;
const MOST_FILES: usize = 500;

/// The name of a function is shorter. A task's name may have megabytes.
const LONGEST_NAME: usize = 1024;

/// A function of a program: its file and its number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FunctionId {
    pub(super) file: usize,
    pub(super) number: usize,
}

/// A token in a function: an await, or a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodePlace {
    pub(super) function: FunctionId,
    pub(super) token: usize,
}

/// Where a task begins: a function, or an `async` block in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskEntry {
    pub(super) function: FunctionId,
    /// The tokens that the task may execute in that function.
    pub(super) within: Range<usize>,
}

/// The places on the way from the beginning of a task to an await, outermost first.
pub(super) type AwaitPath = Vec<CodePlace>;

/// What leads from one function to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkKind {
    /// An await.
    Await,
    /// Any call: some waits are in a function that is not awaited itself, such as `poll_next`.
    Call,
}

/// The functions of a program.
#[derive(Debug)]
pub(super) struct AwaitGraph<'a> {
    pub(super) files: Vec<RustCode<'a>>,
    /// The functions of each name.
    names: HashMap<&'a str, Vec<FunctionId>>,
}

impl<'a> AwaitGraph<'a> {
    /// The graph of the Rust sources of a trace.
    pub(super) fn new(meta: &'a Meta) -> AwaitGraph<'a> {
        let rust = meta
            .sources
            .iter()
            .filter(|(name, text)| name.strip_suffix(".rs").is_some() && text.len() <= LARGEST);
        let mut left = ALL_FILES;
        let rust = rust.take(MOST_FILES).take_while(|(_, text)| {
            let fits = text.len() <= left;
            left = left.saturating_sub(text.len());
            fits
        });
        let files: Vec<RustCode<'a>> = rust.map(|(name, text)| RustCode::new(name, text)).collect();
        let mut names: HashMap<&str, Vec<FunctionId>> = HashMap::new();
        for (file, code) in files.iter().enumerate() {
            for (number, function) in code.functions.iter().enumerate() {
                let id = FunctionId { file, number };
                names.entry(function.name).or_default().push(id);
            }
        }
        AwaitGraph { files, names }
    }

    /// The file that the compiler calls `path`.
    pub(super) fn file(&self, path: &str) -> Option<usize> {
        let files = self.files.iter().enumerate();
        files
            .filter(|(_, code)| same_file(path, code.file))
            .max_by_key(|(_, code)| code.file.len())
            .map(|(file, _)| file)
    }

    pub(super) fn function(&self, id: FunctionId) -> &RustFunction<'a> {
        &self.files[id.file].functions[id.number]
    }

    /// The functions of a name.
    pub(super) fn named(&self, name: &str) -> &[FunctionId] {
        if name.len() > LONGEST_NAME {
            return &[];
        }
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// A task that begins with a whole function.
    pub(super) fn whole(&self, function: FunctionId) -> TaskEntry {
        TaskEntry {
            function,
            within: self.function(function).body.clone(),
        }
    }

    /// The token of the call that starts a task at a location. A recording by another program may
    /// lack the column; then it is the first such call on the line.
    pub(super) fn spawn_at(&self, file: usize, line: u32, column: u32) -> Option<usize> {
        let code = &self.files[file];
        code.token_at(line, column).or_else(|| {
            code.tokens.iter().position(|token| {
                token.line == line && SPAWNERS.iter().any(|name| token.is_word(name))
            })
        })
    }

    /// The functions and blocks that a call such as `spawn(…)` at a token may start as tasks.
    pub(super) fn started_by(&self, file: usize, at: usize) -> Vec<TaskEntry> {
        let code = &self.files[file];
        let Some(number) = code.function_of(at) else {
            return Vec::new();
        };
        let function = FunctionId { file, number };
        let mut open = at;
        while code
            .token(open)
            .is_some_and(|token| token.kind == TokenKind::Word || token.is(":"))
        {
            open += 1;
        }
        let arguments = open + 1..code.partner(open);
        // `async {`, `async move {`, or the body of a closure, `|| {`.
        let is_block = |at: &usize| {
            let before = &code.tokens[at - 1];
            code.tokens[*at].is("{")
                && (before.is("|") || before.is_word("async") || before.is_word("move"))
        };
        if let Some(block) = arguments.clone().find(is_block) {
            let within = block + 1..code.partner(block);
            return vec![TaskEntry { function, within }];
        }
        let mut found = Vec::new();
        self.awaited(function, arguments, DEPTH, &mut found);
        // A function that is not async only makes the future of one that is.
        if found.iter().any(|id| self.function(*id).is_async) {
            found.retain(|id| self.function(*id).is_async);
        }
        found.into_iter().map(|id| self.whole(id)).collect()
    }

    /// The paths from the beginning of a task to a place.
    pub(super) fn paths(&self, entry: &TaskEntry, to: CodePlace, by: LinkKind) -> Vec<AwaitPath> {
        let mut search = PathSearch {
            graph: self,
            to,
            by,
            path: Vec::new(),
            found: Vec::new(),
        };
        search.visit(entry);
        search.found
    }

    /// The awaits in a part of a function, without those of functions inside it.
    fn awaits(&self, entry: &TaskEntry) -> Vec<usize> {
        let code = &self.files[entry.function.file];
        let is_await = |at: &usize| {
            code.tokens[*at].is_word("await")
                && at
                    .checked_sub(1)
                    .is_some_and(|dot| code.tokens[dot].is("."))
                && code.function_of(*at) == Some(entry.function.number)
                && !self.is_passed_on(entry.function, *at)
        };
        entry.within.clone().filter(is_await).collect()
    }

    /// Whether a token is in the arguments of a function of this program: a closure or block there
    /// is awaited by that function.
    fn is_passed_on(&self, function: FunctionId, at: usize) -> bool {
        let code = &self.files[function.file];
        let body = self.function(function).body.clone();
        (body.start + 1..at).any(|open| {
            let call = &code.tokens[open - 1];
            code.tokens[open].is("(")
                && code.partner(open) > at
                && call.kind == TokenKind::Word
                && !self.named(call.text).is_empty()
        })
    }

    /// The calls of functions of this program in a part of a function, each with its functions.
    fn calls(&self, entry: &TaskEntry) -> Vec<(usize, Vec<FunctionId>)> {
        let code = &self.files[entry.function.file];
        let words = entry.within.clone().filter(|at| {
            code.tokens[*at].kind == TokenKind::Word
                && code.function_of(*at) == Some(entry.function.number)
        });
        words
            .map(|at| (at, self.named(code.tokens[at].text).to_vec()))
            .filter(|(_, found)| !found.is_empty())
            .collect()
    }

    /// The first token of the expression that is awaited at a token.
    fn expression_start(&self, file: usize, at: usize) -> usize {
        let code = &self.files[file];
        // Backwards over `name`, `name(…)`, `name[…]`, `{…}`, `?`, `!`, as long as they are joined.
        let mut begin = at.saturating_sub(1);
        while let Some(last) = begin.checked_sub(1) {
            let token = &code.tokens[last];
            let joined = match token.kind {
                TokenKind::Literal => false,
                TokenKind::Word => {
                    let after = &code.tokens[begin];
                    after.kind == TokenKind::Sign && !after.is("{")
                }
                TokenKind::Sign => matches!(token.text, ")" | "]" | "}" | "?" | "." | ":" | "!"),
            };
            if !joined || (token.is("}") && !code.tokens[begin].is(".")) {
                break;
            }
            begin = code.partner(last).min(last);
        }
        begin
    }

    /// Adds the functions that an expression in a function awaits.
    fn awaited(
        &self,
        function: FunctionId,
        expression: Range<usize>,
        depth: usize,
        found: &mut Vec<FunctionId>,
    ) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let code = &self.files[function.file];
        let mut at = expression.start;
        while at < expression.end {
            let token = &code.tokens[at];
            let is = |index: usize, sign| code.token(index).is_some_and(|token| token.is(sign));
            let after_dot = at.checked_sub(1).is_some_and(|dot| is(dot, "."));
            at += 1;
            if token.kind != TokenKind::Word {
                continue;
            }
            if is(at, "(") {
                let methods = |id: &FunctionId| self.is_method(*id) == after_dot;
                let known: Vec<FunctionId> = self
                    .named(token.text)
                    .iter()
                    .copied()
                    .filter(methods)
                    .collect();
                let arguments = at + 1..code.partner(at);
                if SPAWNERS.contains(&token.text) || !known.is_empty() {
                    at = arguments.end + 1;
                } else if !after_dot {
                    // A call of a parameter or of a variable that is a function.
                    self.bound_to(function, at - 1, depth, found);
                }
                self.add(&known, depth, found);
            } else if !after_dot && !is(at, "!") && !is(at, ":") {
                self.bound_to(function, at - 1, depth, found);
            }
        }
    }

    /// Adds the functions that a name, used at a token, stands for.
    fn bound_to(&self, function: FunctionId, at: usize, depth: usize, found: &mut Vec<FunctionId>) {
        let code = &self.files[function.file];
        let (name, its) = (code.tokens[at].text, self.function(function));
        if let Some(value) = self.binding(function, at) {
            self.awaited(function, value, depth, found);
        } else if let Some(number) = parameter(code, its.parameters.clone(), name) {
            for (caller, argument) in self.arguments_of(its.name, number) {
                self.awaited(caller, argument, depth, found);
            }
        } else {
            self.add(self.named(name), depth, found);
        }
    }

    /// Adds functions that are awaited, and those whose futures they return if they are not async
    /// themselves.
    fn add(&self, functions: &[FunctionId], depth: usize, found: &mut Vec<FunctionId>) {
        for &id in functions {
            if found.contains(&id) {
                continue;
            }
            found.push(id);
            if !self.function(id).is_async {
                self.awaited(id, self.function(id).body.clone(), depth, found);
            }
        }
    }

    /// The value of the last `let name = value` or `for name in value` before a token.
    fn binding(&self, function: FunctionId, at: usize) -> Option<Range<usize>> {
        let code = &self.files[function.file];
        let name = code.tokens[at].text;
        let body = self.function(function).body.clone();
        let begins = |begin: &usize| {
            code.tokens[*begin].is_word("let") || code.tokens[*begin].is_word("for")
        };
        for begin in (body.start..at).rev().filter(begins) {
            let is_end = |end: &usize| code.tokens[*end].is("=") || code.tokens[*end].is_word("in");
            let pattern = begin + 1..(begin + 1..at).find(is_end).unwrap_or(at);
            let value = pattern.end + 1;
            if pattern.end < at && code.tokens[pattern].iter().any(|token| token.is_word(name)) {
                let end = statement_end(code, value);
                // The name in its own value means an earlier binding.
                if !(value..end).contains(&at) {
                    return Some(value..end);
                }
            }
        }
        None
    }

    /// The argument with a number in each call of a function, with the function that contains the
    /// call.
    fn arguments_of(&self, name: &str, number: usize) -> Vec<(FunctionId, Range<usize>)> {
        let mut calls = Vec::new();
        for (file, code) in self.files.iter().enumerate() {
            for at in 1..code.tokens.len() {
                let is_call = code.tokens[at].is_word(name)
                    && code.token(at + 1).is_some_and(|open| open.is("("))
                    && !code.tokens[at - 1].is_word("fn");
                let Some(outer) = code.function_of(at).filter(|_| is_call) else {
                    continue;
                };
                let arguments = list(code, at + 2..code.partner(at + 1));
                if let Some(argument) = arguments.into_iter().nth(number) {
                    let function = FunctionId {
                        file,
                        number: outer,
                    };
                    calls.push((function, argument));
                }
            }
        }
        calls
    }

    fn is_method(&self, id: FunctionId) -> bool {
        let parameters = self.function(id).parameters.clone();
        let tokens = &self.files[id.file].tokens[parameters];
        tokens.iter().take(5).any(|token| token.is_word("self"))
    }

    /// Whether a place may be executed more than once, or not at all, in one call of its function.
    pub(super) fn is_conditional(&self, place: CodePlace) -> bool {
        let body = self.function(place.function).body.start;
        is_conditional(&self.files[place.function.file], place.token, body)
    }
}

/// A depth-first search for paths.
struct PathSearch<'g, 'a> {
    graph: &'g AwaitGraph<'a>,
    to: CodePlace,
    by: LinkKind,
    /// The places on the way to the function that is visited.
    path: AwaitPath,
    found: Vec<AwaitPath>,
}

impl PathSearch<'_, '_> {
    fn visit(&mut self, entry: &TaskEntry) {
        if self.path.len() >= DEPTH || self.found.len() >= PATHS {
            return;
        }
        let (graph, function) = (self.graph, entry.function);
        if function == self.to.function && entry.within.contains(&self.to.token) {
            self.path.push(self.to);
            self.found.push(self.path.clone());
            self.path.pop();
        }
        let links = match self.by {
            LinkKind::Await => {
                let awaits = graph.awaits(entry).into_iter();
                let awaited = awaits.map(|at| {
                    let begin = graph.expression_start(function.file, at);
                    let mut found = Vec::new();
                    graph.awaited(function, begin..at, DEPTH, &mut found);
                    (at, found)
                });
                awaited.collect()
            }
            LinkKind::Call => graph.calls(entry),
        };
        for (token, called) in links {
            for next in called {
                let on_path = self.path.iter().any(|place| place.function == next);
                if next != function && !on_path {
                    self.path.push(CodePlace { function, token });
                    self.visit(&graph.whole(next));
                    self.path.pop();
                }
            }
        }
    }
}

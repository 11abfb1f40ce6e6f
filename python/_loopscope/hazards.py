"""Finds, in a source, at which `await` a function holds a value that it has read and writes later.

The statements of a function are followed in the order of their evaluation, each branch as if it were
taken. What is noted on the way, in `_Function.events`: which value is read into which variable, which
is tested, where the function awaits, and which value is written from which variables.
"""

import ast
import linecache

#: The functions of a file that have hazards, by the name of the file.
_files = {}


class Hazard:
    """An `await` between the read of a value and its write."""

    def __init__(self, path, first, last, written, is_certain, is_test):
        #: The name of a variable, and what leads from it to the value: attributes and keys.
        self.path, self.first, self.last, self.written = path, first, last, written
        #: The write happens on every way after the `await`.
        self.is_certain = is_certain
        #: The value was only tested.
        self.is_test = is_test


def of_function(code):
    """The hazards of a function."""
    found = _files.get(code.co_filename)
    if found is None:
        found = _files[code.co_filename] = parse("".join(linecache.getlines(code.co_filename)))
    return found.get((code.co_name, code.co_firstlineno), ())


def parse(source):
    """The hazards of each coroutine of a file, by its name and first line."""
    found = {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            first = min([node.lineno, *(outer.lineno for outer in node.decorator_list)])
            hazards = _Function(node).hazards()
            if hazards:
                found[node.name, first] = hazards
    return found


def _path(node):
    """The name of a variable and the attributes and keys after it; `None` if it is not that simple."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        before = _path(node.value)
        return before and (*before, ("attribute", node.attr))
    if isinstance(node, ast.Subscript):
        before, key = _path(node.value), node.slice
        key = getattr(key, "value", key) if key.__class__.__name__ == "Index" else key
        if before and isinstance(key, ast.Constant):
            return (*before, ("key", key.value))
        if before and isinstance(key, ast.Name):
            return (*before, ("name", key.id))
    return None


class _Function:
    """What a coroutine does, in the order of evaluation."""

    def __init__(self, node):
        self.shared = set()
        #: Which values the variables hold, each with the number of its read.
        self.holds = {}
        #: The awaits so far: their lines, the conditions that each is under, and the exits before it.
        self.awaits = []
        #: How many statements so far leave the function or a loop.
        self.exits = 0
        self.reads, self.tests, self.found = {}, {}, []
        self.conditions = ()
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Global, ast.Nonlocal)):
                self.shared.update(inner.names)
        self.block(node.body)

    def hazards(self):
        return tuple(self.found)

    def is_shared(self, path):
        return path is not None and (len(path) > 1 or path[0] in self.shared)

    # ---- statements

    def block(self, statements):
        for statement in statements:
            self.statement(statement)

    def statement(self, node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            return
        if isinstance(node, ast.Assign):
            held = self.expression(node.value)
            for target in node.targets:
                self.assign(target, held)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.assign(node.target, self.expression(node.value))
        elif isinstance(node, ast.AugAssign):
            path = _path(node.target)
            before = self.read(path) if self.is_shared(path) else self.expression(node.target)
            self.assign(node.target, before | self.expression(node.value))
        elif isinstance(node, ast.If):
            tested = self.expression(node.test)
            self.under(node, node.body, {path: at for path, at in tested})
            self.under(node, node.orelse, {path: at for path, at in tested})
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            self.expression(node.iter if hasattr(node, "iter") else node.test)
            if isinstance(node, ast.AsyncFor):
                self.suspends(node.lineno, node.lineno)
            self.under(node, node.body, {})
            self.under(node, node.orelse, {})
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self.expression(item.context_expr)
                if isinstance(node, ast.AsyncWith):
                    self.suspends(item.context_expr.lineno, item.context_expr.lineno)
            self.block(node.body)
        elif isinstance(node, ast.Try) or node.__class__.__name__ == "TryStar":
            self.block(node.body)
            for handler in node.handlers:
                self.under(handler, handler.body, {})
            self.block(node.orelse)
            self.block(node.finalbody)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expression(child)
            self.exits += isinstance(node, (ast.Return, ast.Raise, ast.Break, ast.Continue))

    def suspends(self, first, last):
        self.awaits.append((first, last, self.conditions, self.exits))

    def under(self, node, statements, tests):
        """A block that is executed only sometimes."""
        before, conditions = self.tests, self.conditions
        self.tests, self.conditions = {**before, **tests}, (*conditions, id(node))
        self.block(statements)
        self.tests, self.conditions = before, conditions

    def assign(self, target, held):
        if isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self.assign(part, held)
            return
        path = _path(target)
        if isinstance(target, ast.Name) and not self.is_shared(path):
            self.holds[target.id] = held
        elif self.is_shared(path):
            self.write(path, target.lineno, held)

    # ---- expressions

    def expression(self, node):
        """Evaluates an expression. Returns which values its result is made from, as (path, read)."""
        if isinstance(node, (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)):
            return frozenset()
        if isinstance(node, ast.Await):
            held = self.expression(node.value)
            self.suspends(node.lineno, node.end_lineno)
            # From here on the function has a lock: what was tested before told whether it needs one.
            if getattr(getattr(node.value, "func", None), "attr", "") == "acquire":
                self.tests = {}
            # The result of a call is another value than its arguments.
            return frozenset() if isinstance(node.value, ast.Call) else held
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            left, right = node.left, _path(node.comparators[0])
            if right is not None and isinstance(left, (ast.Name, ast.Constant)):
                self.expression(left)
                key = ("name", left.id) if isinstance(left, ast.Name) else ("key", left.value)
                return self.read((*right, key))
        path = _path(node)
        if isinstance(node, ast.Name) and not self.is_shared(path):
            return self.holds.get(node.id, frozenset())
        if self.is_shared(path):
            return self.read(path)
        held = frozenset()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                held |= self.expression(child)
        return held

    def call(self, node):
        held = frozenset()
        function = node.func
        if isinstance(function, ast.Attribute):
            path = _path(function.value)
            if function.attr == "get" and path and node.args:
                key = node.args[0]
                if isinstance(key, (ast.Name, ast.Constant)):
                    step = ("name", key.id) if isinstance(key, ast.Name) else ("key", key.value)
                    held |= self.read((*path, step))
            elif path is None:
                self.expression(function.value)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            held |= self.expression(argument)
        return held

    # ---- values

    def read(self, path):
        self.reads[path] = len(self.awaits)
        return frozenset([(path, len(self.awaits))])

    def write(self, path, line, held):
        """A value is written from others. It is a hazard if an await came after its own read."""
        read = max((at for of, at in held if of == path), default=None)
        is_test = read is None and path in self.tests
        if is_test:
            read = self.tests[path]
        # A read after the await, such as a second test, is what the write rests on.
        is_newest = read is not None and self.reads.get(path, read) == read
        if is_newest and read < len(self.awaits):
            for first, last, conditions, exits in self.awaits[read:]:
                is_always = conditions[: len(self.conditions)] == self.conditions
                is_certain = is_always and exits == self.exits
                self.found.append(Hazard(path, first, last, line, is_certain, is_test))
        self.reads.pop(path, None)

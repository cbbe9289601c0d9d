"""Bundles the page's modules into two files, because a hundred requests one after the other are slow on a slow network. The first file is
what the page needs for its first paint; the second is what modules load later, with `import()`. Each module becomes a function that is
called once, after the modules that it imports. Only import and export statements are parsed."""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

FIRST, SECOND = "bundle.js", "deferred.js"  # in the same folder

NAMES = r"\{(?P<names>[^{}]*)\}"
IMPORT = re.compile(
    rf"(?:^|(?<=;))import\s*(?:(?P<default>[\w$]+)\s*(?:,\s*)?)?(?:\*\s*as\s+(?P<all>[\w$]+)|{NAMES})?"
    r'\s*(?:\bfrom\s*)?"(?P<path>\.{1,2}/[^"]+)";?',
    re.MULTILINE,
)
EXPORTED = re.compile(rf'(?:^|(?<=[;}}]))export\s*{NAMES}(?:\s*from\s*"(?P<path>[^"]+)")?;?', re.MULTILINE)
DECLARED = re.compile(r"^export\s+(?=(?:async\s+)?(?:function\b\s*\*?|const|class)\s*(?P<name>[\w$]+))", re.MULTILINE)
DEFAULT = re.compile(r"(?:^|(?<=[;}]))export\s+default\s+", re.MULTILINE)
DYNAMIC_IMPORT = re.compile(r'\bimport\(\s*"(?P<path>\.{1,2}/[^"]+)"\s*\)')
FILE_URL = re.compile(r'\bnew URL\(\s*"(?P<path>\.{1,2}/[^"]+)"')
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/[ \t]*)\n", re.MULTILINE)  # only whole lines
HEAD = "// The modules under app/ and vendor/ as one file. The licences of the vendored ones are in vendor/lib/.\n"
UNPARSED = re.compile(r'^(?:import\b(?!\.|\()|export\b).*|\bfrom\s*"\.{1,2}/.*', re.MULTILINE)


class NotUnderstood(Exception):
    """A module has an import or export of an unknown form, imports a missing module, or imports itself through others."""


def bundles(entry: str, sources: Mapping[str, str]) -> dict[str, str]:
    """FIRST: the entry with all modules that it imports. SECOND: all that these load later. SECOND imports a name that only its own FIRST
    exports, so a browser refuses the second file of another deploy. Raises NotUnderstood."""
    first = list(in_order(entry, sources))
    targets = _dynamic_imports(first, sources)
    second = [path for path in dict.fromkeys(path for target in targets for path in in_order(target, sources)) if path not in first]
    numbers = {path: number for number, path in enumerate([*first, *second])}
    wrapped = {path: _wrapped(path, sources[path], numbers) for path in numbers}
    version = f"$version_{hashlib.sha256(''.join(wrapped.values()).encode()).hexdigest()[:12]}"
    shared = ", ".join([version, *(_module(numbers, path) for path in first)])
    deferred = ", ".join(_module(numbers, path) for path in targets)
    imports = f'import {{ {shared} }} from "./{FIRST}";'
    return {
        FIRST: "\n".join([HEAD, *(wrapped[path] for path in first), f"const {version} = true;", f"export {{ {shared} }};"]),
        SECOND: "\n".join([HEAD, imports, *(wrapped[path] for path in second), f"export {{ {deferred} }};"]),
    }


def _dynamic_imports(first: Sequence[str], sources: Mapping[str, str]) -> list[str]:
    """The modules that these load with `import()`, and those that the loaded ones load in turn."""
    targets: list[str] = []
    known = list(first)
    for path in known:  # the list grows
        for target in (_resolved(path, match["path"]) for match in DYNAMIC_IMPORT.finditer(COMMENT.sub("", sources[path]))):
            if target not in targets:
                targets.append(target)
                known += [path for path in in_order(target, sources) if path not in known]
    return targets


def in_order(entry: str, sources: Mapping[str, str]) -> Iterator[str]:
    """The paths of the entry and of all modules that it imports, each after those that it imports itself. Raises NotUnderstood."""
    done: set[str] = set()

    def visit(path: str, above: tuple[str, ...]) -> Iterator[str]:
        if path in above or path not in sources:
            raise NotUnderstood(f"{path}: {'imports itself' if path in above else 'is not there'}, by {' > '.join(above)}")
        for target in imports_of(path, sources[path]):
            if target not in done:
                yield from visit(target, (*above, path))
        done.add(path)
        yield path

    return visit(entry, ())


def imports_of(path: str, source: str) -> list[str]:
    """The paths of the modules that a module imports, without those that it loads with `import()`."""
    names = [match["path"] for pattern in (IMPORT, EXPORTED) for match in pattern.finditer(source)]
    return [_resolved(path, name) for name in names if name]


def _wrapped(path: str, source: str, numbers: Mapping[str, int]) -> str:
    exports: list[str] = []

    def module(name: str) -> str:
        return _module(numbers, _resolved(path, name))

    def replace_import(match: re.Match[str]) -> str:
        return "".join(f"const {pattern} = {module(match['path'])};" for pattern in _bindings(match))

    def remove_export(match: re.Match[str]) -> str:
        origin = f"{module(match['path'])}." if match["path"] else ""
        exports.extend(f"{new}: {origin}{old}" for old, new in _pairs(match["names"]))
        return ""

    def remove_export_keyword(match: re.Match[str]) -> str:
        exports.append(match["name"])
        return ""

    body = IMPORT.sub(replace_import, COMMENT.sub("", source))
    body = DECLARED.sub(remove_export_keyword, EXPORTED.sub(remove_export, body))
    body, defaults = DEFAULT.subn("const $default = ", body)
    exports += ["default: $default"] * defaults
    body = DYNAMIC_IMPORT.sub(lambda match: f'import("./{SECOND}").then((file) => file.{module(match["path"])})', body)
    body = FILE_URL.sub(lambda match: f'new URL("./{_resolved(path, match["path"])}"', body)
    if unparsed := UNPARSED.search(body):
        raise NotUnderstood(f"{path}: {unparsed[0]}")
    return f"// {path}\nconst {_module(numbers, path)} = (() => {{\n{body}\nreturn {{ {', '.join(exports)} }};\n}})();"


def _module(numbers: Mapping[str, int], path: str) -> str:
    return f"$module{numbers[path]}"


def _bindings(match: re.Match[str]) -> Iterator[str]:
    """The names that an import binds, as patterns of a const."""
    if match["default"]:
        yield f"{{ default: {match['default']} }}"
    if match["all"]:
        yield match["all"]
    if match["names"]:
        yield "{ " + ", ".join(old if old == new else f"{old}: {new}" for old, new in _pairs(match["names"])) + " }"


def _pairs(names: str) -> list[tuple[str, str]]:
    """`a, b as c` as (a, a), (b, c)."""
    each = [re.split(r"\s+as\s+", name.strip()) for name in names.split(",") if name.strip()]
    return [(name[0], name[-1]) for name in each]


def _resolved(path: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))

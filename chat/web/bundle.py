"""The page's modules as two files, for a browser that asks for ninety of them one after the other over a slow network is late: those that
the page needs to stand, and those that are imported later, with `import()`. Each module becomes a function that is called once, after those
that it imports. No more of the language is read than the lines of import and export."""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

FIRST, SECOND = "bundle.js", "deferred.js"  # the two files, side by side

NAMES = r"\{(?P<names>[^{}]*)\}"
IMPORT = re.compile(
    rf"(?:^|(?<=;))import\s*(?:(?P<default>[\w$]+)\s*(?:,\s*)?)?(?:\*\s*as\s+(?P<all>[\w$]+)|{NAMES})?"
    r'\s*(?:\bfrom\s*)?"(?P<path>\.{1,2}/[^"]+)";?',
    re.MULTILINE,
)
EXPORTED = re.compile(rf'(?:^|(?<=[;}}]))export\s*{NAMES}(?:\s*from\s*"(?P<path>[^"]+)")?;?', re.MULTILINE)
DECLARED = re.compile(r"^export\s+(?=(?:async\s+)?(?:function\b\s*\*?|const|class)\s*(?P<name>[\w$]+))", re.MULTILINE)
DEFAULT = re.compile(r"(?:^|(?<=[;}]))export\s+default\s+", re.MULTILINE)
LATER = re.compile(r'\bimport\(\s*"(?P<path>\.{1,2}/[^"]+)"\s*\)')
BESIDE = re.compile(r'\bnew URL\(\s*"(?P<path>\.{1,2}/[^"]+)"')
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/[ \t]*)\n", re.MULTILINE)  # those that have their lines to themselves
HEAD = "// The modules under app/ and vendor/ as one file. The licences of what others wrote are in vendor/lib/.\n"
LEFT = re.compile(r'^(?:import\b(?!\.|\()|export\b).*|\bfrom\s*"\.{1,2}/.*', re.MULTILINE)


class NotUnderstood(Exception):
    """A module with an import or export of another form, or of a module that is not there."""


def bundles(entry: str, sources: Mapping[str, str]) -> dict[str, str]:
    """FIRST: the entry with all that it needs. SECOND: what any of it imports later. They fit each other alone: a browser refuses
    the second one of another deploy. Raises NotUnderstood; nothing may import in a circle."""
    first = list(in_order(entry, sources))
    targets = _imported_later(first, sources)
    second = [path for path in dict.fromkeys(path for target in targets for path in in_order(target, sources)) if path not in first]
    numbers = {path: number for number, path in enumerate([*first, *second])}
    wrapped = {path: _wrapped(path, sources[path], numbers) for path in numbers}
    fits = f"$fits_{hashlib.sha256(''.join(wrapped.values()).encode()).hexdigest()[:12]}"
    joint = ", ".join([fits, *(_module(numbers, path) for path in first)])
    later = ", ".join(_module(numbers, path) for path in targets)
    return {
        FIRST: "\n".join([HEAD, *(wrapped[path] for path in first), f"const {fits} = true;", f"export {{ {joint} }};"]),
        SECOND: "\n".join([HEAD, f'import {{ {joint} }} from "./{FIRST}";', *(wrapped[path] for path in second), f"export {{ {later} }};"]),
    }


def _imported_later(first: Sequence[str], sources: Mapping[str, str]) -> list[str]:
    """What any module imports later, also what is imported later itself."""
    targets: list[str] = []
    known = list(first)
    for path in known:  # which grows
        for target in (_resolved(path, match["path"]) for match in LATER.finditer(COMMENT.sub("", sources[path]))):
            if target not in targets:
                targets.append(target)
                known += [needed for needed in in_order(target, sources) if needed not in known]
    return targets


def in_order(entry: str, sources: Mapping[str, str]) -> Iterator[str]:
    """The paths of the modules that are needed, each after those that it needs itself. Raises NotUnderstood."""
    done: set[str] = set()

    def visit(path: str, above: tuple[str, ...]) -> Iterator[str]:
        if path in above or path not in sources:
            raise NotUnderstood(f"{path}: {'imports itself' if path in above else 'is not there'}, by {' > '.join(above)}")
        for needed in imports_of(path, sources[path]):
            if needed not in done:
                yield from visit(needed, (*above, path))
        done.add(path)
        yield path

    return visit(entry, ())


def imports_of(path: str, source: str) -> list[str]:
    found = [match["path"] for pattern in (IMPORT, EXPORTED) for match in pattern.finditer(source)]
    return [_resolved(path, name) for name in found if name]


def _wrapped(path: str, source: str, numbers: Mapping[str, int]) -> str:
    answers: list[str] = []

    def module(name: str) -> str:
        return _module(numbers, _resolved(path, name))

    def imported(found: re.Match[str]) -> str:
        return "".join(f"const {names} = {module(found['path'])};" for names in _bound(found))

    def exported(found: re.Match[str]) -> str:
        of = f"{module(found['path'])}." if found["path"] else ""
        answers.extend(f"{new}: {of}{old}" for old, new in _pairs(found["names"]))
        return ""

    def declared(found: re.Match[str]) -> str:
        answers.append(found["name"])
        return ""

    body = DECLARED.sub(declared, EXPORTED.sub(exported, IMPORT.sub(imported, COMMENT.sub("", source))))
    body, defaults = DEFAULT.subn("const $default = ", body)
    answers += ["default: $default"] * defaults
    body = LATER.sub(lambda found: f'import("./{SECOND}").then((later) => later.{module(found["path"])})', body)
    body = BESIDE.sub(lambda found: f'new URL("./{_resolved(path, found["path"])}"', body)
    if left := LEFT.search(body):
        raise NotUnderstood(f"{path}: {left[0]}")
    return f"// {path}\nconst {_module(numbers, path)} = (() => {{\n{body}\nreturn {{ {', '.join(answers)} }};\n}})();"


def _module(numbers: Mapping[str, int], path: str) -> str:
    return f"$module{numbers[path]}"


def _bound(found: re.Match[str]) -> Iterator[str]:
    """What an import binds, as patterns of a const."""
    if found["default"]:
        yield f"{{ default: {found['default']} }}"
    if found["all"]:
        yield found["all"]
    if found["names"]:
        yield "{ " + ", ".join(old if old == new else f"{old}: {new}" for old, new in _pairs(found["names"])) + " }"


def _pairs(names: str) -> list[tuple[str, str]]:
    """`a, b as c` as (a, a), (b, c)."""
    each = [re.split(r"\s+as\s+", name.strip()) for name in names.split(",") if name.strip()]
    return [(name[0], name[-1]) for name in each]


def _resolved(path: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))

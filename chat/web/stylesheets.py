"""A stylesheet as one file: the files that its entry imports, in that order, without comments and needless white space."""

import posixpath
import re
from collections.abc import Mapping

IMPORT = re.compile(r'^@import "(?P<path>[^"]+)";$', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r'(?P<text>"[^"]*")|\s*(?P<mark>[{};,])\s*|\s+')


def joined(entry: str, sources: Mapping[str, str]) -> str:
    """Raises KeyError if an imported file does not exist."""
    return "".join(minified(sources[path]) for path in imports_of(entry, sources[entry]))


def imports_of(entry: str, source: str) -> list[str]:
    return [posixpath.join(posixpath.dirname(entry), match["path"]) for match in IMPORT.finditer(source)]


def minified(source: str) -> str:
    return SPACE.sub(lambda match: match["text"] or match["mark"] or " ", COMMENT.sub("", source)).strip()

"""The bundle of the page's modules: imports match exports, whatever their names, and unknown syntax is refused."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from chat.web.assets import ENTRY, STATIC
from chat.web.bundle import FIRST, SECOND, NotUnderstood, bundles, in_order

SOURCES = {path.relative_to(STATIC).as_posix(): path.read_text() for path in STATIC.rglob("*.js")}

FORMS = {
    "main.js": """
import { one, two as zwei } from "./parts/a.js";
import * as all from "./parts/a.js";
import whole, { b } from "./b.js";
import "./aside.js";
later().then((late) => console.log(JSON.stringify([one, zwei(), all.three.name, late, whole(1), b, globalThis.aside, all.Four.name])));
async function later() {
  return (await import("./parts/late.js")).late;
}
""",
    "parts/a.js": """
// import { nothing } from "./nowhere.js";
import { again } from "../b.js";
export const one = "1";
export function two() { return again; }
export async function three() {}
export class Four {}
const text = `
  import { a } from "b";
`;
""",
    "b.js": 'const x="b";function f(n){return n+1}export{x as b,x as again};export default function(n){return f(n)}',
    "aside.js": 'globalThis.aside = "aside";\n',
    "parts/late.js": "import { one } from \"./a.js\";\nexport const late = `${'late'} and ${one}`;\n",
}


def printed(entry: Path) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here")
    return subprocess.run([node, entry], capture_output=True, check=True, text=True).stdout


def written(folder: Path, files: Mapping[str, str]) -> None:
    for path, content in {**files, "package.json": '{"type": "module"}'}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(content)


def test_every_form_of_import_and_export_means_the_same_in_the_bundle(tmp_path: Path) -> None:
    """Run by themselves, and as two."""
    written(tmp_path, {**FORMS, **bundles("main.js", FORMS)})
    alone, together = printed(tmp_path / "main.js"), printed(tmp_path / FIRST)
    assert alone == together
    assert '"aside"' in alone and '"late and 1"' in alone


def test_what_is_imported_later_is_in_the_second_file_alone_and_shares_what_is_in_the_first() -> None:
    made = bundles("main.js", FORMS)
    assert ("'late'" in made[FIRST], "'late'" in made[SECOND]) == (False, True)
    assert ('one = "1"' in made[FIRST], 'one = "1"' in made[SECOND]) == (True, False)


def test_the_second_file_of_another_deploy_does_not_load(tmp_path: Path) -> None:
    other = bundles("main.js", {**FORMS, "b.js": FORMS["b.js"] + "\n// changed\n;0;"})
    written(tmp_path, {FIRST: bundles("main.js", FORMS)[FIRST], SECOND: other[SECOND]})
    with pytest.raises(subprocess.CalledProcessError) as refused:
        printed(tmp_path / FIRST)
    assert "does not provide an export" in refused.value.stderr


def test_every_module_comes_after_those_that_it_needs() -> None:
    order = list(in_order("main.js", FORMS))
    assert order.index("b.js") < order.index("parts/a.js") < order.index("main.js")
    assert len(order) == len(set(order)) == 4


@pytest.mark.parametrize(
    "source",
    [
        'export * from "./b.js";\n',
        "export let count = 0;\n",
        "export const { a, b } = pair;\n",
        'import { a } from "elsewhere";\n',
        'import { a } from "./nowhere.js";\n',
        'import { a } from "./main.js";\n',
    ],
)
def test_what_is_not_understood_is_refused(source: str) -> None:
    with pytest.raises(NotUnderstood):
        bundles("main.js", {"main.js": source, "b.js": "export const a = 1;\n"})


def test_nothing_of_the_page_is_left_out_and_what_is_seldom_needed_comes_later() -> None:
    made = bundles(ENTRY, SOURCES)
    first, second = ({path for path in SOURCES if f"// {path}\n" in made[name]} for name in (FIRST, SECOND))
    assert first | second == SOURCES.keys()
    assert first & second == set()
    assert {"vendor/lib/qr.js", "app/text/emoji_table.js", "app/ui/composer/emoji_picker.js", "app/ui/rooms/switcher.js"} < second

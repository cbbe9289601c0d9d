"""Message text: shown as nodes, never as HTML, and quickly for any text. In a real browser."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.harness.server import Server

MOST_ELEMENTS = 1000  # of one message, however it is written
LONGEST = 16 * 1024
DEADLINE_MS = 20_000

SHOW = """
async text => {
    const base = document.querySelector("script[src]").src;
    const {format} = await import(new URL("app/text/format.js", base));
    await import(new URL("app/text/emoji_table.js", base));
    const {h, render} = await import(new URL("vendor/ui.js", base));
    const place = document.createElement("div");
    render(h("div", {class: "message-text"}, format(text, {me: {name: "ada"}, knows: (name) => ["bob", "grace.h"].includes(name)})), place);
    return READ;
}
"""
HTML = SHOW.replace("READ", "place.firstChild.innerHTML")
COUNT = SHOW.replace("READ", "place.querySelectorAll('*').length")
TEXT = SHOW.replace("READ", "place.textContent")
BIDI = SHOW.replace("READ", "getComputedStyle(document.body.appendChild(place).querySelector('p')).unicodeBidi")

Show = Callable[[str], str]


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context()
    opened = context.new_page()
    opened.goto(server.url)
    yield opened
    context.close()


@pytest.fixture
def show(page: Page) -> Show:
    """A text's HTML, of the one paragraph that most are."""

    def shown(text: str) -> str:
        html: str = page.evaluate(HTML, text)
        return html.removeprefix('<p dir="auto">').removesuffix("</p>") if html.count("<p") == 1 else html

    return shown


def link(url: str, text: str | None = None) -> str:
    return f'<a href="{url}" target="_blank" rel="noopener noreferrer"><bdi>{text or url}</bdi></a>'


# What stays text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&lt;b&gt; &amp;", "&amp;lt;b&amp;gt; &amp;amp;"),
        ("**<b>**", "<strong>&lt;b&gt;</strong>"),
        ("`<i>`", '<code dir="auto">&lt;i&gt;</code>'),
    ],
)
def test_markup_is_text(show: Show, text: str, html: str) -> None:
    assert show(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JAVASCRIPT://x%0aalert(1)",
        "data:text/html,<b>",
        "vbscript:x",
        "file:///etc/passwd",
        "[here](javascript:alert(1))",
        "https://",
        "http://[::1",
        "mailto:",
        "xhttps://a.b",
    ],
)
def test_what_is_no_link_of_the_web_is_no_link(page: Page, show: Show, text: str) -> None:
    assert "<a" not in show(text)
    assert page.evaluate(TEXT, text) == text


@pytest.mark.parametrize(
    "text",
    ["2 * 3 * 4", "a*b*c", "snake_case_name", "__init__", "**", "** a **", "a ** b", "*", "****", "~~", "~ a ~", "`", "``a`", "*a", "_a"],
)
def test_marks_that_mark_nothing_stay_as_they_were_written(show: Show, text: str) -> None:
    assert show(text) == text


@pytest.mark.parametrize("text", [":nothing_by_this_name:", "10:30:45", "::", ": smile :", ":SMILE:"])
def test_a_colon_that_names_no_emoji_is_a_colon(show: Show, text: str) -> None:
    assert show(text) == text


@pytest.mark.parametrize("text", ["@nobody", "mail bob@bob", "@", "@@", "a@ada"])
def test_a_name_that_nobody_has_is_no_mention(show: Show, text: str) -> None:
    assert "mention" not in show(text)


def test_a_link_cannot_be_written_backwards(show: Show) -> None:
    assert show("https://a.b/\u202egpj.exe") == f"{link('https://a.b/')}\u202egpj.exe"


# What is marked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold**", "<strong>bold</strong>"),
        ("*it* and _it_", "<em>it</em> and <em>it</em>"),
        ("~~gone~~", "<s>gone</s>"),
        ("***both***", "<strong><em>both</em></strong>"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("*a **b* c**", "<em>a **b</em> c**"),
        ("*a *b*", "*a <em>b</em>"),
        ("(*a*), _b_.", "(<em>a</em>), <em>b</em>."),
        ("这是**重点**内容", "这是<strong>重点</strong>内容"),
        ("**a\nb**", "**a\nb**"),
    ],
)
def test_bold_italic_and_struck(show: Show, text: str, html: str) -> None:
    assert show(text) == html


@pytest.mark.parametrize(
    ("text", "inside"),
    [("`a*b*c`", "a*b*c"), ("`` a`b ``", "a`b"), ("`:smile: @ada`", ":smile: @ada"), ("`https://a.b`", "https://a.b"), ("` `", " ")],
)
def test_code_is_as_it_was_written(show: Show, text: str, inside: str) -> None:
    assert show(text) == f'<code dir="auto">{inside}</code>'


def test_a_fence_holds_lines_of_code(show: Show) -> None:
    fenced = '<p dir="auto">see</p><pre tabindex="0" dir="ltr"><code>a **b**\n  c</code></pre><p dir="auto">end</p>'
    assert show("see\n```python\na **b**\n  c\n```\nend") == fenced


def test_a_fence_that_is_not_closed_goes_to_the_end(show: Show) -> None:
    assert show("```\na\n\nb") == '<pre tabindex="0" dir="ltr"><code>a\n\nb</code></pre>'


def test_quotes_and_quotes_in_quotes(show: Show) -> None:
    inner = '<blockquote><p dir="auto"><em>b</em></p></blockquote>'
    assert show("> a\n>> *b*\nc") == f'<blockquote><p dir="auto">a</p>{inner}</blockquote><p dir="auto">c</p>'


def test_quotes_go_three_deep_and_no_deeper(show: Show) -> None:
    assert show(">" * 1000).count("<blockquote>") == 3


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("https://a.b/c?d=e&f#g", link("https://a.b/c?d=e&amp;f#g")),
        ("HTTP://A.B/c", link("http://a.b/c", "HTTP://A.B/c")),
        ("mailto:ada@a.b", link("mailto:ada@a.b")),
        ("(see https://a.b/c_(d)).", f"(see {link('https://a.b/c_(d)')})."),
        ("https://a.b/c, https://d.e!", f"{link('https://a.b/c')}, {link('https://d.e/', 'https://d.e')}!"),
        ("**https://a.b/c**", f"<strong>{link('https://a.b/c')}</strong>"),
        ("https://a.b/snake_case_name", link("https://a.b/snake_case_name")),
        ("<https://a.b/c>", f"&lt;{link('https://a.b/c')}&gt;"),
        ("https://xn--e1awd7f.com/", link("https://xn--e1awd7f.com/")),
    ],
)
def test_links_open_elsewhere_and_learn_nothing(show: Show, text: str, html: str) -> None:
    assert show(text) == html


def test_a_link_to_a_message_stays_in_the_page(server: Server, show: Show) -> None:
    assert show(f"{server.url}/r/7/123") == f'<a href="/r/7/123" data-own="true"><bdi>{server.url}/r/7/123</bdi></a>'


def test_emoji_by_name(show: Show) -> None:
    assert show(":smile: :+1::tada:") == "😄 👍🎉"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("@ada", '<bdi class="mention mine">@ada</bdi>'),
        ("hi @Ada, and @BOB.", 'hi <bdi class="mention mine">@Ada</bdi>, and <bdi class="mention">@BOB</bdi>.'),
        ("@grace.h.", '<bdi class="mention">@grace.h</bdi>.'),
        ("**@bob**", '<strong><bdi class="mention">@bob</bdi></strong>'),
    ],
)
def test_mentions_of_who_is_known_stand_out(show: Show, text: str, html: str) -> None:
    assert show(text) == html


def test_each_line_takes_its_own_direction(page: Page) -> None:
    assert page.evaluate(BIDI, "שלום **עולם**\nhello") == "plaintext"


# Whatever somebody writes

CRUEL = [
    "*a ",
    "**a ",
    "*a* ",
    "***",
    "_*~~",
    "`",
    "` `` ``` ",
    "x`",
    "http://",
    "http://)",
    "https://a.b ",
    "@a",
    "@ada ",
    "@a.",
    ":a",
    ":smile:",
    ">",
    "> \n",
    "> ```\n",
    "```\n",
    "\n",
    "h",
    "(",
    "𐐷*",
    "\u0301",
    "\u202e",
    "👨‍👩‍👧‍👦",
]


@pytest.mark.parametrize("piece", CRUEL, ids=ascii)
def test_sixteen_kilobytes_of_anything_make_few_nodes(page: Page, piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    assert page.evaluate(COUNT, text) <= MOST_ELEMENTS


FORMATTER = """
(async () => {
    const {format} = await import(new URL("app/text/format.js", document.querySelector("script[src]").src));
    globalThis.format = format;
})()
"""


@pytest.mark.parametrize("piece", CRUEL, ids=ascii)
def test_a_megabyte_of_anything_is_formatted_before_the_deadline(page: Page, piece: str) -> None:
    """Sixty-four times the longest message: work that grows with the square of the length would take minutes."""
    page.evaluate(FORMATTER)
    devtools = page.context.new_cdp_session(page)
    length = 64 * LONGEST
    asked = f"format({json.dumps(piece)}.repeat({length}).slice(0, {length}), {{knows: () => false}}).length"
    answer = devtools.send("Runtime.evaluate", {"expression": asked, "timeout": DEADLINE_MS})
    devtools.detach()
    assert answer["result"].get("value", 0) > 0, answer


def test_nothing_that_was_written_is_lost(page: Page) -> None:
    for text in ("a\n\n  b\t c ", "*a _b **c", "@x :y: `z", "https://a.b). x", "𐐷 *𐐷* é \u202e x"):
        shown = page.evaluate(TEXT, text)
        assert shown == text.replace("*𐐷*", "𐐷")

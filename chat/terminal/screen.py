"""How an open room is laid out on the screen: title, what was said, who is here, a banner when the link is bad, the prompt."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    UIContent,
    UIControl,
    VSplit,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from chat.terminal.telling import COLOURS, DIM, LINK, WARNING, Line, colour_of
from chat.terminal.transcript import Transcript

PEOPLE_COLUMNS = 20
WIDE_COLUMNS = 70  # a narrower screen has no place for a list of people
PROMPT_LINES = 5
WHEEL_LINES = 3
NAMED_TYPING = 3  # of more at a time nobody reads the names
STYLE = Style.from_dict(
    {DIM: "ansibrightblack", WARNING: "bold ansiyellow", LINK: "underline", "title": "reverse", "banner": "reverse ansiyellow"}
    | {colour: f"ansi{colour} bold" for colour in COLOURS}
)
COMMANDS = {"/help": "what one can do here", "/who": "who is here", "/leave": "leave the room", "/quit": "go, and stay a member"}


@dataclass
class View:
    """What there is to show; whoever changes it asks for a new drawing."""

    transcript: Transcript = field(default_factory=lambda: Transcript(get_cwidth))
    title: str = ""
    banner: str = ""
    here: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)  # names to complete
    typing: dict[str, float] = field(default_factory=dict)  # by name, until when (monotonic) it is to be shown


class TranscriptControl(UIControl):
    """The lines that fit, at the bottom of their window; the wheel scrolls."""

    def __init__(self, view: View, scroll: Callable[[int], None]) -> None:
        self.height = 0
        self._view = view
        self._scroll = scroll

    def create_content(self, width: int, height: int) -> UIContent:
        self.height = height
        lines = self._view.transcript.visible(width, height)
        blank: list[Line] = [[] for _ in range(height - len(lines))]
        drawn: list[StyleAndTextTuples] = [[(_class(style), text) for style, text in line] for line in blank + lines]
        return UIContent(get_line=lambda number: drawn[number], line_count=len(drawn), show_cursor=False)

    def mouse_handler(self, mouse_event: MouseEvent) -> object:
        wheel = {MouseEventType.SCROLL_UP: WHEEL_LINES, MouseEventType.SCROLL_DOWN: -WHEEL_LINES}
        if mouse_event.event_type not in wheel:
            return NotImplemented
        self._scroll(wheel[mouse_event.event_type])
        return None


class Names(Completer):
    """Names after an @, and the commands at a line's beginning."""

    def __init__(self, view: View) -> None:
        self._view = view

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        before = document.text_before_cursor
        if re.fullmatch(r"/\w*", before):
            yield from (Completion(name, -len(before), display_meta=says) for name, says in COMMANDS.items() if name.startswith(before))
        if found := re.search(r"@([\w.\-]*)$", before):
            sought = found[1].casefold()
            names = sorted(name for name in self._view.known | set(self._view.here) if name.casefold().startswith(sought))
            yield from (Completion(f"{name} ", -len(found[1]), display=name) for name in names)


def layout(view: View, transcript: TranscriptControl, prompt: Buffer, me: str) -> Layout:
    wide = Condition(lambda: get_app().output.get_size().columns >= WIDE_COLUMNS)
    said = Window(transcript, wrap_lines=False)
    people = VSplit(
        [Window(width=1, char="│", style="class:dim"), Window(FormattedTextControl(lambda: _people(view)), width=PEOPLE_COLUMNS)]
    )
    rows = HSplit(
        [
            Window(FormattedTextControl(lambda: f" {view.title}"), height=1, style="class:title"),
            VSplit([said, ConditionalContainer(people, wide)]),
            ConditionalContainer(
                Window(FormattedTextControl(lambda: f" {_banner(view)}"), height=1, style="class:banner"),
                Condition(lambda: bool(_banner(view))),
            ),
            Window(height=1, char="─", style="class:dim"),
            VSplit([Window(FormattedTextControl([(_class(colour_of(me)), f"{me}> ")]), dont_extend_width=True), _prompt(prompt)]),
        ]
    )
    menu = Float(CompletionsMenu(max_height=8, scroll_offset=1), xcursor=True, ycursor=True)
    return Layout(FloatContainer(rows, [menu]), focused_element=prompt)


def _prompt(prompt: Buffer) -> Window:
    return Window(BufferControl(prompt), wrap_lines=True, dont_extend_height=True, height=Dimension(min=1, max=PROMPT_LINES))


def _people(view: View) -> StyleAndTextTuples:
    head: StyleAndTextTuples = [("class:dim", f" here: {len(view.here)}\n")]
    return head + [(_class(colour_of(name)), f" {_short(name)}\n") for name in view.here]


def _short(name: str) -> str:
    most = PEOPLE_COLUMNS - 2
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _banner(view: View) -> str:
    lines = view.transcript.offset
    below = f"{lines} {'line' if lines == 1 else 'lines'} below: End goes there" if lines else ""
    return " · ".join(filter(None, (view.banner, below, _typing(view))))


def _typing(view: View) -> str:
    names = [name for name, until in view.typing.items() if until > monotonic()]
    if len(names) > NAMED_TYPING:
        return "several people are typing"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} typing" if names else ""


def _class(style: str) -> str:
    return f"class:{style}" if style else ""

"""The layout of an open room: title, timeline, who is here, a banner for a bad connection, the prompt."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
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

from chat.terminal.rendering import COLOURS, DIM, LINK, WARNING, Line, colour_of
from chat.terminal.timeline import Timeline

PEOPLE_COLUMNS = 20
WIDE_COLUMNS = 70  # a narrower screen has no space for the list of people
PROMPT_LINES = 5
WHEEL_LINES = 3
NAMED_TYPING = 3  # with more people typing, their names are not shown
STYLE = Style.from_dict(
    {DIM: "ansibrightblack", WARNING: "bold ansiyellow", LINK: "underline", "title": "reverse", "banner": "reverse ansiyellow"}
    | {colour: f"ansi{colour} bold" for colour in COLOURS}
)


@dataclass
class RoomView:
    """What is shown. Code that changes it must invalidate the application."""

    timeline: Timeline = field(default_factory=lambda: Timeline(get_cwidth))
    title: str = ""
    banner: str = ""
    here: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)  # names for completion
    typing: dict[str, float] = field(default_factory=dict)  # by name, shown until this time (monotonic)


class TimelineControl(UIControl):
    """Shows the lines that fit, at the bottom of its window. The mouse wheel scrolls."""

    def __init__(self, view: RoomView, scroll: Callable[[int], None]) -> None:
        self.height = 0
        self._view = view
        self._scroll = scroll

    def create_content(self, width: int, height: int) -> UIContent:
        self.height = height
        lines = self._view.timeline.visible(width, height)
        blank: list[Line] = [[] for _ in range(height - len(lines))]
        styled: list[StyleAndTextTuples] = [[(_class(style), text) for style, text in line] for line in blank + lines]
        return UIContent(get_line=lambda number: styled[number], line_count=len(styled), show_cursor=False)

    def mouse_handler(self, mouse_event: MouseEvent) -> object:
        wheel = {MouseEventType.SCROLL_UP: WHEEL_LINES, MouseEventType.SCROLL_DOWN: -WHEEL_LINES}
        if mouse_event.event_type not in wheel:
            return NotImplemented
        self._scroll(wheel[mouse_event.event_type])
        return None


def build_layout(view: RoomView, timeline: TimelineControl, prompt: Buffer, me: str) -> Layout:
    wide = Condition(lambda: get_app().output.get_size().columns >= WIDE_COLUMNS)
    people = VSplit(
        [Window(width=1, char="│", style="class:dim"), Window(FormattedTextControl(lambda: _people(view)), width=PEOPLE_COLUMNS)]
    )
    rows = HSplit(
        [
            Window(FormattedTextControl(lambda: f" {view.title}"), height=1, style="class:title"),
            VSplit([Window(timeline, wrap_lines=False), ConditionalContainer(people, wide)]),
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


def _people(view: RoomView) -> StyleAndTextTuples:
    head: StyleAndTextTuples = [("class:dim", f" here: {len(view.here)}\n")]
    return head + [(_class(colour_of(name)), f" {_shorten(name)}\n") for name in view.here]


def _shorten(name: str) -> str:
    length = PEOPLE_COLUMNS - 2
    return name if len(name) <= length else f"{name[: length - 1]}…"


def _banner(view: RoomView) -> str:
    lines = view.timeline.offset
    below = f"{lines} {'line' if lines == 1 else 'lines'} below: End goes there" if lines else ""
    return " · ".join(filter(None, (view.banner, below, _typing(view))))


def _typing(view: RoomView) -> str:
    names = [name for name, until in view.typing.items() if until > monotonic()]
    if len(names) > NAMED_TYPING:
        return "several people are typing"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} typing" if names else ""


def _class(style: str) -> str:
    return f"class:{style}" if style else ""

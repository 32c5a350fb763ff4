"""How an author's text becomes a lesson's HTML; pure, and the same at each call."""

import re
from collections.abc import Callable
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.texmath import texmath_plugin

from apps.content.types import BodyFormat
from learninghub.rich_text import sanitise

_VIDEO = re.compile(r"https://[^\s<>\"'\\]{3,990}")


def html_of(source: str, *, written_in: BodyFormat) -> str:
    """Render what an author wrote to sanitised HTML."""
    return html_from_markdown(source) if written_in is BodyFormat.MARKDOWN else sanitise(source)


def html_from_markdown(text: str) -> str:
    """Render Markdown to sanitised HTML; raw HTML in it stays visible text, formulas keep `\\(…\\)` and `\\[…\\]`."""
    return sanitise(str(_MARKDOWN.render(text)))


def is_video_link(url: str) -> bool:
    """Tell whether a lesson may link to this address as its video: https only."""
    return bool(_VIDEO.fullmatch(url))


def _formula(opening: str, closing: str) -> Callable[[RendererHTML, list[Token], int, OptionsDict, EnvType], str]:
    def render(_renderer: RendererHTML, tokens: list[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
        return f"{opening}{escapeHtml(tokens[at].content.strip())}{closing}"

    return render


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.use(texmath_plugin, delimiters="brackets")
    for name in ("math_inline", "math_single"):
        parser.add_render_rule(name, _formula(r"\(", r"\)"))
    parser.add_render_rule("math_inline_double", _formula(r"\[", r"\]"))
    for name in ("math_block", "math_block_label", "math_block_eqno"):
        parser.add_render_rule(name, _formula(r"<div>\[", r"\]</div>" + "\n"))
    return parser


_MARKDOWN: Final = _markdown()

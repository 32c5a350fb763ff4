"""Markup of the pages that people see: no script, and nothing from elsewhere."""

import base64
import hashlib
from dataclasses import dataclass, field
from html import escape
from typing import Any

from sandbox.stripe.money import shown

_STYLE = """
:root { color-scheme: light; --ink: #1a1f36; --quiet: #545969; --line: #8792a2; --act: #3d35c9; --bad: #b3093c; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; }
.note { margin: 0; padding: .5rem 1rem; background: #ffe8b3; text-align: center; font-size: .875rem; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; display: grid; gap: 2rem; }
@media (min-width: 48rem) { main.two { grid-template-columns: 1fr 1fr; gap: 4rem; padding-top: 3rem; } }
h1 { font-size: 1.125rem; font-weight: 600; color: var(--quiet); margin: 0; }
h2 { font-size: 1.125rem; margin: 0 0 1rem; }
.amount { font-size: 2.25rem; font-weight: 700; margin: 0 0 1.5rem; }
ul { list-style: none; margin: 0; padding: 0; }
.lines li { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem 0; border-top: 1px solid #d5dbe1; }
.lines small { display: block; color: var(--quiet); }
.money { white-space: nowrap; font-variant-numeric: tabular-nums; }
.row { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
label { display: block; font-weight: 600; margin-top: 1rem; }
input { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; border: 1px solid var(--line);
  border-radius: .375rem; }
input[aria-invalid] { border: 2px solid var(--bad); }
.wrong, .alert { color: var(--bad); margin: .25rem 0 0; }
.alert { border: 2px solid; border-radius: .375rem; padding: .75rem 1rem; margin: 0 0 1rem; }
button { width: 100%; min-height: 2.75rem; margin-top: 1.5rem; font: inherit; font-weight: 600; border-radius: .375rem;
  border: 1px solid var(--act); background: var(--act); color: #fff; cursor: pointer; }
button.quiet { background: #fff; color: var(--act); margin-top: .75rem; }
:focus-visible { outline: 3px solid #f5a623; outline-offset: 2px; }
a { color: var(--act); }
table { border-collapse: collapse; font-size: .875rem; margin-top: 1.5rem; width: 100%; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; padding: .25rem .5rem .25rem 0; font-weight: 400; vertical-align: top; }
th { white-space: nowrap; font-variant-numeric: tabular-nums; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "; ".join(
        ("default-src 'none'", f"style-src 'sha256-{_HASH}'", "base-uri 'none'", "frame-ancestors 'none'")
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FIELDS = {
    "email": ("E-mail", 'type="email" autocomplete="email"'),
    "number": ("Card number", 'inputmode="numeric" autocomplete="cc-number" placeholder="4242 4242 4242 4242"'),
    "expiry": ("Expiry (MM/YY)", 'autocomplete="cc-exp" placeholder="12 / 34"'),
    "cvc": ("Security code", 'inputmode="numeric" autocomplete="cc-csc" placeholder="123"'),
}
_TEST_CARDS = (
    ("4242 4242 4242 4242", "pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has insufficient funds"),
    ("4000 0025 0000 3155", "asks you to authenticate (3-D Secure)"),
)


@dataclass(frozen=True)
class Filled:
    """What was typed, and what is wrong with it by field; `alert` is wrong with none in particular."""

    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    alert: str = ""


def session_page(session: dict[str, Any], filled: Filled) -> str:
    total = shown(session["amount_total"], session["currency"])
    email = session["customer_email"]
    typed = filled.typed | ({"email": email} if email else {})
    fields = {name: _field(name, typed.get(name, ""), filled.wrong.get(name, "")) for name in _FIELDS}
    way_out = (
        f'<p><a href="{escape(session["cancel_url"])}">Cancel and go back</a></p>' if session["cancel_url"] else ""
    )
    cards = "".join(f"<tr><th scope=row>{number}</th><td>{what}</td></tr>" for number, what in _TEST_CARDS)
    body = f"""<main class=two>
<section aria-labelledby=what>
<h1 id=what>Your order</h1>
<p class="amount money">{total}</p>
<ul class=lines>{"".join(_line(line) for line in session["_lines"])}</ul>
{way_out}
</section>
<section aria-labelledby=how>
<h2 id=how>Pay by card</h2>
{_alert(filled)}
<form method=post action="/pay/{session["id"]}" novalidate>
{fields["email"]}{fields["number"]}
<div class=row><div>{fields["expiry"]}</div><div>{fields["cvc"]}</div></div>
<button>Pay {total}</button>
</form>
<table><caption>Test cards, with any expiry to come and any code</caption>{cards}</table>
</section>
</main>"""
    is_wrong = bool(filled.wrong or filled.alert)
    return document(f"{'Not paid: ' if is_wrong else ''}Pay {total}", body)


def question_page(intent: dict[str, Any]) -> str:
    amount = shown(intent["amount"], intent["currency"])
    body = f"""<main>
<section aria-labelledby=what>
<h1 id=what>Your bank asks: is this you?</h1>
<p class="amount money">{amount}</p>
<p>A payment with the card that ends in {intent["_card"][-4:]}.</p>
<form method=post>
<button name=answer value=complete>Complete authentication</button>
<button class=quiet name=answer value=fail>Fail authentication</button>
</form>
</section>
</main>"""
    return document(f"Authenticate a payment of {amount}", body)


def notice_page(title: str, text: str, link: str | None = None, label: str = "") -> str:
    return document(title, f"<main><section><h1>{title}</h1><p>{text}</p>{_link(link, label)}</section></main>")


def document(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang=en>
<head>
<meta charset=utf-8>
<meta name=viewport content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<p class=note>Sandbox: no money moves, and no card but a test card is taken.</p>
{body}
</body>
</html>
"""


def _line(line: dict[str, Any]) -> str:
    count = f"<small>{line['quantity']} × {shown(line['price']['unit_amount'], line['currency'])}</small>"
    money = shown(line["amount_total"], line["currency"])
    several = count if line["quantity"] > 1 else ""
    return f"<li><span>{escape(line['description'])}{several}</span><span class=money>{money}</span></li>"


def _field(name: str, typed: str, wrong: str) -> str:
    label, more = _FIELDS[name]
    state = f' aria-invalid=true aria-describedby="{name}-wrong"' if wrong else ""
    told = f'<p class=wrong id="{name}-wrong">{wrong}</p>' if wrong else ""
    # What a card says is not typed back, as a page may be kept.
    value = escape(typed) if name == "email" else ""
    box = f'<input id={name} name={name} required {more} value="{value}"{state}>'
    return f"<label for={name}>{label}</label>{box}{told}"


def _link(url: str | None, label: str) -> str:
    return f'<p><a href="{escape(url)}">{label}</a></p>' if url else ""


def _alert(filled: Filled) -> str:
    words = filled.alert or ("Please look at the marked fields." if filled.wrong else "")
    return f"<p class=alert role=alert>{words}</p>" if words else ""
